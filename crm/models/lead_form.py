from copy import copy
from functools import lru_cache

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import connection, models
from django.db.models import Count, Max
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from clinics.models import ClinicForeignKey, ClinicModel, Location, ScopedManager, Tag
from clinics.models.base import clinic_index, current_clinic_id
from clinics.models.clinic import LANGUAGES
from crm.models.source import LeadSource

# The form behind an address, and which versions of its rows stand: PostgreSQL writes each to a place of its own.
STANDING = """
    SELECT form.id, form.ctid::text, form.xmin::text, clinic.ctid::text, clinic.xmin::text, place.ctid::text,
        place.xmin::text
    FROM crm_leadform form
    JOIN clinics_clinic clinic ON clinic.id = form.clinic_id AND clinic.is_active
    LEFT JOIN clinics_location place ON place.clinic_id = form.clinic_id AND place.id = form.location_id
    WHERE form.clinic_id = %s AND form.token = %s AND form.is_active
"""
MOST_KEPT = 256  # forms a process


class LeadFormQuerySet(models.QuerySet):
    def of_token(self, token):
        """The form behind a public address, with everything its page shows, in one query; None if it is closed.

        A form of which nothing has changed is taken from memory: many inquiries come by few forms.
        """
        with connection.cursor() as cursor:
            cursor.execute(STANDING, [current_clinic_id(), token])
            standing = cursor.fetchone()
        return copy(_form_as_it_stands(*standing)) if standing else None

    def for_tablets(self):
        """The forms that the front desk hands over."""
        return self.filter(use=LeadForm.Use.WALK_IN, is_active=True).select_related("location").order_by("name")

    def with_own_questions(self):
        """Forms that ask something of the clinic's own, closed ones too: their answers are still here."""
        told = Cast("fields", models.CharField())
        return self.alias(told=told).filter(told__contains='"q_').order_by("-is_active", "-pk")

    def for_list(self):
        """Forms with how many inquiries each has brought, and when the last one came."""
        rows = self.select_related("source", "location")
        counted = rows.annotate(inquiry_count=Count("submissions"), last_inquiry_at=Max("submissions__received_at"))
        return counted.order_by("-is_active", "name", "pk")


class LeadForm(ClinicModel):
    """A form that people fill in who are not signed in: on a page of ours, inside another site, or on a tablet.

    `fields` is the chosen fields in their order, each {"name", "required", "label": {language: text}, "help": {...}};
    `texts` the form's own words by language and place. What is empty is said in the house's words.
    """

    class Use(models.TextChoices):
        WEB = "WEB", _("Public web form")
        WALK_IN = "WALK_IN", _("Tablet at the front desk")
        BOOKING = "BOOKING", _("Online booking")

    class Hue(models.IntegerChoices):
        TEAL = 200, _("Teal")
        BLUE = 240, _("Blue")
        INDIGO = 275, _("Indigo")
        PURPLE = 310, _("Purple")
        PINK = 350, _("Pink")
        RED = 20, _("Brick")
        ORANGE = 50, _("Amber")
        OLIVE = 105, _("Olive")
        GREEN = 150, _("Green")

    use = models.CharField(_("use"), max_length=8, choices=Use, default=Use.WEB)
    name = models.CharField(_("name"), max_length=80, help_text=_("For you; visitors do not see it."))
    token = models.CharField(max_length=43)
    fields = models.JSONField(default=list)
    texts = models.JSONField(default=dict, blank=True)
    language = models.CharField(
        _("language"),
        max_length=8,
        choices=[("", _("The visitor’s, English or Spanish")), *LANGUAGES],
        blank=True,
        default="",
    )
    hue = models.PositiveSmallIntegerField(
        _("color"), choices=Hue, default=Hue.TEAL, validators=[MaxValueValidator(359)]
    )
    source = ClinicForeignKey(
        LeadSource, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("source")
    )
    tag = ClinicForeignKey(
        Tag, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("tag")
    )
    location = ClinicForeignKey(
        Location, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("location")
    )
    asks_consent = models.BooleanField(_("asks for agreement to be contacted"), default=True)
    asks_news = models.BooleanField(_("offers news and offers"), default=False)
    privacy_url = models.URLField(_("address of your privacy notice"), blank=True, default="")
    redirect_url = models.URLField(
        _("then go to this page"),
        blank=True,
        default="",
        help_text=_("Empty: our own thank-you page."),
    )
    allowed_origins = ArrayField(
        models.CharField(max_length=255),
        default=list,
        blank=True,
        verbose_name=_("sites that may show it"),
        help_text=_("One address a line, as https://www.your-clinic.com"),
    )
    notice_hours = models.PositiveSmallIntegerField(
        _("at the earliest, hours ahead"),
        default=24,
        validators=[MaxValueValidator(720)],
        help_text=_("So much before it, a visitor may no longer book, move or cancel."),
    )
    days_ahead = models.PositiveSmallIntegerField(
        _("at the latest, days ahead"), default=60, validators=[MinValueValidator(1), MaxValueValidator(365)]
    )
    confirms_by_email = models.BooleanField(_("confirm by e-mail"), default=False)
    is_active = models.BooleanField(_("open"), default=True)
    version = models.PositiveIntegerField(default=1)

    objects = ScopedManager.of(LeadFormQuerySet)

    class Meta:
        verbose_name = _("form")
        verbose_name_plural = _("forms")
        constraints = [
            models.UniqueConstraint(fields=["clinic", "token"], name="lead_form_token_once"),
            models.UniqueConstraint(fields=["clinic", "name"], name="lead_form_name_once_a_clinic"),
        ]
        indexes = [clinic_index("is_active", "name", name="lead_form_by_name")]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("crm:form_edit", args=[self.pk])

    @property
    def public_path(self):
        """Where visitors find it; nowhere as long as it is not saved."""
        page = "crm:booking_start" if self.is_booking else "crm:public_form"
        return reverse(page, args=[self.token]) if self.token else ""

    @property
    def is_walk_in(self):
        return self.use == self.Use.WALK_IN

    @property
    def is_booking(self):
        return self.use == self.Use.BOOKING

    def text(self, place):
        """The form's own words for a place, in the language of the page; "" where it has none."""
        return self.texts.get((get_language() or "en")[:2], {}).get(place, "")


@lru_cache(MOST_KEPT)
def _form_as_it_stands(form_id, *_versions):
    """What is in memory; whoever asks gets a copy, with the clinic and the place of these versions and no other row."""
    return LeadForm.objects.select_related("clinic", "location").get(pk=form_id)
