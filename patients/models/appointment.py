from datetime import timedelta

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinics.models import ClinicForeignKey, ClinicModel, ClinicUser, Location, ScopedManager
from clinics.models.base import clinic_index
from patients.models.choices import AppointmentStatus, CancellationReason, EmrSystem, RiskLevel
from patients.models.hours import local_time
from patients.models.patient import Patient
from patients.models.provider import AppointmentType, Provider
from patients.models.room import Room

OPEN = (AppointmentStatus.SCHEDULED, AppointmentStatus.CONFIRMED)
# Who holds the time of a provider and a room; the exclusion constraints of migration 0002 say the same.
OCCUPYING = (*OPEN, AppointmentStatus.COMPLETED)


class AppointmentQuerySet(models.QuerySet):
    def standing(self):
        """Those that are still to come about: neither done nor missed, cancelled or moved to another day."""
        return self.filter(status__in=OPEN)

    def ending_after(self, moment):
        return self.filter(ends_at__gt=moment)

    def over_by(self, moment):
        return self.filter(ends_at__lte=moment)

    def occupying(self):
        """Those that hold the time of their provider and room."""
        return self.filter(status__in=OCCUPYING)

    def requested(self):
        """What visitors have asked for and nobody has confirmed or declined, the next one first."""
        waiting = self.filter(
            requested_at__isnull=False, status=AppointmentStatus.SCHEDULED, ends_at__gt=timezone.now()
        )
        return waiting.order_by("starts_at", "pk")

    def of_visitor(self, token):
        """The appointment of whoever holds this token, with all that their page shows; None if it is nobody's."""
        rows = self.for_list().select_related("clinic").filter(visitor_token=token).exclude(visitor_token="")
        return rows.first()

    def shown(self):
        """What a calendar shows: everything but what was cancelled or moved to another day."""
        return self.exclude(status__in=[AppointmentStatus.CANCELLED, AppointmentStatus.RESCHEDULED])

    def between(self, start, end):
        """Those that overlap [start, end). No appointment lasts longer than a day: the index finds where to begin."""
        return self.filter(starts_at__lt=end, ends_at__gt=start, starts_at__gt=start - timedelta(days=1))

    def next_of(self, patient_ids):
        """When each of these patients comes next: {patient_id: moment}, in one query."""
        coming = self.standing().filter(patient__in=patient_ids, starts_at__gte=timezone.now()).order_by()
        return dict(coming.values_list("patient_id").annotate(begins=models.Min("starts_at")))

    def next_of_outer_patient(self):
        """When the patient of the query around it comes next, as a column, or None."""
        coming = self.standing().filter(patient=models.OuterRef("pk"), starts_at__gte=timezone.now())
        return models.Subquery(coming.order_by("starts_at").values("starts_at")[:1])

    def with_provider(self, provider):
        return self.filter(provider=provider)

    def at_location(self, location):
        return self.filter(location=location)

    def of_patient(self, patient):
        return self.filter(patient=patient)

    def asked_for(self, wishes):
        """Those that a program asks for: `since`, `until`, and fields by name."""
        fields = {name: value for name, value in wishes.items() if name not in ("since", "until")}
        times = {"since": "starts_at__gte", "until": "starts_at__lt"}
        return self.filter(**fields, **{times[name]: wishes[name] for name in times if name in wishes})

    def for_list(self):
        """Everything that a calendar or a list shows of an appointment, in one query."""
        return self.select_related("patient", "provider", "room", "type", "location")

    def in_order(self):
        return self.order_by("starts_at", "pk")


