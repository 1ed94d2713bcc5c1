"""Calls by way of Twilio: the signature, what the caller hears, and one entry a call that only rises."""

from itertools import permutations

import pytest
from django.utils import timezone

from clinics.models import WebhookLog
from clinics.webhook_processing import process_webhooks
from conftest import Browser
from crm.models import ActivityType, Lead, LeadActivity, LeadTask
from crm.tests.factories import LeadFactory
from tests.doubles.twilio import Call


@pytest.fixture
def phone(connected, settings):
    settings.BASE_URL = "https://desk.example"
    return connected("calls", forward_to="+13125550199", short_seconds="10")


@pytest.fixture
def call(phone):
    """call(...): a call to the clinic's number, ready to ring."""
    return lambda **facts: Call(Browser(), phone.get_path(), **facts)


@pytest.fixture
def work(clinic):
    """Work off all news in the order in which it came."""
    return lambda: process_webhooks(clinic, list(WebhookLog.objects.order_by("pk").values_list("pk", flat=True)))


def entries():
    return list(
        LeadActivity.objects.filter(type=ActivityType.PHONE_CALL).values_list(
            "direction", "outcome", "duration_minutes"
        )
    )


def call_backs():
    """How many tasks ask to call somebody back; a stage may have tasks of its own."""
    return LeadTask.objects.filter(title="Missed call: call back").count()


def test_a_call_rings_at_the_desk_and_ends_politely_when_nobody_answers(call, clinic, phone):
    ringing, missed, over = call().rings(), call().of_desk("no-answer"), call().ends()

    path = phone.get_path()
    assert f'<Dial action="https://desk.example{path}" method="POST" timeout="25">' in ringing.content.decode()
    assert "<Number>+13125550199</Number>" in ringing.content.decode()
    assert f"Thank you for calling {clinic.name}." in missed.content.decode()
    assert over.content.decode().endswith("<Response />")
    assert ringing["Content-Type"] == "text/xml"


def test_without_a_desk_callers_hear_the_words_of_the_clinic(connected, settings):
    spoken = connected("calls", greeting="We are at lunch.")

    answer = Call(Browser(), spoken.get_path()).rings().content.decode()

    assert "We are at lunch." in answer
    assert "<Dial" not in answer


def test_the_signature_covers_the_public_address_whatever_host_was_named(phone, call):
    assert call().rings().status_code == 200
    assert call(auth_token="another").rings().status_code == 403
    assert call().post(signature="", CallStatus="ringing").status_code == 403
    phone.refresh_from_db()
    assert (phone.received_count, phone.refused_count) == (1, 2)


def test_a_new_caller_becomes_a_lead_with_a_phone_alone(call, work, lead_source):
    call().rings()
    work()

    lead = Lead.objects.get()
    assert (lead.phone_e164, lead.first_name, lead.source, lead.assigned_to is not None) == (
        "+13125550147",
        "",
        lead_source,
        True,
    )
    assert entries() == [("INBOUND", "", None)]


def test_a_known_caller_gets_an_entry_and_no_second_card(call, work, clinic):
    lead = LeadFactory(phone="(312) 555-0147", phone_e164="+13125550147")

    call().rings()
    call().of_desk("completed", 95)
    work()

    assert (Lead.objects.count(), entries()) == (1, [("INBOUND", "SPOKE", 2)])
    lead.refresh_from_db()
    assert (lead.first_contacted_at is not None, lead.status) == (True, "ACTIVE")


NEWS = {
    "rings": lambda call: call.rings(),
    "desk": lambda call: call.of_desk("no-answer"),
    "over": lambda call: call.ends(seconds=31),
}


@pytest.mark.parametrize("order", list(permutations(NEWS)))
def test_news_in_any_order_ends_as_one_missed_call_with_one_task(call, work, order):
    for name in order:
        NEWS[name](call())
        work()

    assert entries() == [("INBOUND", "NO_ANSWER", None)]
    assert (Lead.objects.count(), call_backs()) == (1, 1)


def test_a_caller_who_only_heard_our_words_has_missed_us_however_long(connected, work):
    path = connected("calls").get_path()
    for order in ((0, 1), (1, 0)):
        call = Call(Browser(), path, sid=f"CA{order[0]}" + "2" * 31)
        for step in order:
            [call.rings, lambda call=call: call.ends(seconds=40)][step]()
            work()

    assert {outcome for _direction, outcome, _minutes in entries()} == {"NO_ANSWER"}


def test_a_call_of_which_only_the_end_is_told_was_taken_elsewhere(connected, work):
    elsewhere = connected("calls")
    Call(Browser(), elsewhere.get_path()).ends(seconds=61)
    work()

    assert entries() == [("INBOUND", "SPOKE", 2)]


def test_the_desk_knows_better_than_the_end_of_the_call(call, work):
    """The whole call was short, the desk did speak to them: what seemed missed is taken back with its task."""
    call().ends(seconds=5)
    work()
    assert (entries(), call_backs()) == ([("INBOUND", "NO_ANSWER", None)], 1)

    call().of_desk("completed", 65)
    work()

    assert (entries(), call_backs()) == ([("INBOUND", "SPOKE", 2)], 0)


@pytest.mark.parametrize(("status", "seconds"), [("busy", 0), ("failed", 0), ("canceled", 3), ("completed", 9)])
def test_busy_failed_and_short_calls_are_missed(call, work, status, seconds):
    call().ends(status=status, seconds=seconds)
    work()

    assert entries() == [("INBOUND", "NO_ANSWER", None)]


@pytest.mark.parametrize("caller", ["anonymous", "Restricted", "+266696687", "+7378742833", ""])
def test_a_caller_without_a_number_never_makes_a_lead(call, work, caller):
    call(caller=caller).rings()
    work()

    assert (Lead.objects.count(), WebhookLog.objects.get().status) == (0, "IGNORED")


def test_calls_of_ours_to_somebody_are_none_of_this(call, work):
    call().post(CallStatus="completed", Direction="outbound-api")
    work()

    assert (Lead.objects.count(), WebhookLog.objects.get().status) == (0, "IGNORED")


def test_somebody_who_became_a_patient_is_not_made_a_lead_again_and_the_card_stays_locked(call, work, clinic):
    lead = LeadFactory(phone_e164="+13125550147", status="CONVERTED", converted_at=timezone.now())
    before = lead.updated_at

    call().of_desk("no-answer")
    work()

    lead.refresh_from_db()
    assert (Lead.objects.count(), lead.updated_at, entries()) == (1, before, [("INBOUND", "NO_ANSWER", None)])
    assert call_backs() == 0


def test_the_same_news_twice_is_one(call, work):
    call().rings()
    call().rings()
    work()

    assert (WebhookLog.objects.count(), entries()) == (1, [("INBOUND", "", None)])


def test_a_request_without_a_call_is_refused(call):
    assert call(sid="nonsense").rings().status_code == 400
