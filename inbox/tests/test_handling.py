from datetime import timedelta

import pytest
from django.utils import timezone

from clinics.models import AuditLog, StaffNotification, Tag
from conftest import last_audit
from crm.tests.factories import LeadFactory
from inbox.assigning import assign_by_rules, tell_of_message
from inbox.handling import (
    assign_conversation,
    resolve_conversation,
    snooze_conversation,
    tag_conversation,
    undo_act,
    untag_conversation,
    wake_due_conversations,
)
from inbox.models import ConversationStatus, InboxSettings
from inbox.rules import ChangedMeanwhile, MayNotAnswer, NotInThePast
from inbox.tests.factories import ConversationFactory


@pytest.fixture
def conversation(clinic):
    return ConversationFactory(waiting_since=timezone.now(), answer_due_at=timezone.now() + timedelta(hours=1))


def test_a_conversation_is_given_told_of_and_taken_back(conversation, coordinator, receptionist):
    event = assign_conversation(conversation, receptionist, by=coordinator)

    conversation.refresh_from_db()
    assert conversation.assigned_to == receptionist
    assert StaffNotification.objects.get(member=receptionist).url == conversation.get_absolute_url()

    undo_act(conversation, event, by=coordinator)
    conversation.refresh_from_db()
    assert conversation.assigned_to is None
    assert last_audit(conversation).action == "inbox.conversation.assigned_undone"


def test_whoever_may_not_answer_is_given_none(conversation, coordinator, viewer):
    with pytest.raises(MayNotAnswer):
        assign_conversation(conversation, viewer, by=coordinator)


def test_resolving_stops_the_clock_and_undo_starts_it_again(conversation, coordinator):
    due = conversation.answer_due_at

    event = resolve_conversation(conversation, by=coordinator)
    conversation.refresh_from_db()
    assert (conversation.status, conversation.answer_due_at) == (ConversationStatus.RESOLVED, None)

    assert resolve_conversation(conversation, by=coordinator) is None
    undo_act(conversation, event, by=coordinator)
    conversation.refresh_from_db()
    assert (conversation.status, conversation.answer_due_at) == (ConversationStatus.ACTIVE, due)


def test_what_a_colleague_changed_since_is_not_taken_back(conversation, coordinator, receptionist):
    event = assign_conversation(conversation, receptionist, by=coordinator)
    assign_conversation(conversation, coordinator, by=receptionist)

    with pytest.raises(ChangedMeanwhile):
        undo_act(conversation, event, by=coordinator)


def test_what_was_put_off_comes_back_in_time_and_tells_who_has_it(conversation, coordinator):
    assign_conversation(conversation, coordinator, by=coordinator)
    snooze_conversation(conversation, timezone.now() + timedelta(hours=1), by=coordinator)
    assert wake_due_conversations() == 0

    type(conversation).objects.update(snoozed_until=timezone.now() - timedelta(seconds=1))
    assert (wake_due_conversations(), wake_due_conversations()) == (1, 0)
    assert StaffNotification.objects.filter(member=coordinator, kind="inbox.woken").count() == 1


def test_nothing_is_put_off_into_the_past(conversation, coordinator):
    with pytest.raises(NotInThePast):
        snooze_conversation(conversation, timezone.now() - timedelta(minutes=1), by=coordinator)


def test_a_tag_is_put_on_once_and_comes_off_once(conversation, coordinator):
    tag = Tag.objects.create(name="insurance")

    assert [tag_conversation(conversation, tag, by=coordinator) for _time in range(2)] == [True, False]
    assert [untag_conversation(conversation, tag, by=coordinator) for _time in range(2)] == [True, False]
    assert AuditLog.objects.about(conversation).count() == 2


def test_a_message_goes_to_the_coordinator_of_the_lead_or_to_who_has_the_fewest(coordinator, receptionist):
    owned = ConversationFactory(lead=LeadFactory(assigned_to=coordinator))
    nobodys, another = ConversationFactory(), ConversationFactory()
    assert (assign_by_rules(owned), assign_by_rules(nobodys)) == (coordinator, None)

    InboxSettings.objects.create(assigns_in_turn=True)
    assert assign_by_rules(another) == receptionist
    assert assign_by_rules(another) is None


def test_whoever_has_it_is_told_once_until_they_read(conversation, coordinator):
    conversation.assigned_to, conversation.unread_count = coordinator, 1
    tell_of_message(conversation)
    conversation.unread_count = 2
    tell_of_message(conversation)

    assert StaffNotification.objects.filter(member=coordinator, kind="inbox.message").count() == 1
