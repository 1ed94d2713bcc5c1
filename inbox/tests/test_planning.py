from datetime import timedelta

import pytest
from django.utils import timezone

from clinics.audit import SYSTEM
from clinics.models import AuditLog
from crm.models import LeadActivity, LeadStatus
from crm.tests.factories import LeadFactory
from inbox.conversations import conversation_with
from inbox.models import Direction, MessageStatus, Purpose, UnifiedConversation, UnifiedMessage
from inbox.planning import UNDO_SECONDS, cancel_message, plan_message, resend_message
from inbox.receiving import Incoming, receive_message
from inbox.rules import AlreadyGone, NoAccount, NobodyToWriteTo, NothingToSay, NotToBeSentAgain
from inbox.tests.factories import ChannelAccountFactory, ConversationFactory

NUMBER = "+17735550123"


@pytest.fixture
def lead(clinic):
    return LeadFactory(phone=NUMBER, phone_e164=NUMBER)


@pytest.fixture
def asked(desk, lead):
    """A conversation in which a lead waits for an answer."""
    conversation = receive_message(desk, Incoming("SM1", NUMBER, text="Is Friday free?")).conversation
    conversation.refresh_from_db()
    return conversation


def reply(conversation, by, text="Yes, at ten.", key="draft-1", **facts):
    return plan_message(conversation, channel="SMS", text=text, by=by, dedupe_key=key, **facts)


def test_an_answer_waits_for_the_seconds_in_which_it_can_be_taken_back(asked, desk, coordinator):
    before = timezone.now()

    message = reply(asked, coordinator)

    assert (message.status, message.direction) == (MessageStatus.PLANNED, Direction.OUTBOUND)
    assert (message.account, message.address, message.by) == (desk, NUMBER, coordinator)
    assert message.not_before >= before + timedelta(seconds=UNDO_SECONDS)
    assert AuditLog.objects.filter(action="inbox.message.planned", actor=coordinator).count() == 1


def test_an_answer_stops_the_clock_shows_in_the_list_and_is_the_first_contact_of_the_lead(asked, lead, coordinator):
    assert asked.waiting_since is not None

    reply(asked, coordinator)

    asked.refresh_from_db()
    lead.refresh_from_db()
    assert (asked.waiting_since, asked.answer_due_at) == (None, None)
    assert asked.first_answered_at is not None
    assert (asked.last_message_preview, asked.last_direction) == ("Yes, at ten.", "OUTBOUND")
    activity = LeadActivity.objects.get(lead=lead, direction="OUTBOUND")
    assert (activity.by, activity.payload["automatic"]) == (coordinator, False)
    assert (lead.first_contacted_at, lead.status) == (activity.occurred_at, LeadStatus.ACTIVE)


def test_an_automatic_message_answers_nobody_and_is_no_contact(asked, lead, coordinator):
    reply(asked, SYSTEM, is_automatic=True, purpose=Purpose.CARE)

    asked.refresh_from_db()
    lead.refresh_from_db()
    assert asked.waiting_since is not None
    assert lead.first_contacted_at is None
    activity = LeadActivity.objects.get(lead=lead, direction="OUTBOUND")
    assert (activity.by, activity.payload["automatic"]) == (None, True)


def test_the_same_intent_twice_is_one_message(asked, coordinator):
    assert reply(asked, coordinator) == reply(asked, coordinator, text="Yes, at eleven.")

    assert UnifiedMessage.objects.outbound().get().text == "Yes, at ten."
    asked.refresh_from_db()
    assert asked.message_count == 2


def test_an_answer_that_is_taken_back_leaves_everything_as_it_was(asked, lead, coordinator):
    message = reply(asked, coordinator)

    cancel_message(message, by=coordinator)
    cancel_message(message, by=coordinator)

    before = (asked.waiting_since, asked.answer_due_at, asked.first_answered_at, asked.last_message_preview)
    asked.refresh_from_db()
    lead.refresh_from_db()
    after = (asked.waiting_since, asked.answer_due_at, asked.first_answered_at, asked.last_message_preview)
    assert after == before
    assert (lead.first_contacted_at, lead.status) == (None, LeadStatus.NEW)
    assert AuditLog.objects.filter(action="inbox.message.cancelled").count() == 1


def test_taking_back_one_of_two_answers_leaves_them_answered(asked, coordinator):
    first, _second = reply(asked, coordinator), reply(asked, coordinator, key="draft-2")

    cancel_message(first, by=coordinator)

    asked.refresh_from_db()
    assert asked.waiting_since is None


def test_what_is_being_sent_is_not_taken_back(asked, coordinator):
    message = reply(asked, coordinator)
    UnifiedMessage.objects.filter(pk=message.pk).update(status=MessageStatus.SENT)

    with pytest.raises(AlreadyGone):
        cancel_message(message, by=coordinator)


def test_what_is_planned_for_later_answers_when_it_goes(asked, coordinator):
    tomorrow = timezone.now() + timedelta(days=1)

    message = reply(asked, coordinator, not_before=tomorrow)

    asked.refresh_from_db()
    assert (message.not_before, message.happened_at) == (tomorrow, tomorrow)
    assert asked.waiting_since is not None
    assert asked.last_message_preview == "Is Friday free?"


def test_what_failed_is_sent_again_once_as_a_message_of_its_own(asked, coordinator):
    message = reply(asked, coordinator)
    with pytest.raises(NotToBeSentAgain):
        resend_message(message, by=coordinator)
    UnifiedMessage.objects.filter(pk=message.pk).update(status=MessageStatus.FAILED)

    again = resend_message(message, by=coordinator)

    assert again == resend_message(message, by=coordinator)
    assert (again.text, again.address, again.status) == ("Yes, at ten.", NUMBER, MessageStatus.PLANNED)
    assert again != message


def test_who_has_no_number_cannot_be_texted(desk, coordinator):
    lead = LeadFactory(phone="", phone_e164="", email="quiet@example.com", email_norm="quiet@example.com")

    with pytest.raises(NobodyToWriteTo):
        reply(conversation_with(lead), coordinator)


def test_without_an_account_nothing_is_planned(clinic, lead, coordinator):
    with pytest.raises(NoAccount):
        reply(conversation_with(lead), coordinator)


def test_nothing_is_not_sent(asked, coordinator):
    with pytest.raises(NothingToSay):
        reply(asked, coordinator, text="  ")


def test_an_unknown_number_is_answered_where_it_wrote_from(desk, coordinator):
    conversation = ConversationFactory(unknown_address=NUMBER)

    assert reply(conversation, coordinator).address == NUMBER
    assert UnifiedConversation.objects.get(pk=conversation.pk).channels == ["SMS"]


def test_an_answer_goes_by_the_account_that_they_wrote_to(desk, lead, coordinator):
    other = ChannelAccountFactory(address="+13125550111", label="Second desk")
    conversation = receive_message(other, Incoming("SM9", NUMBER, text="Hello?")).conversation

    assert reply(conversation, coordinator).account == other
