"""A member presses Call: their own phone rings, Twilio asks whom to put through, and tells what became of it."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from clinics.people import change_notifications
from clinics.webhook_connections import connect_service
from conftest import Browser
from crm.models import LeadActivity
from crm.tests.factories import LeadFactory
from inbox.calling import NO_ANSWER, note_outcome, put_through_to, start_call
from inbox.consent import opt_out
from inbox.drawing import ThreadDrawing
from inbox.models import Carrier, Channel, ConsentSource, Direction, MessageKind, MessageStatus, UnifiedMessage
from inbox.outbox import drain_outbox
from inbox.rules import NoAccount, NoPhoneOfYourOwn
from inbox.tests.channels.conftest import KEYS, work_off
from inbox.tests.factories import ChannelAccountFactory
from inbox.thread import read_thread
from patients.tests.factories import PatientFactory
from tests.doubles.twilio_messages import ACCOUNT, AUTH_TOKEN, signed_post

OWN, THEIRS, LINE = "+13125550177", "+17735550123", "+13125550100"


@pytest.fixture
def line(clinic, owner, twilio):
    told = connect_service("calling", label="Line", settings={}, secrets={"auth_token": AUTH_TOKEN}, by=owner)
    return ChannelAccountFactory(
        channel=Channel.VOICE, carrier=Carrier.TWILIO, address=LINE, credentials=dict(KEYS), connection=told
    )


@pytest.fixture
def caller(coordinator):
    return change_notifications(coordinator, email="never", phone=OWN)


@pytest.fixture
def lead(clinic):
    return LeadFactory(first_name="Ana", phone=THEIRS, phone_e164=THEIRS)


@pytest.fixture
def call(clinic, line, caller, lead, twilio):
    """A call that was begun, and has reached Twilio."""
    message = start_call(lead, by=caller, key="k")
    assert start_call(lead, by=caller, key="k") == message
    drain_outbox(clinic)
    return UnifiedMessage.objects.get(pk=message.pk)


def tell(clinic, call, twilio, **said):
    fields = {"CallSid": call.external_message_id, "AccountSid": ACCOUNT, "From": LINE, "To": OWN} | said
    answer = signed_post(Browser(), twilio.calls[0]["url"], fields)
    work_off(clinic)
    call.refresh_from_db()
    return answer.content.decode()


def test_the_members_phone_rings_first_and_then_they_are_put_through(clinic, call, twilio):
    [rung] = twilio.calls
    assert (rung["to"], rung["from"], call.status, call.kind) == (OWN, LINE, MessageStatus.SENT, MessageKind.CALL)
    assert not LeadActivity.objects.filter(direction=Direction.OUTBOUND).exists()  # that is logged with its outcome

    said = tell(clinic, call, twilio, CallStatus="in-progress")
    assert f">{THEIRS}</Number>" in said and f'callerId="{LINE}"' in said

    assert "Hangup" in tell(
        clinic, call, twilio, CallStatus="in-progress", DialCallStatus="completed", DialCallDuration="65"
    )
    tell(clinic, call, twilio, CallStatus="completed", CallDuration="80")
    assert (call.metadata["outcome"], call.duration_seconds, call.status) == ("SPOKE", 65, MessageStatus.DELIVERED)


def test_nobody_answers_or_the_member_does_not_pick_up(clinic, call, twilio):
    tell(clinic, call, twilio, CallStatus="in-progress", DialCallStatus="no-answer")
    assert (call.metadata["outcome"], call.duration_seconds) == ("NO_ANSWER", None)

    tell(clinic, call, twilio, CallStatus="no-answer")
    assert (call.status, call.reason) == (MessageStatus.FAILED, "not_picked_up")


def test_nobody_is_put_through_who_wants_no_calls_or_by_an_address_that_is_not_ours(clinic, call, twilio):
    forged = signed_post(Browser(), twilio.calls[0]["url"], {"CallSid": "CA" + "1" * 32}, signature="x")
    other = twilio.calls[0]["url"].replace(str(call.pk), str(call.conversation_id))
    unknown = signed_post(Browser(), other, {"CallSid": "CA" + "2" * 32, "CallStatus": "in-progress"})
    opt_out(Channel.VOICE, THEIRS, source=ConsentSource.PHONE)

    assert (forged.status_code, "Dial" in unknown.content.decode()) == (403, False)
    assert "Dial" not in tell(clinic, call, twilio, CallStatus="in-progress")


def test_without_a_line_or_a_phone_of_ones_own_the_page_shows_the_number(client_of, coordinator, lead, owner, twilio):
    panel = reverse("inbox:lead_panel", args=[lead.pk])
    with pytest.raises(NoAccount):
        start_call(lead, by=coordinator, key="k")
    assert f'href="tel:{THEIRS}"' in client_of(coordinator).get(panel).content.decode()

    told = connect_service("calling", label="Line", settings={}, secrets={"auth_token": AUTH_TOKEN}, by=owner)
    ChannelAccountFactory(channel=Channel.VOICE, carrier=Carrier.TWILIO, connection=told, credentials=dict(KEYS))
    with pytest.raises(NoPhoneOfYourOwn):
        start_call(lead, by=coordinator, key="k")
    assert put_through_to(coordinator)(lead) == ""
    assert f'href="tel:{THEIRS}"' in client_of(coordinator).get(lead.get_absolute_url()).content.decode()


def test_pages_of_leads_and_patients_call_and_a_viewer_may_not(client_of, htmx_of, caller, line, lead, viewer):
    patient = PatientFactory(phone_e164=THEIRS)
    lead_page, patient_page = (
        reverse(f"inbox:{kind}_call", args=[each.pk]) for kind, each in (("lead", lead), ("patient", patient))
    )

    asked = htmx_of(caller).post(lead_page, {"key": "a"})
    plain = client_of(caller).post(patient_page, {"key": "b"})

    assert reverse("crm:card_call", args=[lead.pk]) in asked.content.decode()
    assert (plain.status_code, client_of(viewer).post(lead_page).status_code) == (302, 403)
    assert UnifiedMessage.objects.filter(channel=Channel.VOICE).count() == 2


def test_a_call_that_rings_is_no_missed_one_until_it_was_told_so(clinic, call, coordinator):
    def shown():
        [entry] = ThreadDrawing(call.conversation).of_all(read_thread(call.conversation).entries)
        return entry.words.call, entry.words.is_missed, entry.words.text

    assert shown() == ("Call, being put through", False, "")
    note_outcome(call, NO_ANSWER, None)
    assert shown() == ("Call, nobody answered", True, "")
    UnifiedMessage.objects.update(metadata={"rings": OWN}, happened_at=timezone.now() - timedelta(hours=5))
    assert shown() == ("Call, not put through", False, "")


@pytest.mark.parametrize("page", ["the lead's", "the patient's", "Today"])
def test_whoever_can_be_put_through_is_so_from_the_head_of_each_page(client_of, caller, line, page):
    if page == "the patient's":
        person = PatientFactory(phone_e164=THEIRS)
    else:
        person = LeadFactory(phone=THEIRS, phone_e164=THEIRS, assigned_to=caller, captured_at=timezone.now())
    kind = "patient" if page == "the patient's" else "lead"
    url = reverse("crm:today") if page == "Today" else person.get_absolute_url()

    shown = client_of(caller).get(url).content.decode()

    assert f'action="{reverse(f"inbox:{kind}_call", args=[person.pk])}"' in shown
    assert f'class="button button--primary button--sm" href="tel:{THEIRS}"' not in shown
