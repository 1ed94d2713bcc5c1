"""Calls in the conversation, by way of Twilio: missed and answered ones, spoken messages, and the text back."""

import pytest

from clinics.webhook_connections import connect_service
from conftest import Browser
from crm.models import LeadActivity, LeadSource
from inbox.calls import note_call, note_voicemail
from inbox.models import Channel, InboxSettings, MessageKind, UnifiedMessage
from inbox.tests.channels.conftest import work_off
from inbox.tests.factories import ChannelAccountFactory
from tests.doubles.twilio import Call


@pytest.fixture
def phone(clinic, owner, settings):
    """The clinic's line at Twilio, and its pretend numbers for calls and texts."""
    settings.BASE_URL = "https://desk.example"
    source = LeadSource.objects.create(name="Calls", category="WEB_PAID")
    kept = {"source": str(source.pk), "forward_to": "+13125550199", "takes_voicemail": "True"}
    ChannelAccountFactory(channel=Channel.VOICE, is_default=True)
    ChannelAccountFactory(channel=Channel.SMS, is_default=True)
    InboxSettings.objects.create(missed_call_text="Sorry that we missed you! {clinic}")
    return connect_service("calls", label="Calls", settings=kept, secrets={"auth_token": "auth-token-1"}, by=owner)


@pytest.fixture
def call(phone):
    return Call(Browser(), phone.get_path())


def noted(clinic):
    """What came in, worked off; and what stands of it in conversations."""
    work_off(clinic)
    for activity in LeadActivity.objects.filter(type="PHONE_CALL"):
        note_call(activity.pk)
    return list(UnifiedMessage.objects.order_by("pk"))


def test_whoever_was_missed_gets_one_text(call, clinic):
    call.rings()
    call.of_desk("no-answer")

    noted(clinic)
    missed, text = noted(clinic)

    assert (missed.kind, missed.text, missed.conversation.lead.phone_e164) == (
        MessageKind.CALL,
        "Missed call",
        call.caller,
    )
    assert (text.text, text.channel, text.is_automatic) == (
        f"Sorry that we missed you! {clinic.name}",
        Channel.SMS,
        True,
    )
    assert LeadActivity.objects.filter(type="PHONE_CALL", direction="INBOUND").count() == 1  # not a second one


def test_a_call_that_was_answered_stands_there_and_brings_no_text(call, clinic):
    call.rings()
    assert noted(clinic) == []  # it is still going on
    call.of_desk("completed", 95)

    [spoken] = noted(clinic)

    assert (spoken.text, spoken.duration_seconds) == ("Call", 95)
    assert spoken.conversation.waiting_since is None


def test_a_caller_speaks_on_the_tape(call, clinic, phone):
    call.rings()
    asked = call.of_desk("no-answer").content.decode()
    call.post(
        RecordingUrl="https://api.twilio.com/2010-04-01/Accounts/AC1/Recordings/RE1", RecordingSid="RE1",
        RecordingDuration=21,
    )  # fmt: skip
    work_off(clinic)
    note_voicemail(phone.webhooks.get(event_type="voicemail").pk)

    message = UnifiedMessage.objects.get(kind=MessageKind.VOICEMAIL)
    assert "<Record" in asked and 'maxLength="180"' in asked
    assert (message.duration_seconds, message.attachments.get().name) == (21, "voicemail.mp3")
