from django.db import models

from clinics.models import ClinicForeignKey, ClinicModel, ClinicUser
from inbox.models.choices import Channel
from inbox.models.conversation import UnifiedConversation


class ReplyDraft(ClinicModel):
    """What a member of staff has begun to write to somebody and not sent yet; it is seen by colleagues as typing."""

    conversation = ClinicForeignKey(UnifiedConversation, on_delete=models.CASCADE, related_name="drafts")
    member = ClinicForeignKey(ClinicUser, on_delete=models.CASCADE, related_name="+")
    channel = models.CharField(max_length=20, choices=Channel, blank=True, default="")
    subject = models.CharField(max_length=200, blank=True, default="")
    text = models.TextField(blank=True, default="")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clinic", "conversation", "member"], name="reply_draft_one_each"),
        ]