class Appointment(ClinicModel):
    """A booked time: of a patient, or of somebody who may become one and is known by `contact_*` alone."""

    patient = ClinicForeignKey(
        Patient, on_delete=models.PROTECT, null=True, blank=True, related_name="appointments", verbose_name=_("patient")
    )
    contact_name = models.CharField(_("name"), max_length=160, blank=True, default="")
    contact_phone = models.CharField(_("phone"), max_length=40, blank=True, default="")
    contact_email = models.EmailField(_("e-mail"), blank=True, default="")
    starts_at = models.DateTimeField(_("begins"))
    ends_at = models.DateTimeField(_("ends"))
    provider = ClinicForeignKey(
        Provider, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("provider")
    )
    room = ClinicForeignKey(
        Room, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("room")
    )
    type = ClinicForeignKey(
        AppointmentType, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("type")
    )
    location = ClinicForeignKey(
        Location, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("location")
    )
    status = models.CharField(
        _("status"), max_length=12, choices=AppointmentStatus, default=AppointmentStatus.SCHEDULED
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)
    checked_in_at = models.DateTimeField(_("checked in"), null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    cancellation_reason = models.CharField(
        _("cancelled because"), max_length=10, choices=CancellationReason, blank=True, default=""
    )
    cancellation_note = models.CharField(_("about the cancellation"), max_length=500, blank=True, default="")
    notes = models.TextField(_("notes"), blank=True, default="")
    # A visitor asked for it on a booking page; it holds its time, and waits for somebody's word until it is confirmed.
    requested_at = models.DateTimeField(_("asked for online"), null=True, blank=True)
    visitor_token = models.CharField(max_length=43, blank=True, default="")
    wants_mail = models.BooleanField(_("tell them"), default=False)
    mail_language = models.CharField(max_length=8, blank=True, default="")
    mailed_version = models.PositiveIntegerField(default=0)
    replaces = ClinicForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="replaced_by")

    no_show_risk_score = models.FloatField(_("risk of not coming"), null=True, blank=True)
    no_show_risk_level = models.CharField(
        _("risk of not coming, level"), max_length=6, choices=RiskLevel, blank=True, default=""
    )
    reactivated = models.BooleanField(_("won back"), default=False)
    reactivation_source = models.CharField(_("won back by"), max_length=80, blank=True, default="")
    estimated_revenue_cents = models.PositiveBigIntegerField(_("expected revenue"), null=True, blank=True)
    emr_system = models.CharField(_("EMR"), max_length=10, choices=EmrSystem, blank=True, default="")
    external_appointment_id = models.CharField(_("external id"), max_length=120, null=True, blank=True)
    # What an EMR has booked over another appointment is taken as it is.
    may_overlap = models.BooleanField(_("booked over another"), default=False)

    version = models.PositiveIntegerField(default=1)
    created_by = ClinicForeignKey(ClinicUser, on_delete=models.SET_NULL, null=True, related_name="+")
    updated_by = ClinicForeignKey(ClinicUser, on_delete=models.SET_NULL, null=True, related_name="+")

    # What names somebody or was written about them: sealed in the audit log under a key that erasing destroys.
    PERSONAL = ("contact_name", "contact_phone", "contact_email", "notes", "cancellation_note")

    objects = ScopedManager.of(AppointmentQuerySet)

    class Meta:
        verbose_name = _("appointment")
        verbose_name_plural = _("appointments")
        # Two appointments of one provider, or in one room, never overlap: see migration 0002_one_at_a_time.
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="appointment_ends_after_it_begins"),
            models.CheckConstraint(
                condition=Q(ends_at__lte=F("starts_at") + timedelta(days=1)),
                name="appointment_lasts_a_day_at_most",
            ),
            models.CheckConstraint(
                condition=Q(patient__isnull=False) | ~Q(contact_name="") | ~Q(contact_phone=""),
                name="appointment_is_of_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(status="CANCELLED") | ~Q(cancellation_reason=""), name="appointment_cancelled_has_reason"
            ),
            models.UniqueConstraint(
                fields=["clinic", "emr_system", "external_appointment_id"],
                condition=Q(external_appointment_id__isnull=False),
                name="appointment_external_id_once",
            ),
            models.UniqueConstraint(
                fields=["clinic", "visitor_token"],
                condition=~Q(visitor_token=""),
                name="appointment_visitor_token_once",
            ),
        ]
        indexes = [
            clinic_index("starts_at", "id", name="appointment_by_time"),
            clinic_index("provider", "starts_at", name="appointment_of_provider"),
            clinic_index("patient", "-starts_at", name="appointment_of_patient"),
            clinic_index("status", "starts_at", name="appointment_by_status"),
            clinic_index("starts_at", name="appointment_requested", condition=Q(requested_at__isnull=False)),
        ]

    def __str__(self):
        return self.who

    def get_absolute_url(self):
        return reverse("patients:appointment_detail", args=[self.pk])

    @property
    def who(self):
        """The name of whoever comes."""
        return self.patient.display_name if self.patient else self.contact_name or self.contact_phone

    @property
    def reached_at(self):
        """The number to call about it."""
        return (self.patient.phone_e164 or self.patient.phone) if self.patient else self.contact_phone

    @property
    def mail_address(self):
        """Where to write to about it; "" if nobody has said."""
        return (self.patient.email if self.patient else "") or self.contact_email

    @property
    def duration_minutes(self):
        return int((self.ends_at - self.starts_at).total_seconds() // 60)

    @property
    def is_open(self):
        return self.status in OPEN

    @property
    def is_request(self):
        """A visitor has asked for it, and nobody here has said yes or no."""
        return self.requested_at is not None and self.status == AppointmentStatus.SCHEDULED

    @property
    def is_past(self):
        return self.ends_at <= timezone.now()

    @property
    def is_overdue(self):
        """Over by the clock, and nobody has said what came of it."""
        return self.is_open and self.is_past

    @property
    def local_start(self):
        """When it begins by the clock of its location, without a zone: templates show it as it stands."""
        return local_time(self.starts_at, self.location)
