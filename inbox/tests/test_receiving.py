from datetime import timedelta

import pytest
from django.utils import timezone

from crm.models import LeadActivity
from crm.tests.factories import LeadFactory
from inbox.conversations import conversation_with, match_conversation, remember_address
from inbox.models import ConversationStatus, UnifiedConversation, UnifiedMessage
from inbox.receiving import Incoming, receive_message
from inbox.rules import ConversationOfAnother
from inbox.tests.factories import ConversationFactory
from patients.tests.factories import PatientFactory

NUMBER = "+17735550123"


def text(words="Hello", id="SM1", **facts):
    return Incoming(external_id=id, address=NUMBER, text=words, **facts)


def test_a_stranger_opens_a_conversation_that_waits_to_be_matched(desk):
    message = receive_message(desk, text("Do you take walk-ins?"))

    conversation = message.conversation
    conversation.refresh_from_db()
    assert conversation.is_unmatched
    assert (conversation.unknown_address, conversation.unread_count) == (NUMBER, 1)
    assert conversation.last_message_preview == "Do you take walk-ins?"
    assert conversation.waiting_since == message.happened_at
    assert conversation.answer_due_at > conversation.waiting_since


def test_a_message_that_is_told_twice_is_one(desk):
    first, again = receive_message(desk, text()), receive_message(desk, text())

    assert first == again
    assert UnifiedMessage.objects.count() == 1
    assert UnifiedConversation.objects.get().unread_count == 1


def test_a_lead_is_found_by_the_number_and_the_message_stands_on_their_page(desk):
    lead = LeadFactory(phone=NUMBER, phone_e164=NUMBER)

    message = receive_message(desk, text("Is Friday free?"))

    assert message.conversation.lead == lead
    activity = LeadActivity.objects.get(lead=lead, type="SMS")
    assert (activity.notes, activity.direction) == ("Is Friday free?", "INBOUND")
    lead.refresh_from_db()
    assert lead.unread_count == 1
    assert lead.first_contacted_at is None  # nobody of the clinic has spoken to them yet


def test_a_household_is_met_in_the_conversation_of_who_decides(desk):
    parent = PatientFactory(phone=NUMBER, phone_e164=NUMBER)
    PatientFactory(phone=NUMBER, phone_e164=NUMBER, responsible_party=parent)

    assert receive_message(desk, text()).conversation.patient == parent


def test_an_answer_goes_where_the_clinic_last_wrote_from(desk):
    parent = PatientFactory(phone=NUMBER, phone_e164=NUMBER)
    child = PatientFactory(phone=NUMBER, phone_e164=NUMBER, responsible_party=parent)
    receive_message(desk, text(id="SM1"))
    of_child = conversation_with(child)
    remember_address(of_child, "SMS", NUMBER, outbound_at=timezone.now())

    assert receive_message(desk, text(id="SM2")).conversation == of_child


def test_a_resolved_conversation_opens_again(desk):
    conversation = receive_message(desk, text(id="SM1")).conversation
    UnifiedConversation.objects.update(status=ConversationStatus.RESOLVED, waiting_since=None)

    receive_message(desk, text(id="SM2"))

    conversation.refresh_from_db()
    assert conversation.status == ConversationStatus.ACTIVE


def test_an_automatic_answer_opens_nothing_and_starts_no_clock(desk):
    conversation = receive_message(desk, text(id="SM1")).conversation
    UnifiedConversation.objects.update(status=ConversationStatus.RESOLVED, waiting_since=None)

    receive_message(desk, text("I am out of office", id="SM2", is_automatic=True))

    conversation.refresh_from_db()
    assert (conversation.status, conversation.waiting_since) == (ConversationStatus.RESOLVED, None)


def test_an_old_message_that_comes_late_does_not_become_the_newest(desk):
    receive_message(desk, text("newest", id="SM1"))
    receive_message(desk, text("older", id="SM2", happened_at=timezone.now() - timedelta(hours=1)))

    assert UnifiedConversation.objects.get().last_message_preview == "newest"


def test_a_stranger_is_matched_by_hand(desk, coordinator):
    conversation = receive_message(desk, text()).conversation
    lead = LeadFactory()

    match_conversation(conversation, lead, by=coordinator)

    conversation.refresh_from_db()
    assert (conversation.lead, conversation.person_name) == (lead, lead.display_name)
    assert receive_message(desk, text(id="SM2")).conversation == conversation


def test_a_person_with_a_conversation_is_not_given_a_second(desk, coordinator):
    conversation = receive_message(desk, text()).conversation
    lead = LeadFactory()
    conversation_with(lead)

    with pytest.raises(ConversationOfAnother):
        match_conversation(conversation, lead, by=coordinator)


def test_a_stranger_whose_conversation_was_begun_otherwise_has_no_second_one(desk):
    known = ConversationFactory(unknown_address=NUMBER)

    assert receive_message(desk, text()).conversation == known
