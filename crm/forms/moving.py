from datetime import datetime
from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy as _

from clinics.forms.keyed import new_key
from crm.models import Lead, LostReason, PipelineStage
from patients.models import AppointmentType, Provider
from patients.working_time import zone_of


class MoveForm(forms.Form):
    """Where a lead goes; `version` is the lead that the mover saw, where a page wants to be strict about it."""

    stage = forms.ModelChoiceField(PipelineStage.objects.none(), label=_("Stage"), empty_label=None)
    lost_reason = forms.ChoiceField(label=_("Reason"), choices=[("", ""), *LostReason.choices], required=False)
    lost_notes = forms.CharField(label=_("What happened"), required=False, max_length=2000)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["stage"].queryset = PipelineStage.objects.in_order()


class LostForm(forms.Form):
    """Why a lead was lost: one reason, and more words if there are any."""

    lost_reason = forms.ChoiceField(label=_("Reason"), choices=LostReason, widget=forms.RadioSelect)
    lost_notes = forms.CharField(
        label=_("What happened"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )


class ValueOnEntryForm(forms.Form):
    """What the treatment is worth that the lead has said yes to."""

    expected_value = forms.DecimalField(
        label=_("Value of the treatment"), min_value=Decimal("0.01"), max_digits=11, decimal_places=2
    )

    def __init__(self, *args, lead, **kwargs):
        super().__init__(*args, **kwargs)
        if lead.expected_value_cents:
            self.initial["expected_value"] = Decimal(lead.expected_value_cents) / 100

    @property
    def answer(self):
        """What enter_with_value takes."""
        return {"expected_value_cents": int(self.cleaned_data["expected_value"] * 100)}


class AppointmentOnEntryForm(forms.Form):
    """When the consultation is, with whom and of which kind; whatever is not said follows from what is known."""

    key = forms.CharField(widget=forms.HiddenInput, initial=new_key, required=False, max_length=64)
    day = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    time = forms.TimeField(label=_("Time"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    type = forms.ModelChoiceField(
        AppointmentType.objects.none(), label=_("What for"), required=False, empty_label=_("Consultation, 30 minutes")
    )
    provider = forms.ModelChoiceField(
        Provider.objects.none(), label=_("With whom"), required=False, empty_label=_("Not decided yet")
    )

    anyway = forms.BooleanField(label=_("Book it anyway"), required=False)

    def __init__(self, *args, lead, **kwargs):
        super().__init__(*args, **kwargs)
        self.lead, self.may_insist = lead, False
        self.fields["type"].queryset = AppointmentType.objects.filter(is_active=True).order_by("name", "pk")
        self.fields["provider"].queryset = Provider.objects.working().in_order().select_related("location")

    @property
    def answer(self):
        """What enter_with_appointment takes."""
        cleaned = self.cleaned_data
        provider, said = cleaned["provider"], datetime.combine(cleaned["day"], cleaned["time"])
        starts_at = said.replace(tzinfo=zone_of(provider and provider.location, self.lead.clinic))
        return {
            "starts_at": starts_at,
            "type": cleaned["type"],
            "provider": provider,
            "key": cleaned["key"],
            "anyway": cleaned["anyway"],
        }


class PlaceForm(forms.Form):
    """Below which card another is put; nothing is the top of the column."""

    below = forms.ModelChoiceField(Lead.objects.none(), required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["below"].queryset = Lead.objects.on_board()
