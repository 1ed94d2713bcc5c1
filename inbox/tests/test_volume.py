from django.db import connection

from crm.demo.volume import fill_clinic
from inbox.demo.volume import fill_inbox, longest_conversation
from inbox.models import ConversationAddress, ConversationWord, UnifiedConversation, UnifiedMessage


def test_fill_inbox_draws_exactly_what_was_asked_for_and_every_row_agrees_with_its_messages(clinic):
    fill_clinic(clinic, 30)

    fill_inbox(clinic, 200, 20)

    busy = longest_conversation()
    assert (UnifiedMessage.objects.count(), UnifiedConversation.objects.count(), busy.message_count) == (200, 20, 100)
    for conversation in UnifiedConversation.objects.exclude(message_count=0):
        newest = conversation.messages.for_thread()[0]
        said = (newest.happened_at, newest.text, newest.direction, conversation.messages.count())
        shown = (conversation.last_message_at, conversation.last_message_preview, conversation.last_direction)
        assert said == (*shown, conversation.message_count)
    assert ConversationAddress.objects.count() == 20
    assert UnifiedConversation.objects.unmatched().count() == 2


def test_fill_inbox_keeps_every_word_once(clinic):
    fill_clinic(clinic, 10)

    fill_inbox(clinic, 30, 5)

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT conversation_id, word FROM inbox_unifiedmessage,"
            " words_said(subject || ' ' || text) found(word)"
        )
        assert set(ConversationWord.objects.values_list("conversation", "word")) == set(cursor.fetchall())
