from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinics.models import ClinicForeignKey, ScopedManager
from clinics.models.base import clinic_index
from clinics.models.bulk import ActOnMany, RowOfAct, RowOfActQuerySet
from inbox.models.conversation import UnifiedConversation


class ConversationAct(ActOnMany):
    """One thing done to many conversations at once."""

    class Kind(models.TextChoices):
        ASSIGN = "ASSIGN", _("Give to somebody")
        RELEASE = "RELEASE", _("Take from whoever has it")
        SNOOZE = "SNOOZE", _("Put off")
        WAKE = "WAKE", _("Bring back")
        TAG = "TAG", _("Put a tag on")
        UNTAG = "UNTAG", _("Take a tag off")
        RESOLVE = "RESOLVE", _("Resolve")
        REOPEN = "REOPEN", _("Open again")
        READ = "READ", _("Mark as read")
        UNREAD = "UNREAD", _("Mark as unread")

    kind = models.CharField(max_length=9, choices=Kind)

    class Meta:
        verbose_name = _("act on many conversations")
        verbose_name_plural = _("acts on many conversations")
        indexes = [clinic_index("-id", name="conversation_acts_newest_first")]

    def get_absolute_url(self):
        return reverse("inbox:conversation_bulk_detail", args=[self.pk])


class ConversationActRowQuerySet(RowOfActQuerySet):
    def for_list(self):
        return self.select_related("conversation").order_by("place")


class ConversationActRow(RowOfAct):
    """What became of one conversation in an act on many."""

    act = ClinicForeignKey(ConversationAct, on_delete=models.CASCADE, related_name="conversations")
    conversation = ClinicForeignKey(UnifiedConversation, on_delete=models.CASCADE, related_name="+")

    objects = ScopedManager.of(ConversationActRowQuerySet)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clinic", "act", "conversation"], name="conversation_act_once_each")
        ]
        indexes = [clinic_index("act", "outcome", "place", name="conversation_act_by_outcome")]

    def __str__(self):
        return f"{self.conversation_id}: {self.outcome}"

    @property
    def person(self):
        """Whom it is about, as in every act on many."""
        return self.conversation
