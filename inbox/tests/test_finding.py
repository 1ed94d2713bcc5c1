from datetime import timedelta

import pytest
from django.utils import timezone

from crm.tests.factories import LeadFactory
from inbox import finding
from inbox.finding import find_conversations, newest_found, search_conversations
from inbox.models import ConversationWord, UnifiedConversation, UnifiedMessage
from inbox.tests.factories import ConversationFactory, MessageFactory


@pytest.fixture
def conversation(clinic):
    row = ConversationFactory(person_name="Adaeze")
    MessageFactory(conversation=row, text="Ortodoncia: ¿cuánto cuesta?")
    MessageFactory(conversation=row, text="Do you take Delta Dental?", subject="Insurance")
    return row


def found(text):
    return list(find_conversations(UnifiedConversation.objects.all(), text))


@pytest.mark.parametrize("text", ["delta", "CUANTO", "cuánto", "insur", "delta ortodon", "take delta dental?"])
def test_a_conversation_is_found_by_how_its_words_begin(conversation, text):
    MessageFactory(text="something else")

    assert found(text) == [conversation]


@pytest.mark.parametrize("text", ["elta", "delta aetna", "!", "a"])
def test_what_was_not_said_finds_nothing(conversation, text):
    assert found(text) == []


def test_words_follow_their_message_and_go_with_it(conversation):
    other = ConversationFactory()
    UnifiedMessage.objects.filter(subject="Insurance").update(conversation=other)
    assert found("delta") == [other] and found("cuanto") == [conversation]

    UnifiedMessage.objects.filter(conversation=other).update(text="", subject="")
    assert found("delta") == []
    assert not ConversationWord.objects.filter(conversation=other.pk).exists()


def test_the_search_box_finds_conversations_for_who_may_read_them(conversation, coordinator, marketer):
    assert [item["label"] for item in search_conversations(coordinator, "delta")["items"]] == ["Adaeze"]
    assert search_conversations(marketer, "delta") is None


@pytest.mark.parametrize("near", [2, 100])
@pytest.mark.parametrize("text", ["okafor", "visit", "friday visit", "old", "+14145550123"])
def test_common_words_find_the_newest_that_they_would_find_if_they_were_rare(clinic, monkeypatch, near, text):
    now = timezone.now()
    for number, said in enumerate(["visit", "Friday visit", "old okafor", "old friday", "old visit on Friday", "old"]):
        lead = LeadFactory(first_name="Ana", last_name="Okafor") if number % 2 else None
        talk = ConversationFactory(lead=lead, last_message_at=now - timedelta(days=number))
        MessageFactory(conversation=talk, text=said)
    ConversationFactory(unknown_address="+14145550123", last_message_at=now)
    present = UnifiedConversation.objects.present()
    rare = newest_found(present, text, 2)
    looked_up = find_conversations(present, text).order_by("-last_message_at", "-pk").values_list("pk", flat=True)
    assert rare == list(looked_up[:2])

    monkeypatch.setattr(finding, "MANY", 1)
    monkeypatch.setattr(finding, "NEAR", near)

    assert newest_found(present, text, 2) == rare
