import pytest

from clinics.audit import SYSTEM
from clinics.models import StaffNotification
from conftest import next_door
from crm.tests.factories import LeadFactory
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
from inbox.tests.factories import ChannelAccountFactory, ContactConsentFactory

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


def test_stop_from_a_second_number_or_by_letter_stops_that_and_leaves_the_others(clinic, desk, day):
    lead = LeadFactory(phone_e164=NUMBER, phone_alt_e164="+17735550102", email="ana@x.com", email_norm="ana@x.com")
    mailbox = ChannelAccountFactory(channel="EMAIL", address="desk@clinic.example")
    assert say(desk, "Hello", "SM0").conversation.lead == lead

    receive_message(desk, Incoming("SM1", "+17735550102", text="STOP"))
    receive_message(mailbox, Incoming("m1", "ana@x.com", text="Stop.", subject="Re: Your visit"))

    asked = [("SMS", NUMBER), ("SMS", "+17735550102"), ("EMAIL", "ana@x.com"), ("VOICE", NUMBER)]
    assert [may_send(*place, Purpose.CARE).reason for place in asked] == ["", "opted_out", "opted_out", ""]


def test_stop_at_one_clinic_leaves_the_clinic_next_door_alone(desk, day, other_clinic):
    say(desk, "STOP")

    with next_door(other_clinic):
        assert may_send("SMS", NUMBER, Purpose.CARE).reason == ""
    assert may_send("SMS", NUMBER, Purpose.CARE).reason == "opted_out"


@pytest.mark.parametrize("text", ["please stop texting me", "No me manden más mensajes", "take me off your list"])
def test_a_refusal_that_is_no_single_word_stops_nothing_for_good_and_lets_nothing_go(desk, day, text):
    say(desk, text)

    permission = may_send("SMS", NUMBER, Purpose.REPLY)
    assert (permission.reason, permission.waits) == ("refusal_to_read", True)
    assert not ContactConsent.objects.exists()


def test_stop_all_stops_where_it_came_from_and_holds_the_rest_until_somebody_has_read_it(desk, day):
    LeadFactory(phone_e164=NUMBER, email="ana@x.com", email_norm="ana@x.com")

    say(desk, "STOP ALL")

    standing = Suppression.objects.standing().values_list("channel", "reason")
    assert sorted(standing) == [("EMAIL", "REFUSAL"), ("SMS", "STOP"), ("VOICE", "REFUSAL")]


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
