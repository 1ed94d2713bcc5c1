import zoneinfo

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from clinics.models.base import ClinicModel, ScopedManager
from clinics.places import CURRENCIES, phone_regions, time_zones

DEGREES_NORTH = [MinValueValidator(-90), MaxValueValidator(90)]
PATIENCE = [MinValueValidator(1), MaxValueValidator(400)]
DEGREES_EAST = [MinValueValidator(-180), MaxValueValidator(180)]
LANGUAGES = [("en", _("English")), ("es", _("Spanish"))]

DEFAULT_HOURS = {str(day): [["08:00", "17:00"]] for day in range(5)}


def default_hours():
    """Monday to Friday, 8 to 17: weekday number (0 = Monday) -> list of [opens, closes]."""
    return {day: [list(span) for span in spans] for day, spans in DEFAULT_HOURS.items()}


class ClinicQuerySet(models.QuerySet):
    def in_use(self):
        """Clinics that were not closed."""
        return self.filter(is_active=True)


class Clinic(models.Model):
    """A tenant: the practice that all other rows belong to. Holds no personal data, so it stands before the wall."""

    class Tier(models.TextChoices):
        STARTER = "STARTER", _("Starter")
        PROFESSIONAL = "PROFESSIONAL", _("Professional")
        ADVANCED = "ADVANCED", _("Advanced")
        ENTERPRISE = "ENTERPRISE", _("Enterprise")

    class Status(models.TextChoices):
        TRIAL = "TRIAL", _("Trial")
        ACTIVE = "ACTIVE", _("Active")
        CANCELLED = "CANCELLED", _("Cancelled")
        PAUSED = "PAUSED", _("Paused")
        PAST_DUE = "PAST_DUE", _("Past due")

    class Preset(models.TextChoices):
        ORTHODONTICS = "ORTHODONTICS", _("Orthodontics")
        MED_SPA = "MED_SPA", _("Med spa")
        CHIROPRACTIC = "CHIROPRACTIC", _("Chiropractic")

    class LeadPrivacy(models.TextChoices):
        FULL = "FULL", _("Full: names, birth dates and insurance")
        MINIMAL = "MINIMAL", _("Minimal: first names and contact only")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(_("short name"), max_length=60, unique=True)
    email = models.EmailField(_("e-mail"))
    preset = models.CharField(_("kind of practice"), max_length=20, choices=Preset)
    time_zone = models.CharField(_("time zone"), max_length=64, choices=time_zones, default="America/New_York")
    currency = models.CharField(_("currency"), max_length=3, choices=CURRENCIES, default="USD")
    language = models.CharField(_("language"), max_length=8, choices=LANGUAGES, default="en")
    phone_region = models.CharField(
        _("phone numbers without a country are of"), max_length=2, choices=phone_regions, default="US"
    )
    business_hours = models.JSONField(_("business hours"), default=default_hours)
    holidays = models.JSONField(_("holidays"), default=list, blank=True, help_text=_("Dates as 2026-12-25."))
    subscription_tier = models.CharField(_("plan"), max_length=20, choices=Tier, default=Tier.STARTER)
    subscription_status = models.CharField(_("plan status"), max_length=20, choices=Status, default=Status.TRIAL)
    sending_stopped_at = models.DateTimeField(null=True, editable=False)  # nothing leaves the clinic since then
    message_limit = models.PositiveIntegerField(_("messages a month"), default=1000)
    locations_limit = models.PositiveIntegerField(_("locations"), default=1)
    stripe_customer_id = models.CharField(max_length=255, blank=True, default="")
    lead_privacy = models.CharField(_("lead privacy"), max_length=10, choices=LeadPrivacy, default=LeadPrivacy.FULL)
    leaves_out_private = models.BooleanField(
        _("take inquiries in without what is not kept"),
        default=False,
        help_text=_(
            "With minimal lead privacy: an inquiry that says more becomes a lead at once, without those fields, and "
            "its lead says which. Off: it waits until somebody takes it over."
        ),
    )
    speed_to_lead_minutes = models.PositiveSmallIntegerField(_("minutes to the first call"), default=5)
    speed_warn_minutes = models.PositiveSmallIntegerField(
        _("remind (minutes before)"),
        default=2,
        help_text=_("The coordinator of a new lead is reminded so long before the first call is due. 0: not at all."),
    )
    speed_escalate_minutes = models.PositiveSmallIntegerField(
        _("tell the manager (minutes after)"),
        null=True,
        blank=True,
        default=10,
        help_text=_("Whoever the coordinator reports to, or else the clinic admins. Empty: nobody is told."),
    )
    speed_reassign_minutes = models.PositiveSmallIntegerField(
        _("give to somebody else (minutes after)"),
        null=True,
        blank=True,
        help_text=_("By the assignment rules. Empty: the lead stays where it is."),
    )
    entered_leads_stay = models.BooleanField(
        _("leads stay with whoever enters them"),
        default=True,
        help_text=_("If they may own leads; otherwise the assignment rules decide about these, too."),
    )
    requires_second_factor = models.BooleanField(_("staff must use a second factor"), default=False)
    lead_retention_years = models.PositiveSmallIntegerField(
        _("keep leads (years)"), default=7, validators=[MinValueValidator(7)]
    )
    activity_retention_years = models.PositiveSmallIntegerField(
        _("keep activities (years)"), default=3, validators=[MinValueValidator(3)]
    )
    kpi_retention_years = models.PositiveSmallIntegerField(
        _("keep key figures (years)"), default=5, validators=[MinValueValidator(5)]
    )
    task_patience_urgent_hours = models.PositiveSmallIntegerField(
        _("urgent tasks: tell the manager after (open hours overdue)"), default=1, validators=PATIENCE
    )
    task_patience_high_hours = models.PositiveSmallIntegerField(
        _("tasks of high priority: tell the manager after (open hours overdue)"), default=4, validators=PATIENCE
    )
    task_patience_normal_hours = models.PositiveSmallIntegerField(
        _("normal tasks: tell the manager after (open hours overdue)"), default=9, validators=PATIENCE
    )
    task_patience_low_hours = models.PositiveSmallIntegerField(
        _("tasks of low priority: tell the manager after (open hours overdue)"), default=27, validators=PATIENCE
    )
    patient_new_days = models.PositiveSmallIntegerField(
        _("new for (days after the first visit)"), default=90, validators=[MinValueValidator(1)]
    )
    patient_risk_percent = models.PositiveSmallIntegerField(
        _("at risk after (percent of the own usual interval)"), default=150, validators=[MinValueValidator(100)]
    )
    patient_dormant_days = models.PositiveSmallIntegerField(
        _("dormant after (days without a visit)"), default=180, validators=[MinValueValidator(30)]
    )
    patient_recall_rest_days = models.PositiveSmallIntegerField(
        _("off the recall list after being asked (days)"), default=14, validators=[MinValueValidator(1)]
    )
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ClinicQuerySet.as_manager()

    class Meta:
        verbose_name = _("clinic")
        verbose_name_plural = _("clinics")
        constraints = [
            models.CheckConstraint(condition=models.Q(lead_retention_years__gte=7), name="clinic_keeps_leads_7_years"),
            models.CheckConstraint(
                condition=models.Q(activity_retention_years__gte=3), name="clinic_keeps_activities_3_years"
            ),
            models.CheckConstraint(condition=models.Q(kpi_retention_years__gte=5), name="clinic_keeps_figures_5_years"),
        ]

    def __str__(self):
        return self.name

    @property
    def zone(self):
        return zoneinfo.ZoneInfo(self.time_zone)

    @property
    def asks_full_names(self):
        return self.lead_privacy == self.LeadPrivacy.FULL


