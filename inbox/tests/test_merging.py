from datetime import timedelta

import pytest
from django.utils import timezone

from crm.tests.factories import LeadFactory
from inbox.conversations import conversation_with, remember_address
from inbox.merging import merge_conversations, part_conversations
from inbox.models import ConversationNote, Direction, MessageStatus, UnifiedConversation
from inbox.receiving import Incoming, receive_message
from inbox.rules import NotMergedHere, NotWithItself, TwoPeople
from inbox.tests.factories import ConversationFactory, MessageFactory


@pytest.fixture
def lead(clinic):
    return LeadFactory()


def test_merging_brings_messages_notes_and_the_clock_and_parting_takes_them_away_again(coordinator, lead):
    ours, theirs = conversation_with(lead), ConversationFactory()
    MessageFactory(conversation=ours, text="first", happened_at=timezone.now() - timedelta(days=1))
    MessageFactory(conversation=theirs, text="second", channel="WHATSAPP")
    ConversationNote.objects.create(conversation=theirs, text="calls back on Friday")
    theirs.waiting_since = timezone.now()
    theirs.save()

    merge_conversations(ours, theirs, by=coordinator)

    ours.refresh_from_db()
    assert [each.text for each in ours.messages.order_by("happened_at")] == ["first", "second"]
    assert (ours.message_count, ours.unread_count, ours.channels) == (2, 2, ["SMS", "WHATSAPP"])
    assert (ours.last_message_preview, ours.waiting_since) == ("second", theirs.waiting_since)
    assert ours.notes.count() == 1
    assert theirs not in UnifiedConversation.objects.present()

    part_conversations(theirs, by=coordinator)

    theirs.refresh_from_db()
    ours.refresh_from_db()
    assert [each.text for each in theirs.messages.all()] == ["second"]
    assert theirs.notes.count() == 1
    assert (ours.message_count, ours.last_message_preview) == (1, "first")


def test_three_that_were_merged_are_parted_in_any_order(coordinator, lead):
    a, b, c = conversation_with(lead), ConversationFactory(), ConversationFactory()
    MessageFactory(conversation=c, text="of c")
    merge_conversations(b, c, by=coordinator)
    merge_conversations(a, b, by=coordinator)

    part_conversations(b, by=coordinator)
    part_conversations(c, by=coordinator)

    assert [each.text for each in c.messages.all()] == ["of c"]


def test_what_a_stranger_writes_after_the_merge_comes_to_the_one_that_is_left(desk, coordinator, lead):
    stranger = receive_message(desk, Incoming(external_id="1", address="+17735550123", text="hello")).conversation
    ours = conversation_with(lead)

    merge_conversations(ours, stranger, by=coordinator)

    again = receive_message(desk, Incoming(external_id="2", address="+17735550123", text="still me"))
    assert again.conversation == ours


def test_what_was_read_before_stays_read(coordinator, lead):
    ours, theirs = conversation_with(lead), ConversationFactory()
    MessageFactory(conversation=ours, happened_at=timezone.now() - timedelta(hours=2))
    answer = {"direction": Direction.OUTBOUND, "status": MessageStatus.SENT, "by": coordinator}
    MessageFactory(conversation=ours, happened_at=timezone.now() - timedelta(hours=1), **answer)
    MessageFactory(conversation=theirs)

    merge_conversations(ours, theirs, by=coordinator)

    ours.refresh_from_db()
    assert ours.unread_count == 1


def test_conversations_of_two_present_people_are_not_merged(coordinator, lead):
    ours, theirs = conversation_with(lead), conversation_with(LeadFactory())
    remember_address(theirs, "SMS", "+17735550123")

    with pytest.raises(TwoPeople):
        merge_conversations(ours, theirs, by=coordinator)


def test_one_is_not_merged_with_itself_nor_parted_from_nothing(coordinator, lead):
    ours = conversation_with(lead)

    with pytest.raises(NotWithItself):
        merge_conversations(ours, ours, by=coordinator)
    with pytest.raises(NotMergedHere):
        part_conversations(ours, by=coordinator)
