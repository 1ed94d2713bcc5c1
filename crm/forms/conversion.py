"""Who a lead becomes: a row for each person, new or one of the patients who are here already."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinics.models import ClinicUser
from crm.conversion import Person, people_here_already
from crm.models import PatientRelationship

ROWS = 4


class PersonForm(forms.Form):
    """One person. Left empty it is nobody; `known` says that it is a patient who is here already."""

    first_name = forms.CharField(label=_("First name"), required=False, max_length=80)
    last_name = forms.CharField(label=_("Last name"), required=False, max_length=80)
    date_of_birth = forms.DateField(
        label=_("Birth date"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    known = forms.CharField(required=False, widget=forms.HiddenInput)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, lead, **kwargs):
        super().__init__(*args, **kwargs)
        self.lead = lead
        named = {name: self[name].value() for name in ("first_name", "last_name")}
        self.matches = people_here_already(lead, born_on=self._born_on(), **named) if any(named.values()) else []
        self.patients = {str(patient.pk): patient for patient, _is_same in self.matches}
        same = next((str(patient.pk) for patient, is_same in self.matches if is_same), "")
        self.initial |= {"known": same, "seen": ",".join(self.patients)}

    def _born_on(self):
        try:
            return self.fields["date_of_birth"].clean(self["date_of_birth"].value())
        except forms.ValidationError:
            return None

    def clean_date_of_birth(self):
        born_on = self.cleaned_data["date_of_birth"]
        if born_on and born_on > timezone.localdate():
            raise forms.ValidationError(_("A birth date cannot be in the future."))
        return born_on

    @property
    def is_somebody(self):
        return bool(self.cleaned_data.get("first_name") or self.cleaned_data.get("last_name"))

    def ask(self):
        """Whether somebody of this name is here whom the form has not shown yet; then it shows them now, chosen."""
        seen = self.cleaned_data.get("seen", "").split(",")
        unseen = [str(patient.pk) for patient, is_same in self.matches if is_same and str(patient.pk) not in seen]
        if not unseen or not self.is_somebody or self.cleaned_data["known"]:
            return False
        self.data = self.data.copy()
        self.data[self.add_prefix("known")] = unseen[0]
        self.data[self.add_prefix("seen")] = ",".join(self.patients)
        return True

    @property
    def offered(self):
        """(patient, is chosen) of the patients who may be meant."""
        chosen = self["known"].value()
        return [(patient, str(patient.pk) == chosen) for patient, _is_same in self.matches]

    @property
    def person(self):
        """The Person that the row says."""
        known = self.patients.get(self.cleaned_data["known"])
        names = ("first_name", "last_name", "date_of_birth")
        return Person(known=known) if known else Person(values={name: self.cleaned_data[name] for name in names})


class ConversionForms:
    """The rows of a conversion: who is treated and, where a lead asked for somebody else, who pays."""

    def __init__(self, data, *, lead):
        contact = {"first_name": lead.first_name, "last_name": lead.last_name}
        self.is_for_self = lead.patient_relationship == PatientRelationship.SELF and not lead.patient_name
        first = contact if self.is_for_self else _patient_of(lead)
        self.rows = [
            PersonForm(data, lead=lead, prefix=f"p{place}", initial=first if place == 0 else {})
            for place in range(ROWS)
        ]
        self.payer = PersonForm(data, lead=lead, prefix="payer", initial=contact)
        self.has_payer = data.get("pays") == "1" if data is not None else not self.is_for_self
        self.error = ""

    @property
    def used(self):
        """The forms that count: those of people, and who pays if somebody does."""
        return [*self.rows, *([self.payer] if self.has_payer else [])]

    @property
    def first(self):
        return self.rows[0]

    @property
    def others(self):
        return self.rows[1:]

    @property
    def has_others(self):
        return any(row["first_name"].value() or row.errors for row in self.others)

    def is_valid(self):
        valid = [form.is_valid() for form in self.used]  # each of them, so that every error is shown at once
        return all(valid)

    def ask(self):
        """Whether a row names somebody who may be here already and was not shown yet."""
        asked = [form.ask() for form in self.used]
        return any(asked)

    @property
    def people(self):
        return [row.person for row in self.rows if row.is_somebody]

    @property
    def paying(self):
        return self.payer.person if self.has_payer and self.payer.is_somebody else None


def _patient_of(lead):
    """What is known of the one who would be treated; a child without a last name has its parent's."""
    return {
        "first_name": lead.patient_first_name,
        "last_name": lead.patient_last_name or (lead.last_name if lead.patient_first_name else ""),
        "date_of_birth": lead.patient_dob,
    }


class CloserForm(forms.Form):
    """Who won a person over."""

    member = forms.ModelChoiceField(ClinicUser.objects.none())

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["member"].queryset = ClinicUser.objects.active().for_list()
