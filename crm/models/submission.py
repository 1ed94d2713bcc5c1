from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinics.encryption import EncryptedJSONField
from clinics.models import ClinicForeignKey, ClinicModel, ScopedManager
from clinics.models.base import clinic_index
from crm.models.lead import Lead
from crm.models.lead_form import LeadForm
from patients.models import Appointment


class LeadSubmissionQuerySet(models.QuerySet):
    def waiting(self):
        """What came in and was not understood yet."""
        return self.filter(status=LeadSubmission.Status.RECEIVED)

    def due(self, moment):
        """What should be worked off by `moment`, the oldest first."""
        return self.waiting().filter(due_at__lte=moment).order_by("due_at", "id")

    def failed(self):
        return self.filter(status=LeadSubmission.Status.FAILED)

    def to_replay(self):
        """What somebody may send through again: it failed, or was set aside."""
        return self.filter(status__in=[LeadSubmission.Status.FAILED, LeadSubmission.Status.IGNORED])

    def in_state(self, status):
        return self.filter(status=status)

    def because_of(self, reason):
        return self.filter(reason=reason)

    def chosen(self, ids):
        return self.filter(pk__in=ids)

    def by_machine(self):
        """What came in from outside, not by the hand of a member of staff."""
        return self.exclude(channel__in=[LeadSubmission.Channel.STAFF, LeadSubmission.Channel.IMPORT])

    def for_confirmation(self, pk):
        """One inquiry with its form and the person, as its confirmation needs them; None if it is gone."""
        return self.select_related("form__location", "lead", "clinic").filter(pk=pk).first()

    def of_appointment(self, appointment):
        """The inquiry by which a visitor booked an appointment, with its form; None if it was booked otherwise."""
        return self.filter(appointment=appointment).select_related("form__location", "form__clinic").first()

    def confirmed_since(self, moment):
        return self.filter(confirmed_at__gte=moment)

    def for_list(self):
        return self.select_related("lead", "form", "appointment__patient").order_by("-received_at", "-id")


class LeadSubmission(ClinicModel):
    """An inquiry exactly as it came, kept before anybody tries to understand it, so that none can be lost.

    What the person sent is sealed as a whole: nobody knows in which of its fields health data stands.
    """

    class Channel(models.TextChoices):
        STAFF = "STAFF", _("Entered by staff")
        WEBFORM = "WEBFORM", _("Web form")
        WALK_IN = "WALK_IN", _("Walk-in form")
        BOOKING = "BOOKING", _("Online booking")
        PHONE = "PHONE", _("Phone call")
        META = "META", _("Meta lead ad")
        GOOGLE = "GOOGLE", _("Google lead form")
        WEBHOOK = "WEBHOOK", _("Another system")
        EMAIL = "EMAIL", _("E-mail")
        IMPORT = "IMPORT", _("Import")
        API = "API", _("API")

    class Status(models.TextChoices):
        RECEIVED = "RECEIVED", _("Received")
        PROCESSED = "PROCESSED", _("Taken in")
        IGNORED = "IGNORED", _("Ignored")
        FAILED = "FAILED", _("Failed")

    class Outcome(models.TextChoices):
        NEW_LEAD = "NEW_LEAD", _("New lead")
        NEW_TOUCH = "NEW_TOUCH", _("Asked again")
        PATIENT = "PATIENT", _("Patient")

    class Reason(models.TextChoices):
        """Why a submission could not be taken in, in groups that can be mended together."""

        PHONE = "PHONE", _("The phone number cannot be read")
        REACH = "REACH", _("Nobody to reach")
        PRIVATE = "PRIVATE", _("Says what this clinic does not keep")
        SOURCE = "SOURCE", _("The source is not known here")
        UNCLEAR = "UNCLEAR", _("Not understood")
        RULE = "RULE", _("A rule stands against it")
        TROUBLE = "TROUBLE", _("Something went wrong on our side")

    channel = models.CharField(_("came by"), max_length=8, choices=Channel)
    payload = EncryptedJSONField(help_text=_("As it came; never changed afterwards."))
    context = models.JSONField(
        default=dict,
        blank=True,
        help_text=_("Through which door it came: form, source, tag, location, language. Never what a person said."),
    )
    corrections = EncryptedJSONField(null=True, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.RECEIVED)
    outcome = models.CharField(_("became"), max_length=10, choices=Outcome, blank=True, default="")
    reason = models.CharField(_("reason"), max_length=8, choices=Reason, blank=True, default="")
    error = models.TextField(_("what went wrong"), blank=True, default="")
    attempts = models.PositiveSmallIntegerField(default=0)
    idempotency_key = models.CharField(max_length=64, null=True, blank=True)
    form = ClinicForeignKey(LeadForm, on_delete=models.SET_NULL, null=True, related_name="submissions")
    lead = ClinicForeignKey(Lead, on_delete=models.SET_NULL, null=True, related_name="submissions")
    appointment = ClinicForeignKey(Appointment, on_delete=models.SET_NULL, null=True, related_name="+")
    received_at = models.DateTimeField(_("received"))
    due_at = models.DateTimeField()
    processed_at = models.DateTimeField(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)

    objects = ScopedManager.of(LeadSubmissionQuerySet)

    class Meta:
        verbose_name = _("inquiry")
        verbose_name_plural = _("inquiries")
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "idempotency_key"],
                condition=Q(idempotency_key__isnull=False),
                name="submission_once_a_key",
            ),
            models.CheckConstraint(
                condition=~Q(status="FAILED") | (~Q(reason="") & ~Q(error="")), name="submission_failed_says_why"
            ),
        ]
        indexes = [
            clinic_index("status", "-received_at", "-id", name="submission_by_status"),
            clinic_index("-received_at", "-id", name="submission_newest"),
            clinic_index("appointment", name="submission_of_booking", condition=Q(appointment__isnull=False)),
            clinic_index("due_at", "id", name="submission_to_work_off", condition=Q(status="RECEIVED")),
        ]

    def __str__(self):
        return f"{self.get_channel_display()} {self.received_at:%Y-%m-%d %H:%M}"

    @property
    def is_failed(self):
        return self.status == self.Status.FAILED

    @property
    def can_be_mended(self):
        """Whether correcting it can still change what becomes of it."""
        return self.status in (self.Status.FAILED, self.Status.RECEIVED)

    @property
    def is_ignored(self):
        return self.status == self.Status.IGNORED
