from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinics.encryption import EncryptedDateField, EncryptedTextField
from clinics.models import ClinicForeignKey, ClinicModel, ClinicUser, Location, ScopedManager
from clinics.models.base import clinic_index
from crm.models.choices import LeadStatus, LostReason, PatientRelationship, PreferredContact, TreatmentInterest
from crm.models.household import Household
from crm.models.lead_queries import LeadQuerySet
from crm.models.lead_words import LeadWords
from crm.models.pipeline import PipelineStage
from crm.models.source import AdCampaign, LeadSource, ReferringProvider
from patients.models import Appointment, Patient


class Lead(LeadWords, ClinicModel):
    """Somebody who may become a patient, or who asks for somebody who may; potential health data from the first word.

    `first_name` and `last_name` are the person the clinic talks to; `patient_*` the one who would be treated.
    """

    status = models.CharField(_("status"), max_length=10, choices=LeadStatus, default=LeadStatus.NEW)
    stage = ClinicForeignKey(PipelineStage, on_delete=models.PROTECT, related_name="leads", verbose_name=_("stage"))
    stage_entered_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    first_name = models.CharField(_("first name"), max_length=80, blank=True, default="")
    last_name = models.CharField(_("last name"), max_length=80, blank=True, default="")
    email = models.EmailField(_("e-mail"), blank=True, default="")
    phone = models.CharField(_("phone"), max_length=40, blank=True, default="")
    phone_alt = models.CharField(_("other phone"), max_length=40, blank=True, default="")
    preferred_contact = models.CharField(
        _("prefers"), max_length=5, choices=PreferredContact, default=PreferredContact.PHONE
    )
    preferred_time = models.CharField(_("best time"), max_length=80, blank=True, default="")

    patient_first_name = models.CharField(_("patient's first name"), max_length=80, blank=True, default="")
    patient_last_name = models.CharField(_("patient's last name"), max_length=80, blank=True, default="")
    patient_dob = EncryptedDateField(_("patient's birth date"), null=True, blank=True)
    patient_relationship = models.CharField(
        _("patient is"), max_length=6, choices=PatientRelationship, default=PatientRelationship.SELF
    )

    address_line1 = models.CharField(_("address"), max_length=160, blank=True, default="")
    address_line2 = models.CharField(_("address, second line"), max_length=160, blank=True, default="")
    city = models.CharField(_("city"), max_length=80, blank=True, default="")
    state = models.CharField(_("state"), max_length=80, blank=True, default="")
    postal_code = models.CharField(_("postal code"), max_length=20, blank=True, default="")
    country = models.CharField(_("country"), max_length=60, blank=True, default="")

    source = ClinicForeignKey(LeadSource, on_delete=models.PROTECT, related_name="leads", verbose_name=_("source"))
    source_campaign = models.CharField(_("campaign"), max_length=160, blank=True, default="")
    source_detail = models.CharField(_("source detail"), max_length=255, blank=True, default="")
    ad_campaign = ClinicForeignKey(AdCampaign, on_delete=models.SET_NULL, null=True, blank=True, related_name="leads")
    ad_platform = models.CharField(_("ad platform"), max_length=40, blank=True, default="")
    referring_provider = ClinicForeignKey(
        ReferringProvider, on_delete=models.SET_NULL, null=True, blank=True, related_name="leads"
    )
    referring_patient = ClinicForeignKey(
        Patient, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("referring patient")
    )
    external_id = models.CharField(_("external id"), max_length=120, null=True, blank=True)
    location = ClinicForeignKey(Location, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    household = ClinicForeignKey(Household, on_delete=models.SET_NULL, null=True, blank=True, related_name="leads")

    treatment_interest = ArrayField(
        models.CharField(max_length=20, choices=TreatmentInterest), default=list, blank=True, verbose_name=_("interest")
    )
    insurance_carrier = models.CharField(_("insurance"), max_length=120, blank=True, default="")
    insurance_member_id = EncryptedTextField(_("insurance member id"), blank=True, default="")
    notes = models.TextField(_("first words"), blank=True, default="")
    extra = models.JSONField(default=dict, blank=True)
    # How likely they become a patient, 0 to 100; whoever predicts it keeps it here, so that the board can sort by it.
    score = models.PositiveSmallIntegerField(_("score"), null=True, blank=True)
    consultation = ClinicForeignKey(
        Appointment, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("consultation")
    )
    # Where somebody put the card by hand: it stands as if it had come to its stage at this moment.
    hand_place = models.DateTimeField(null=True, blank=True)
    # Where a follow-up rule suggests to move the lead; any move, and any answer of the person, takes it away.
    suggested_stage = ClinicForeignKey(
        PipelineStage, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # How many messages of theirs wait to be read; the inbox keeps it, so that a list need not ask the inbox.
    unread_count = models.PositiveIntegerField(default=0)

    assigned_to = ClinicForeignKey(
        ClinicUser,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="leads",
        verbose_name=_("coordinator"),
    )
    assigned_at = models.DateTimeField(null=True, blank=True)
    first_contacted_at = models.DateTimeField(null=True, blank=True)

    converted_at = models.DateTimeField(null=True, blank=True)
    converted_to_patient = ClinicForeignKey(
        "patients.Patient",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("became the patient"),
    )
    lost_at = models.DateTimeField(null=True, blank=True)
    lost_reason = models.CharField(_("lost because"), max_length=20, choices=LostReason, blank=True, default="")
    lost_notes = models.TextField(_("about the loss"), blank=True, default="")
    # The stage in which it stood before: a trigger keeps it, whichever way the loss comes.
    lost_from = models.UUIDField(null=True, blank=True, editable=False)
    archived_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    captured_at = models.DateTimeField(_("first asked"))
    created_by = ClinicForeignKey(ClinicUser, on_delete=models.SET_NULL, null=True, related_name="+")
    updated_by = ClinicForeignKey(ClinicUser, on_delete=models.SET_NULL, null=True, related_name="+")

    # Search columns are stored normalised: behind a policy, lower() and LIKE cannot use an index.
    phone_e164 = models.CharField(max_length=20, blank=True, default="")
    phone_alt_e164 = models.CharField(max_length=20, blank=True, default="")
    email_norm = models.CharField(max_length=254, blank=True, default="")
    name_key = models.CharField(max_length=340, blank=True, default="")
    # The opportunity's value rides along: the board sums whole columns, and lists are sorted by it.
    expected_value_cents = models.PositiveBigIntegerField(null=True, blank=True)

    # What tells who somebody is, or was written about them: sealed in the audit log under a key that erasing destroys.
    PERSONAL = (
        "first_name", "last_name", "phone", "phone_alt", "email", "preferred_time", "patient_first_name",
        "patient_last_name", "address_line1", "address_line2", "city", "state", "postal_code", "country",
        "source_detail", "external_id", "insurance_carrier", "notes", "extra", "lost_notes", "title", "description",
    )  # fmt: skip

    objects = ScopedManager.of(LeadQuerySet)

    class Meta:
        verbose_name = _("lead")
        verbose_name_plural = _("leads")
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "external_id"], condition=Q(external_id__isnull=False), name="lead_external_id_once"
            ),
            models.CheckConstraint(condition=~Q(status="LOST") | ~Q(lost_reason=""), name="lead_lost_has_reason"),
            models.CheckConstraint(
                condition=~Q(status="CONVERTED") | Q(converted_at__isnull=False), name="lead_converted_has_date"
            ),
            models.CheckConstraint(
                condition=Q(expected_value_cents__isnull=True) | Q(expected_value_cents__gt=0),
                name="lead_value_is_positive",
            ),
            models.CheckConstraint(
                condition=Q(score__isnull=True) | Q(score__lte=100), name="lead_score_is_a_share_of_100"
            ),
        ]
        indexes = [
            clinic_index(
                "stage",
                "-stage_entered_at",
                "-id",
                name="lead_board_column",
                condition=Q(deleted_at=None) & ~Q(status="ARCHIVED"),
            ),
            # With the status, so that a page deep inside the list is reached in the index alone.
            clinic_index("-captured_at", "-id", name="lead_newest", condition=Q(deleted_at=None), include=["status"]),
            clinic_index("assigned_to", "-captured_at", name="lead_of_coordinator"),
            clinic_index("source", "-captured_at", name="lead_of_source"),
            clinic_index("consultation", name="lead_of_consultation", condition=Q(consultation__isnull=False)),
            clinic_index("status", "-captured_at", name="lead_by_status"),
            clinic_index("name_key", "id", name="lead_by_name"),
            clinic_index("stage_entered_at", "id", name="lead_by_stage_time", condition=Q(deleted_at=None)),
            clinic_index(
                "expected_value_cents",
                "id",
                name="lead_by_value",
                condition=Q(deleted_at=None, expected_value_cents__isnull=False),
            ),
            clinic_index("id", name="lead_deleted", condition=Q(deleted_at__isnull=False)),
            clinic_index("-captured_at", name="lead_unread", condition=Q(deleted_at=None, unread_count__gt=0)),
            clinic_index(
                "-captured_at",
                name="lead_with_suggestion",
                condition=Q(deleted_at=None, suggested_stage__isnull=False),
            ),
            clinic_index(
                "captured_at",
                name="lead_not_contacted",
                condition=Q(deleted_at=None, status="NEW", first_contacted_at=None),
            ),
            clinic_index("ad_campaign", "-captured_at", name="lead_of_ad", condition=Q(ad_campaign__isnull=False)),
            clinic_index("phone_e164", name="lead_by_phone"),
            clinic_index("phone_alt_e164", name="lead_by_other_phone"),
            clinic_index("email_norm", name="lead_by_email"),
        ]

    def get_absolute_url(self):
        return reverse("crm:lead_detail", args=[self.pk])
