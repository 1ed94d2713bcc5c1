"""Correcting what an inquiry says, and choosing which ones to look at."""

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _

from crm.intake import REFUSED_WHEN_MINIMAL
from crm.models import LeadForm, LeadSource, LeadSubmission

Channel = LeadSubmission.Channel


class InquiryFilter(django_filters.FilterSet):
    """By which way it came, and why it waits."""

    channel = django_filters.ChoiceFilter(label=_("Came by"), choices=Channel.choices, empty_label=_("Any"))
    form = django_filters.ModelChoiceFilter(
        label=_("Form"), queryset=lambda request: LeadForm.objects.order_by("name"), empty_label=_("Any")
    )
    reason = django_filters.ChoiceFilter(label=_("Reason"), choices=LeadSubmission.Reason.choices, empty_label=_("Any"))

    class Meta:
        model = LeadSubmission
        fields = []


class CorrectionForm(forms.Form):
    """What an inquiry should say instead: it stands beside what came. An empty answer leaves the field out."""

    first_name = forms.CharField(label=_("First name"), max_length=80, required=False)
    last_name = forms.CharField(label=_("Last name"), max_length=80, required=False)
    phone = forms.CharField(label=_("Phone"), max_length=40, required=False)
    email = forms.CharField(label=_("E-mail"), max_length=254, required=False)
    patient_first_name = forms.CharField(label=_("The patient’s first name"), max_length=80, required=False)
    source = forms.ModelChoiceField(
        LeadSource.objects.none(), label=_("Source"), required=False, empty_label=_("as it came")
    )
    notes = forms.CharField(
        label=_("What they said"), max_length=5000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args, clinic, **kwargs):
        super().__init__(*args, **kwargs)
        self.clinic = clinic
        self.fields["source"].queryset = LeadSource.objects.filter(is_active=True)
        for field in self.fields.values():
            field.widget.attrs["autocomplete"] = "off"
        if not clinic.asks_full_names:
            for name in REFUSED_WHEN_MINIMAL & set(self.fields):
                del self.fields[name]

    @property
    def corrections(self):
        """What replay_submission takes; what the clinic must not keep is left out, whoever sent it."""
        values = {name: value for name, value in self.cleaned_data.items() if name != "source" or value is not None}
        left_out = {} if self.clinic.asks_full_names else dict.fromkeys(sorted(REFUSED_WHEN_MINIMAL), "")
        return values | left_out