class LocationQuerySet(models.QuerySet):
    def in_use(self):
        """Places where people are seen, by name."""
        return self.filter(is_active=True).order_by("name")


class Location(ClinicModel):
    """A place where the clinic sees people; it may keep its own hours and time zone."""

    name = models.CharField(_("name"), max_length=120)
    phone_number = models.CharField(_("phone number"), max_length=20, blank=True, default="")
    address = models.CharField(_("address"), max_length=255, blank=True, default="")
    time_zone = models.CharField(_("time zone"), max_length=64, choices=time_zones, blank=True, default="")
    business_hours = models.JSONField(_("business hours"), null=True, blank=True)
    latitude = models.FloatField(_("latitude"), null=True, blank=True, validators=DEGREES_NORTH)
    longitude = models.FloatField(_("longitude"), null=True, blank=True, validators=DEGREES_EAST)
    is_active = models.BooleanField(_("active"), default=True)

    objects = ScopedManager.of(LocationQuerySet)

    class Meta:
        verbose_name = _("location")
        verbose_name_plural = _("locations")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["clinic", "name"], name="location_name_once_a_clinic")]

    def __str__(self):
        return self.name

    @property
    def zone(self):
        return zoneinfo.ZoneInfo(self.time_zone) if self.time_zone else self.clinic.zone
