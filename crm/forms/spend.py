from decimal import Decimal

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinics.tables.reading import LIMIT_BYTES
from crm.models import AdCampaign, FigureImport, LeadSource


class MonthField(forms.DateField):
    """A month that has begun, cleaned to its first day."""

    widget = forms.DateInput(attrs={"type": "month"}, format="%Y-%m")

    def __init__(self, **kwargs):
        super().__init__(input_formats=["%Y-%m", "%Y-%m-%d"], **kwargs)

    def clean(self, value):
        day = super().clean(value)
        if day is None:
            return None
        if day.replace(day=1) > timezone.localdate() or day.year < 2000:
            raise forms.ValidationError(_("This month is still to come, or long ago."))
        return day.replace(day=1)


class SpendForm(forms.Form):
    """What was spent on a source, or on one of its campaigns, in a month."""

    month = MonthField(label=_("Month"))
    source = forms.ModelChoiceField(LeadSource.objects.none(), label=_("Source"))
    ad_campaign = forms.ModelChoiceField(AdCampaign.objects.none(), label=_("Campaign"), required=False)
    amount = forms.DecimalField(label=_("Spent"), max_digits=10, decimal_places=2, min_value=0)
    note = forms.CharField(label=_("Note"), required=False, max_length=255)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["month"].initial = timezone.localdate
        self.fields["source"].queryset = LeadSource.objects.order_by("name")
        self.fields["source"].empty_label = _("Choose a source")
        self.fields["ad_campaign"].queryset = AdCampaign.objects.order_by("name")
        self.fields["ad_campaign"].empty_label = _("the source in general")
        self.fields["amount"].widget.attrs |= {"inputmode": "decimal", "step": "0.01"}

    @property
    def values(self):
        """What enter_spend takes beside month and source."""
        cleaned = self.cleaned_data
        cents = int(cleaned["amount"] * 100)
        return {"ad_campaign": cleaned["ad_campaign"], "cents": cents, "note": cleaned["note"]}


class AdCampaignForm(forms.Form):
    """A paid campaign: what it is called here and there, and its budget."""

    name = forms.CharField(label=_("Name"), max_length=120)
    platform = forms.CharField(label=_("Platform"), max_length=40, help_text=_("Google, Meta, a local paper."))
    external_id = forms.CharField(
        label=_("Their number for it"),
        max_length=64,
        required=False,
        help_text=_("As it stands in the files and events of the platform."),
    )
    budget = forms.DecimalField(label=_("Budget a month"), max_digits=10, decimal_places=2, min_value=0, required=False)

    def __init__(self, *args, campaign=None, **kwargs):
        initial = {}
        if campaign is not None:
            initial = {name: getattr(campaign, name) for name in ("name", "platform", "external_id")}
            initial["budget"] = Decimal(campaign.monthly_spend_cents) / 100 or None
        super().__init__(*args, initial=initial, **kwargs)
        self.fields["budget"].widget.attrs |= {"inputmode": "decimal", "step": "0.01"}

    @property
    def values(self):
        """The fields of AdCampaign."""
        same = {name: self.cleaned_data[name].strip() for name in ("name", "platform", "external_id")}
        return same | {"monthly_spend_cents": int((self.cleaned_data["budget"] or 0) * 100)}


class UsualCostForm(forms.Form):
    """What a source costs a month; empty where nobody knows."""

    amount = forms.DecimalField(max_digits=10, decimal_places=2, min_value=0, required=False)

    def __init__(self, *args, source=None, **kwargs):
        super().__init__(*args, auto_id=source and f"cost-{source.pk}-%s", **kwargs)
        self.fields["amount"].widget.attrs |= {"class": "input input--sm", "inputmode": "decimal", "step": "0.01"}
        if source is not None and source.monthly_cost_cents is not None:
            self.initial["amount"] = Decimal(source.monthly_cost_cents) / 100

    @property
    def cents(self):
        amount = self.cleaned_data["amount"]
        return None if amount is None else int(amount * 100)


class FigureFileForm(forms.Form):
    """A file of spend or of events."""

    kind = forms.ChoiceField(label=_("What is in it"), choices=FigureImport.Kind)
    file = forms.FileField(label=_("File"), help_text=_("CSV or Excel, one row each, headings on top."))

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > LIMIT_BYTES:
            raise forms.ValidationError(_("This file is too large."))
        return file


class EventFilterForm(forms.Form):
    """Which events a list shows."""

    kind = forms.ChoiceField(label=_("Kind"), required=False)

    def __init__(self, *args, kinds, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", _("All kinds")), *kinds]
