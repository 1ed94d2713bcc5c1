from django.db import models

from clinics.models import ClinicModel
from clinics.models.base import clinic_index

LONGEST = 40


class ConversationWord(ClinicModel):
    """A word that was said in a conversation, once each; kept by triggers of the messages (see inbox.words)."""

    word = models.CharField(max_length=LONGEST, db_collation="C")
    conversation = models.UUIDField()  # an id alone: the rows come and go with their conversation

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clinic", "word", "conversation"], name="conversation_word_once"),
        ]
        indexes = [clinic_index("conversation", name="words_of_a_conversation")]
