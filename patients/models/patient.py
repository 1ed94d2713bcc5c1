from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinics.encryption import EncryptedDateField
from clinics.models import ClinicForeignKey, ClinicModel, ClinicUser, Location, ScopedManager
from clinics.models.base import clinic_index
from clinics.models.clinic import LANGUAGES
from clinics.normalising import visible
from patients.models.choices import Channel, ContactPriority, EmrSystem, RiskLevel, Segment
from patients.models.patient_queries import PatientQuerySet
from patients.models.provider import AppointmentType, Provider


class PatientHousehold(ClinicModel):
    """Patients who belong together. A household of leads (crm) is another table, which this room does not know."""

    name = models.CharField(_("name"), max_length=160, blank=True, default="")

    class Meta:
        verbose_name = _("household of patients")
        verbose_name_plural = _("households of patients")

    def __str__(self):
        return self.name or str(_("Household"))


class Patient(ClinicModel):
    """Somebody who is treated here, or will be. `responsible_party` is who pays for them, if it is somebody else."""

    version = models.PositiveIntegerField(default=1)
    first_name = models.CharField(_("first name"), max_length=80, blank=True, default="")
    last_name = models.CharField(_("last name"), max_length=80, blank=True, default="")
    phone = models.CharField(_("phone"), max_length=40, blank=True, default="")
    phone_alt = models.CharField(_("other phone"), max_length=40, blank=True, default="")
    email = models.EmailField(_("e-mail"), blank=True, default="")
    date_of_birth = EncryptedDateField(_("birth date"), null=True, blank=True)
    preferred_channel = models.CharField(_("prefers"), max_length=20, choices=Channel, default=Channel.SMS)
    preferred_language = models.CharField(_("speaks"), max_length=8, choices=LANGUAGES, blank=True, default="")

    address_line1 = models.CharField(_("address"), max_length=160, blank=True, default="")
    address_line2 = models.CharField(_("address, second line"), max_length=160, blank=True, default="")
    city = models.CharField(_("city"), max_length=80, blank=True, default="")
    state = models.CharField(_("state"), max_length=80, blank=True, default="")
    postal_code = models.CharField(_("postal code"), max_length=20, blank=True, default="")
    country = models.CharField(_("country"), max_length=60, blank=True, default="")

    household = ClinicForeignKey(
        PatientHousehold, on_delete=models.SET_NULL, null=True, blank=True, related_name="patients"
    )
    responsible_party = ClinicForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="pays_for",
        verbose_name=_("who pays"),
    )
    location = ClinicForeignKey(
        Location, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("location")
    )
    provider = ClinicForeignKey(
        Provider, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("usual provider")
    )
    notes = models.TextField(_("note of the desk"), blank=True, default="")
    do_not_contact = models.BooleanField(_("do not contact"), default=False)

    emr_system = models.CharField(_("EMR"), max_length=10, choices=EmrSystem, blank=True, default="")
    external_id = models.CharField(_("external id"), max_length=120, null=True, blank=True)

    segment = models.CharField(_("segment"), max_length=10, choices=Segment, default=Segment.NEW)
    first_visit_at = models.DateTimeField(_("first visit"), null=True, blank=True)
    last_visit_at = models.DateTimeField(_("last visit"), null=True, blank=True)
    visit_count = models.PositiveIntegerField(_("visits"), default=0)
    last_service = ClinicForeignKey(
        AppointmentType, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("came for")
    )
    recall_due_on = models.DateField(_("due again on"), null=True, blank=True)
    recall_rests_until = models.DateField(_("off the recall list until"), null=True, blank=True)
    usual_interval_days = models.PositiveSmallIntegerField(_("days between visits"), null=True, blank=True)
    churn_risk_score = models.FloatField(_("risk of leaving"), null=True, blank=True)
    churn_risk_level = models.CharField(
        _("risk of leaving, level"), max_length=6, choices=RiskLevel, blank=True, default=""
    )
    contact_priority = models.CharField(
        _("contact priority"), max_length=6, choices=ContactPriority, blank=True, default=""
    )
    contact_priority_score = models.FloatField(_("score of the contact priority"), null=True, blank=True)
    contact_priority_factors = models.JSONField(_("reasons of the contact priority"), default=list, blank=True)

    deleted_at = models.DateTimeField(null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)
    created_by = ClinicForeignKey(ClinicUser, on_delete=models.SET_NULL, null=True, related_name="+")
    updated_by = ClinicForeignKey(ClinicUser, on_delete=models.SET_NULL, null=True, related_name="+")

    # Search columns are stored normalised: behind a policy, lower() and LIKE cannot use an index.
    name_key = models.CharField(max_length=170, blank=True, default="")
    phone_e164 = models.CharField(max_length=20, blank=True, default="")
    phone_alt_e164 = models.CharField(max_length=20, blank=True, default="")
    email_norm = models.CharField(max_length=254, blank=True, default="")
    birth_digest = models.CharField(max_length=64, blank=True, default="")

    # What tells who somebody is: sealed in the audit log, and emptied when the patient is erased.
    PERSONAL = (
        "first_name", "last_name", "phone", "phone_alt", "email", "address_line1", "address_line2", "city", "state",
        "postal_code", "country", "notes", "preferred_language", "name_key", "phone_e164", "phone_alt_e164",
        "email_norm", "birth_digest", "external_id",
    )  # fmt: skip

    objects = ScopedManager.of(PatientQuerySet)

    class Meta:
        verbose_name = _("patient")
        verbose_name_plural = _("patients")
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "emr_system", "external_id"],
                condition=Q(external_id__isnull=False),
                name="patient_external_id_once",
            ),
            models.CheckConstraint(
                condition=Q(responsible_party=None) | ~Q(responsible_party=F("id")),
                name="patient_pays_not_for_self_twice",
            ),
            models.CheckConstraint(
                condition=Q(churn_risk_score=None) | Q(churn_risk_score__range=(0, 1)), name="patient_risk_is_a_share"
            ),
            models.CheckConstraint(
                condition=Q(contact_priority_score=None) | Q(contact_priority_score__range=(0, 1)),
                name="patient_priority_is_a_share",
            ),
        ]
        indexes = [
            clinic_index("name_key", "id", name="patient_by_name"),
            clinic_index("phone_e164", name="patient_by_phone"),
            clinic_index("phone_alt_e164", name="patient_by_other_phone"),
            clinic_index("email_norm", name="patient_by_email"),
            clinic_index("birth_digest", name="patient_by_birth_date", condition=~Q(birth_digest="")),
            clinic_index("segment", "last_visit_at", name="patient_by_segment", condition=Q(deleted_at=None)),
            clinic_index("contact_priority", "-contact_priority_score", name="patient_by_priority"),
            clinic_index("-last_visit_at", "id", name="patient_by_last_visit", condition=Q(deleted_at=None)),
            clinic_index("first_visit_at", "id", name="patient_by_first_visit", condition=Q(deleted_at=None)),
            clinic_index("-created_at", "id", name="patient_newest", condition=Q(deleted_at=None)),
            clinic_index("name_key", "id", name="patient_silent", condition=Q(deleted_at=None, do_not_contact=True)),
            clinic_index("contact_priority", "name_key", name="patient_priority_named", condition=Q(deleted_at=None)),
            clinic_index("churn_risk_level", "name_key", name="patient_risk_named", condition=Q(deleted_at=None)),
            clinic_index("location", "name_key", name="patient_location_named", condition=Q(deleted_at=None)),
            clinic_index("provider", "name_key", name="patient_provider_named", condition=Q(deleted_at=None)),
            clinic_index("segment", "name_key", "id", name="patient_segment_named", condition=Q(deleted_at=None)),
            clinic_index("visit_count", "id", name="patient_by_visits", condition=Q(deleted_at=None)),
            clinic_index("churn_risk_score", "id", name="patient_by_risk", condition=Q(deleted_at=None)),
            clinic_index("recall_due_on", "id", name="patient_due_again", condition=Q(deleted_at=None)),
        ]

    def __str__(self):
        return self.display_name

    def get_absolute_url(self):
        return reverse("patients:patient_detail", args=[self.pk])

    @property
    def display_name(self):
        if self.erased_at:
            return str(_("Erased patient"))
        name = visible(f"{self.first_name} {self.last_name}")
        return name or self.phone or self.email or self.external_id or str(_("Name not known yet"))

    @property
    def payer(self):
        """Who pays for this patient: the responsible party, or they themselves."""
        return self.responsible_party or self

    @property
    def age(self):
        """Whole years today; None if the birth date is not known."""
        born, today = self.date_of_birth, timezone.localdate()
        if born is None:
            return None
        return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


class SegmentChange(ClinicModel):
    """A patient came to another segment: the history behind the word."""

    patient = ClinicForeignKey(Patient, on_delete=models.CASCADE, related_name="segment_changes")
    from_segment = models.CharField(max_length=10, choices=Segment)
    to_segment = models.CharField(max_length=10, choices=Segment)
    changed_at = models.DateTimeField()
    days_since = models.PositiveIntegerField(_("days since the last visit"), null=True)

    class Meta:
        verbose_name = _("change of segment")
        verbose_name_plural = _("changes of segment")
        ordering = ["-changed_at", "-pk"]
        indexes = [clinic_index("patient", "-changed_at", name="segment_changes_of_patient")]

    def __str__(self):
        return f"{self.get_from_segment_display()} → {self.get_to_segment_display()}"
