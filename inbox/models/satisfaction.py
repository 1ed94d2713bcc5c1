from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinics.models import ClinicForeignKey, ClinicModel, ClinicUser, ScopedManager
from clinics.models.base import clinic_index
from inbox.models.choices import Channel
from inbox.models.conversation import UnifiedConversation
from inbox.models.message import UnifiedMessage

MOST_STARS = 5
LOW = 2  # this few stars or fewer call for somebody
CHANGED_WITHIN = timedelta(days=7)


class SatisfactionQuestionQuerySet(models.QuerySet):
    def standing(self):
        """Questions that were not withdrawn before they went."""
        return self.filter(withdrawn_at=None)

    def answered(self):
        return self.exclude(stars=None)


class SatisfactionQuestion(ClinicModel):
    """One question to a person, how content they are with a conversation that was resolved, and what they said.

    `occasion` is the audit entry of the resolving, so that it asks once; `member` is who had the conversation then.
    """

    conversation = ClinicForeignKey(UnifiedConversation, on_delete=models.CASCADE, related_name="questions")
    message = ClinicForeignKey(UnifiedMessage, on_delete=models.SET_NULL, null=True, related_name="+")
    member = ClinicForeignKey(ClinicUser, on_delete=models.SET_NULL, null=True, related_name="+")
    channel = models.CharField(_("channel"), max_length=20, choices=Channel)
    occasion = models.UUIDField()
    token = models.CharField(max_length=43)
    asked_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    stars = models.PositiveSmallIntegerField(_("stars"), null=True)
    comment = models.TextField(_("comment"), blank=True, default="")
    answered_at = models.DateTimeField(null=True)

    objects = ScopedManager.of(SatisfactionQuestionQuerySet)

    class Meta:
        verbose_name = _("question how content they are")
        verbose_name_plural = _("questions how content they are")
        constraints = [
            models.UniqueConstraint(fields=["clinic", "token"], name="satisfaction_question_token"),
            models.UniqueConstraint(fields=["clinic", "occasion"], name="satisfaction_asked_once"),
            models.CheckConstraint(
                condition=Q(stars=None) | Q(stars__range=(1, MOST_STARS)), name="satisfaction_stars_1_to_5"
            ),
        ]
        indexes = [
            clinic_index("conversation", "-asked_at", name="questions_of_a_conversation"),
            clinic_index("-asked_at", name="questions_newest_first"),
        ]

    def __str__(self):
        return f"{self.stars or '?'} / {MOST_STARS}"

    @property
    def is_low(self):
        return self.stars is not None and self.stars <= LOW

    @property
    def may_be_answered(self):
        """Until it was withdrawn, and for a week after the first answer."""
        is_late = self.answered_at is not None and self.answered_at < timezone.now() - CHANGED_WITHIN
        return self.withdrawn_at is None and not is_late
