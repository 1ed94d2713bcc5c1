from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinics.forms.keyed import KeyedForm
from patients.models import AppointmentType, PaymentKind, PaymentMethod, Provider, Visit


class PaymentForm(KeyedForm):
    """Money that came in or was given back."""

    kind = forms.ChoiceField(label=_("Kind"), choices=PaymentKind, initial=PaymentKind.PAYMENT)
    amount = forms.DecimalField(label=_("Amount"), max_digits=9, decimal_places=2, min_value=0)
    method = forms.ChoiceField(label=_("Method"), choices=PaymentMethod, initial=PaymentMethod.CARD)
    paid_on = forms.DateField(label=_("Paid on"))
    visit = forms.ModelChoiceField(Visit.objects.none(), label=_("For the visit"), required=False)
    note = forms.CharField(label=_("Note"), required=False, max_length=255)

    def __init__(self, *args, patient, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["paid_on"].initial = timezone.localdate
        self.fields["amount"].widget.attrs |= {"autofocus": True, "inputmode": "decimal", "step": "0.01"}
        self.fields["visit"].queryset = patient.visits.newest_first()
        self.fields["visit"].label_from_instance = visit_in_words
        self.fields["visit"].empty_label = _("none in particular")

    def clean_paid_on(self):
        day = self.cleaned_data["paid_on"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("This day is still to come."))
        return day

    @property
    def values(self):
        """What record_payment takes."""
        values = {name: self.cleaned_data[name] for name in ("kind", "method", "paid_on", "visit", "note")}
        return values | {"amount_cents": int(self.cleaned_data["amount"] * 100)}


class VisitForm(KeyedForm):
    """A visit that was not booked, or that is written down later."""

    visit_date = forms.DateTimeField(label=_("When"))
    type = forms.ModelChoiceField(AppointmentType.objects.none(), label=_("What for"), required=False)
    provider = forms.ModelChoiceField(Provider.objects.none(), label=_("Provider"), required=False)
    procedures = forms.CharField(
        label=_("Procedures"), required=False, max_length=500, help_text=_("Codes or names, separated by commas.")
    )
    charged = forms.DecimalField(label=_("Charged"), required=False, max_digits=9, decimal_places=2, min_value=0)
    notes = forms.CharField(label=_("Notes"), required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args, patient, **kwargs):
        super().__init__(*args, **kwargs)
        self.patient = patient
        self.fields["visit_date"].initial = lambda: timezone.localtime().replace(second=0, microsecond=0)
        self.fields["type"].queryset = AppointmentType.objects.working().in_order()
        self.fields["type"].empty_label = _("not said")
        self.fields["provider"].queryset = Provider.objects.working().in_order()
        self.fields["provider"].initial = patient.provider_id

    @property
    def values(self):
        """What record_visit takes."""
        cleaned = self.cleaned_data
        kind, charged = cleaned["type"], cleaned["charged"]
        price = kind.price_cents if kind else None
        return {
            "visit_date": cleaned["visit_date"],
            "visit_type": kind.name if kind else "",
            "provider": cleaned["provider"],
            "location": (cleaned["provider"] and cleaned["provider"].location) or self.patient.location,
            "procedures": [each.strip()[:120] for each in cleaned["procedures"].split(",") if each.strip()],
            "revenue_cents": int(charged * 100) if charged is not None else price,
            "notes": cleaned["notes"],
        }


def visit_in_words(visit):
    return f"{timezone.localtime(visit.visit_date):%Y-%m-%d} {visit}"
