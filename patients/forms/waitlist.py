from django import forms
from django.forms.models import fields_for_model
from django.utils.translation import gettext_lazy as _

from clinics.forms.keyed import KeyedForm
from patients.models import AppointmentType, Provider, WaitlistEntry

FIELDS = ["type", "provider", "location", "earliest_on", "latest_on", "part_of_day", "note"]
CONTACT = ["contact_name", "contact_phone"]


class RoundsForm(forms.Form):
    """How many are asked at a time, and how long each has to answer."""

    size = forms.TypedChoiceField(
        label=_("Ask at a time"), coerce=int, choices=[(each, str(each)) for each in (1, 2, 3, 5)], initial=3
    )
    minutes = forms.TypedChoiceField(
        label=_("Minutes to answer"), coerce=int, choices=[(each, str(each)) for each in (15, 30, 60, 120, 240)]
    )


class WaitlistForm(KeyedForm):
    """Who would come sooner, what for, and when it suits them."""

    def __init__(self, *args, patient, **kwargs):
        names = FIELDS if patient else [*CONTACT, *FIELDS]
        self.base_fields = self.base_fields | fields_for_model(WaitlistEntry, fields=names)
        super().__init__(*args, **kwargs)
        self.patient, self.names = patient, names
        self.fields["type"].queryset = AppointmentType.objects.working().in_order()
        self.fields["provider"].queryset = Provider.objects.working().in_order()
        for name in ("type", "provider", "location"):
            self.fields[name].empty_label = _("any")

    def clean(self):
        cleaned = super().clean()
        first, last = cleaned.get("earliest_on"), cleaned.get("latest_on")
        if first and last and last < first:
            self.add_error("latest_on", _("This is before the first day."))
        return cleaned

    @property
    def shown(self):
        """The bound fields in their order."""
        return [self[name] for name in self.names]

    @property
    def values(self):
        """What join_waitlist takes."""
        return {name: self.cleaned_data[name] for name in self.names} | {"patient": self.patient}
