import pytest

from clinics.audit import SYSTEM
from clinics.models import StaffNotification
from inbox.consent import may_send
from inbox.models import (
    Carrier,
    ContactConsent,
    InboxSettings,
    MessageStatus,
    Purpose,
    SandboxDelivery,
    Suppression,
    UnifiedMessage,
)
from inbox.outbox import drain_outbox
from inbox.planning import plan_message
from inbox.receiving import Incoming, receive_message
from inbox.tests.factories import ContactConsentFactory

NUMBER = "+17735550101"


@pytest.fixture
def day(desk):
    desk.per_second = 100
    desk.save()
    InboxSettings.objects.create(quiet_from="00:00", quiet_until="00:00", most_a_day=9)


def say(desk, text, id="SM1", **metadata):
    return receive_message(desk, Incoming(id, NUMBER, text=text, metadata=metadata))


def plan(conversation, key, purpose=Purpose.CARE):
    return plan_message(conversation, channel="SMS", text=key, by=SYSTEM, dedupe_key=key, purpose=purpose)


def stand(message):
    message.refresh_from_db()
    return message.status, message.reason


def test_stop_ends_everything_that_is_planned_and_is_confirmed_once(clinic, desk, day):
    conversation = say(desk, "Hello", "SM0").conversation
    planned = plan(conversation, "reminder")

    say(desk, "Stop.")
    say(desk, "STOP", "SM2")
    drain_outbox(clinic)

    assert stand(planned) == (MessageStatus.SUPPRESSED, "opted_out")
    [delivery] = SandboxDelivery.objects.all()
    assert "no more messages" in delivery.text
    assert Suppression.objects.standing().get().reason == "STOP"
    standing = ContactConsent.objects.standing().values_list("purpose", "state", "source")
    assert sorted(standing) == [("CARE", "OPTED_OUT", "MESSAGE"), ("NEWS", "OPTED_OUT", "MESSAGE")]
    assert ContactConsent.objects.first().proof["words"] == "Stop."


def test_stop_in_spanish_is_confirmed_in_spanish(clinic, desk, day):
    say(desk, "BAJA")
    drain_outbox(clinic)

    assert "no recibe más mensajes" in SandboxDelivery.objects.get().text


def test_start_lets_care_go_again_and_news_only_to_who_had_agreed_to_them(clinic, desk, day):
    say(desk, "STOP", "SM1")
    say(desk, "START", "SM2")

    assert may_send("SMS", NUMBER, Purpose.CARE).reason == ""
    assert may_send("SMS", NUMBER, Purpose.NEWS).reason == "opted_out"


def test_start_brings_back_the_news_of_who_had_agreed(clinic, desk, day):
    ContactConsentFactory(address=NUMBER)
    say(desk, "STOP", "SM1")
    say(desk, "unstop", "SM2")

    assert may_send("SMS", NUMBER, Purpose.NEWS).reason == ""


def test_yes_answers_a_question_unless_they_had_stopped(desk, day):
    say(desk, "yes")

    assert not ContactConsent.objects.exists()


def test_a_carrier_that_answers_itself_is_not_doubled(clinic, desk, day):
    desk.carrier = Carrier.TWILIO
    desk.save()
    say(desk, "Basta ya", opt_out_type="STOP")

    assert may_send("SMS", NUMBER, Purpose.CARE).reason == "opted_out"
    assert not UnifiedMessage.objects.outbound().exists()


def test_a_refusal_in_other_words_holds_what_is_planned_and_calls_somebody(clinic, desk, day, owner):
    conversation = say(desk, "Hello", "SM0").conversation
    planned = plan(conversation, "reminder")

    say(desk, "Please stop texting me")
    drain_outbox(clinic)

    conversation.refresh_from_db()
    assert stand(planned) == (MessageStatus.PENDING, "refusal_to_read")
    assert conversation.is_urgent
    assert Suppression.objects.standing().get().detail == "Please stop texting me"
    assert StaffNotification.objects.get(member=owner).kind == "refusal"
    assert not SandboxDelivery.objects.exists()


def test_help_is_answered(clinic, desk, day):
    say(desk, "HELP")
    drain_outbox(clinic)

    assert "STOP" in SandboxDelivery.objects.get().text
