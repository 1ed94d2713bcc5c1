from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from clinics.models import ClinicForeignKey, ClinicModel, ClinicUser, ScopedManager
from clinics.models.base import clinic_index
from clinics.models.clinic import LANGUAGES
from inbox.models.choices import Channel, ConsentSource, ConsentState, Purpose, SuppressionReason
from inbox.models.message import UnifiedMessage


class ConsentWordingQuerySet(models.QuerySet):
    def current(self):
        """The newest version of each purpose and language: what people are shown now."""
        newer = self.model.objects.filter(
            purpose=OuterRef("purpose"), language=OuterRef("language"), version__gt=OuterRef("version")
        )
        return self.filter(~Exists(newer)).order_by("purpose", "language")


class ConsentWording(ClinicModel):
    """The words under which somebody agrees, one version of them. A version is never changed: the database refuses."""

    purpose = models.CharField(_("for"), max_length=5, choices=Purpose)
    language = models.CharField(_("language"), max_length=8, choices=LANGUAGES, default="en")
    version = models.PositiveIntegerField(_("version"))
    text = models.TextField(_("wording"))

    objects = ScopedManager.of(ConsentWordingQuerySet)

    class Meta:
        verbose_name = _("wording of consent")
        verbose_name_plural = _("wordings of consent")
        constraints = [
            models.UniqueConstraint(fields=["clinic", "purpose", "language", "version"], name="wording_version_once")
        ]

    def __str__(self):
        return f"{self.get_purpose_display()} ({self.language}, {self.version}): {self.text[:60]}"


class ContactConsentQuerySet(models.QuerySet):
    def standing(self):
        """What holds now: the last word about each address, channel and purpose."""
        return self.filter(is_current=True)

    def about(self, channel, address):
        return self.filter(channel=channel, address=address)

    def newest_first(self):
        return self.select_related("by__user", "wording", "message").order_by("-decided_at", "-pk")


class ContactConsent(ClinicModel):
    """That somebody agreed, or refused, to be reached at an address for a purpose: evidence, never changed.

    The last word about an address, channel and purpose holds (`is_current`); without any it is unknown.
    """

    channel = models.CharField(_("channel"), max_length=20, choices=Channel)
    address = models.CharField(_("address"), max_length=254, help_text=_("E.164 number, or case-folded e-mail."))
    purpose = models.CharField(_("purpose"), max_length=5, choices=Purpose)
    state = models.CharField(_("said"), max_length=9, choices=ConsentState)
    source = models.CharField(_("how"), max_length=11, choices=ConsentSource)
    decided_at = models.DateTimeField(_("when"))
    wording = ClinicForeignKey(ConsentWording, on_delete=models.PROTECT, null=True, related_name="consents")
    wording_text = models.TextField(blank=True, default="")
    message = ClinicForeignKey(UnifiedMessage, on_delete=models.SET_NULL, null=True, related_name="consents")
    proof = models.JSONField(default=dict)  # what shows it: words written, form, address of the visitor, file and row
    by = ClinicForeignKey(ClinicUser, on_delete=models.SET_NULL, null=True, related_name="+")
    is_current = models.BooleanField(default=True)

    objects = ScopedManager.of(ContactConsentQuerySet)

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "channel", "address", "purpose"],
                condition=Q(is_current=True),
                name="contact_consent_one_stands",
            )
        ]
        indexes = [clinic_index("address", "-decided_at", name="consents_of_an_address")]


class SuppressionQuerySet(models.QuerySet):
    def standing(self):
        return self.filter(lifted_at=None)

    def for_list(self, asked=""):
        """What somebody has to read first, then the newest; `asked` is the beginning of an address, or its end."""
        rows = self.filter(Q(address__startswith=asked) | Q(address__endswith=asked)) if asked else self
        # What one message holds back on several addresses is decided at once, where the message came from.
        before = Suppression.objects.standing().filter(
            message=OuterRef("message"), reason=SuppressionReason.REFUSAL, pk__lt=OuterRef("pk")
        )
        rows = rows.exclude(Q(reason=SuppressionReason.REFUSAL) & Exists(before))
        is_first = models.Case(models.When(reason=SuppressionReason.REFUSAL, then=0), default=1)
        rows = rows.select_related("by__user", "message__conversation__lead", "message__conversation__patient")
        rows = rows.prefetch_related("message__conversation__addresses")
        return rows.order_by(is_first, "-created_at", "-pk")


class Suppression(ClinicModel):
    """An address that nothing is sent to on a channel, whatever was agreed, until somebody lifts it."""

    channel = models.CharField(_("channel"), max_length=20, choices=Channel)
    address = models.CharField(_("address"), max_length=254)
    reason = models.CharField(_("because"), max_length=12, choices=SuppressionReason)
    detail = models.CharField(max_length=300, blank=True, default="")
    message = ClinicForeignKey(UnifiedMessage, on_delete=models.SET_NULL, null=True, related_name="+")
    by = ClinicForeignKey(ClinicUser, on_delete=models.SET_NULL, null=True, related_name="+")
    lifted_at = models.DateTimeField(null=True)
    lifted_by = ClinicForeignKey(ClinicUser, on_delete=models.SET_NULL, null=True, related_name="+")

    objects = ScopedManager.of(SuppressionQuerySet)

    class Meta:
        verbose_name = _("stopped address")
        verbose_name_plural = _("stopped addresses")
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "channel", "address", "reason"],
                condition=Q(lifted_at=None),
                name="suppression_once_a_reason",
            )
        ]
        indexes = [clinic_index("address", name="suppressions_of_an_address")]

    @property
    def because(self):
        """Why nothing is sent there, in words; where a file of leads says so, `detail` names the file."""
        came_in_file = self.reason == SuppressionReason.STOP and self.message_id is None and self.by_id and self.detail
        return _("refused elsewhere, a file of leads says so") if came_in_file else self.get_reason_display()
