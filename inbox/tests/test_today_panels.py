from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from inbox.tests.factories import ConversationFactory
from inbox.today_panels import waiting_conversations


def test_waiting_conversations_are_ones_own_with_who_waits_longest_first(clinic, coordinator, receptionist, marketer):
    now = timezone.now()
    unread = ConversationFactory(assigned_to=coordinator, unread_count=1)
    late = ConversationFactory(assigned_to=coordinator, waiting_since=now - timedelta(hours=2))
    ConversationFactory(assigned_to=coordinator)
    others = ConversationFactory(assigned_to=receptionist, waiting_since=now)

    with CaptureQueriesContext(connection) as asked:
        assert waiting_conversations(coordinator, False)["conversations"] == [late, unread]
    assert len(asked) == 1
    assert waiting_conversations(coordinator, True)["conversations"] == [late, others, unread]
    assert waiting_conversations(marketer, True) is None


def test_waiting_conversations_has_nothing_to_say_where_nobody_waits(clinic, coordinator):
    ConversationFactory(assigned_to=coordinator)

    assert waiting_conversations(coordinator, True) is None


def test_today_shows_who_waits_in_the_inbox(client_of, coordinator):
    ConversationFactory(assigned_to=coordinator, unread_count=1, person_name="Adaeze", last_message_preview="Hello?")

    assert "Hello?" in client_of(coordinator).get("/today/", follow=True).content.decode()
