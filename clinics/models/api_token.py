from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinics.encryption import EncryptedTextField
from clinics.models.base import ClinicForeignKey, ClinicModel, ScopedManager, clinic_index
from clinics.models.staff import ClinicUser


class ApiTokenQuerySet(models.QuerySet):
    def of(self, member):
        return self.filter(member=member)

    def standing(self):
        """Those that open the API now."""
        return self.filter(revoked_at=None, expires_at__gt=timezone.now())

    def kept(self):
        """Those that nobody has revoked; some may have run out."""
        return self.filter(revoked_at=None)

    def for_list(self):
        """The newest on top."""
        return self.order_by("-created_at", "-id")[:100]


class ApiToken(ClinicModel):
    """A key with which a program of one member of staff asks the API; only its digest is kept.

    `scopes` are permission codes. What the member may no longer do, the token may not either.
    """

    member = ClinicForeignKey(ClinicUser, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("name"), max_length=80)
    prefix = models.CharField(_("begins with"), max_length=16)
    token_digest = models.CharField(max_length=64)
    scopes = ArrayField(models.CharField(max_length=40), verbose_name=_("may"))
    expires_at = models.DateTimeField(_("good until"))
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    objects = ScopedManager.of(ApiTokenQuerySet)

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        constraints = [models.UniqueConstraint(fields=["clinic", "token_digest"], name="api_token_secret_once")]
        indexes = [
            clinic_index("member", "-id", name="api_token_of_a_member"),
            # Found by its digest alone, before it is known which clinic it opens.
            models.Index(fields=["token_digest"], name="api_token_by_digest"),
        ]

    def __str__(self):
        return self.name

    @property
    def is_standing(self):
        return self.revoked_at is None and self.expires_at > timezone.now()


class KeptAnswerQuerySet(models.QuerySet):
    def kept_before(self, moment):
        return self.filter(created_at__lt=moment)


class KeptAnswer(ClinicModel):
    """What the API answered to a request that named an idempotency key, sealed, so that a repeat is told the same."""

    member = ClinicForeignKey(ClinicUser, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    request_digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    headers = models.JSONField(default=dict)
    body = EncryptedTextField(blank=True, default="")

    objects = ScopedManager.of(KeptAnswerQuerySet)

    class Meta:
        verbose_name = _("kept answer")
        verbose_name_plural = _("kept answers")
        constraints = [models.UniqueConstraint(fields=["clinic", "member", "key"], name="kept_answer_once_a_key")]
        indexes = [clinic_index("created_at", name="kept_answer_by_age")]
