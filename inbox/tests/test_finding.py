import pytest

from inbox.finding import find_conversations, search_conversations
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
