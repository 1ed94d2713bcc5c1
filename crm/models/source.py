from uuid import UUID

from django.apps import apps
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinics.models import ClinicForeignKey, ClinicModel, ScopedManager
from clinics.models.base import clinic_index
from crm.models.choices import SourceCategory


class LeadSourceQuerySet(models.QuerySet):
    def in_use(self):
        """Sources that leads may come by, by name."""
        return self.filter(is_active=True).order_by("name", "pk")

    def called(self, text):
        """The source of this id or name, whatever its case; None if the clinic has none."""
        try:
            return self.filter(pk=UUID(text)).first()
        except ValueError:
            return self.filter(name__iexact=text.strip()).order_by("pk").first()


class LeadSource(ClinicModel):
    """Where leads come from, and what it costs a month."""

    name = models.CharField(_("name"), max_length=120)
    category = models.CharField(_("category"), max_length=20, choices=SourceCategory)
    description = models.TextField(_("description"), blank=True, default="")
    is_active = models.BooleanField(_("in use"), default=True)
    monthly_cost_cents = models.PositiveBigIntegerField(_("cost a month, in cents"), null=True, blank=True)
    is_unknown = models.BooleanField(
        _("stands for “nobody asked”"),
        default=False,
        help_text=_("Its leads are shown as of unknown source, and are not credited to any."),
    )

    objects = ScopedManager.of(LeadSourceQuerySet)

    class Meta:
        verbose_name = _("lead source")
        verbose_name_plural = _("lead sources")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["clinic", "name"], name="source_name_once_a_clinic")]

    def __str__(self):
        return self.name


class AdCampaignQuerySet(models.QuerySet):
    def for_list(self):
        """By name, each with what was spent on it in all (`spent_cents`, None where nobody has said)."""
        return self.annotate(spent_cents=models.Sum("spend__cents")).order_by("name", "platform", "pk")

    def used(self):
        """Those that a lead, a touch, spend or an event belongs to."""
        theirs = [model.objects.filter(ad_campaign=models.OuterRef("pk")) for model in _of_campaigns()]
        return self.filter(models.Q(*(models.Q(models.Exists(rows)) for rows in theirs), _connector=models.Q.OR))


def _of_campaigns():
    return [apps.get_model("crm", name) for name in ("Lead", "Touchpoint", "AdSpend", "KpiEvent")]


class AdCampaign(ClinicModel):
    """A paid campaign on an advertising platform."""

    name = models.CharField(_("name"), max_length=120)
    platform = models.CharField(_("platform"), max_length=40)
    external_id = models.CharField(_("their number for it"), max_length=64, blank=True, default="")
    monthly_spend_cents = models.PositiveBigIntegerField(_("budget a month, in cents"), default=0)

    objects = ScopedManager.of(AdCampaignQuerySet)

    class Meta:
        verbose_name = _("ad campaign")
        verbose_name_plural = _("ad campaigns")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["clinic", "platform", "name"], name="ad_campaign_once_a_platform"),
            models.UniqueConstraint(
                fields=["clinic", "platform", "external_id"],
                condition=~models.Q(external_id=""),
                name="ad_campaign_once_their_number",
            ),
        ]

    def __str__(self):
        return self.name


class ReferringProvider(ClinicModel):
    """A doctor outside the clinic who refers people to it."""

    name = models.CharField(_("name"), max_length=120)
    practice = models.CharField(_("practice"), max_length=120, blank=True, default="")
    phone = models.CharField(_("phone"), max_length=20, blank=True, default="")
    email = models.EmailField(_("e-mail"), blank=True, default="")
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("referring doctor")
        verbose_name_plural = _("referring doctors")
        ordering = ["name"]

    def __str__(self):
        return self.name


class Touchpoint(ClinicModel):
    """One marketing touch of a lead, never changed afterwards: attribution is computed from these."""

    lead = ClinicForeignKey("crm.Lead", on_delete=models.CASCADE, related_name="touchpoints")
    source = ClinicForeignKey(LeadSource, on_delete=models.PROTECT, null=True, related_name="+")
    ad_campaign = ClinicForeignKey(AdCampaign, on_delete=models.PROTECT, null=True, related_name="+")
    utm_source = models.CharField(max_length=120, blank=True, default="")
    utm_medium = models.CharField(max_length=120, blank=True, default="")
    utm_campaign = models.CharField(max_length=120, blank=True, default="")
    utm_term = models.CharField(max_length=120, blank=True, default="")
    utm_content = models.CharField(max_length=120, blank=True, default="")
    gclid = models.CharField(max_length=255, blank=True, default="")  # Google's name for the click on an ad
    fbclid = models.CharField(max_length=255, blank=True, default="")  # Meta's
    landing_page = models.CharField(max_length=500, blank=True, default="")
    referrer = models.CharField(max_length=500, blank=True, default="")
    occurred_at = models.DateTimeField()
    # Whether the lead had a touch before: a trigger says so. Few have, and reports need only look at those.
    is_repeat = models.BooleanField(default=False, editable=False)

    class Meta:
        verbose_name = _("touch")
        verbose_name_plural = _("touches")
        ordering = ["occurred_at", "id"]
        indexes = [
            clinic_index("lead", "occurred_at", name="touch_of_a_lead"),
            clinic_index("lead", name="touch_repeated", condition=models.Q(is_repeat=True)),
        ]

    @property
    def traces(self):
        """What is known of the way here beyond the source: (words, text) of each."""
        campaign = " · ".join(filter(None, (self.utm_campaign, self.utm_content, self.utm_term)))
        medium = " · ".join(filter(None, (self.utm_source, self.utm_medium)))
        click = self.gclid or self.fbclid
        known = [
            (_("Page"), self.landing_page),
            (_("Came from"), self.referrer),
            (_("Medium"), medium),
            (_("Campaign"), str(self.ad_campaign or "") or campaign),
            (_("Click on an ad"), click),
        ]
        return [(words, text) for words, text in known if text]
