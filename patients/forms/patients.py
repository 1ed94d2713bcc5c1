from django import forms
from django.db.models import Q
from django.forms.models import fields_for_model
from django.utils.translation import gettext_lazy as _

from clinics.forms.keyed import KeyedForm
from clinics.normalising import email_norm, phone_e164
from clinics.same_person.comparing import Person
from patients.birth_dates import read_birth_date
from patients.models import Patient, Provider

SECTIONS = [
    (_("Who it is"), ["first_name", "last_name", "date_of_birth", "preferred_language"]),
    (_("Contact"), ["phone", "phone_alt", "email", "preferred_channel"]),
    (_("Care and payment"), ["provider", "location", "responsible_party", "do_not_contact", "notes"]),
    (_("Address"), ["address_line1", "address_line2", "city", "state", "postal_code", "country"]),
    (_("EMR"), ["emr_system", "external_id"]),
]
EDITABLE = [name for _title, names in SECTIONS for name in names]
AT_FIRST = ["first_name", "last_name", "phone", "email", "date_of_birth", "provider", "responsible_party", "notes"]
LOOKED_UP = {"phone", "email", "first_name", "last_name", "date_of_birth"}


class PatientForm(forms.Form):
    """What entering and editing a patient have in common: their fields, with the choices of this clinic."""

    def __init__(self, *args, names, relatives, **kwargs):
        self.base_fields = self.base_fields | fields_for_model(Patient, fields=names)
        super().__init__(*args, **kwargs)
        for name in ("phone", "phone_alt"):
            if name in self.fields:
                self.fields[name].widget = forms.TextInput(attrs={"type": "tel", "inputmode": "tel"})
        self.fields["notes"].widget = forms.Textarea(attrs={"rows": 3})
        self.fields["notes"].max_length = 5000
        self.fields["provider"].queryset = Provider.objects.working().in_order()
        self.fields["provider"].empty_label = _("not decided")
        self.fields["responsible_party"].queryset = relatives
        self.fields["responsible_party"].empty_label = _("they themselves")

    def refuse(self, broken):
        """Show a broken rule above the form, or at the field that it is about."""
        field = getattr(broken, "field", None)
        self.add_error(field if field in self.fields else None, str(broken))

    def clean_external_id(self):
        return self.cleaned_data["external_id"] or None


class PatientCreateForm(KeyedForm, PatientForm):
    """A new patient while they stand at the desk: a name is enough, the rest can be added later."""

    def __init__(self, *args, beside=None, **kwargs):
        relatives = Patient.objects.present().filter(pk=beside.pk) if beside else Patient.objects.none()
        super().__init__(*args, names=AT_FIRST, relatives=relatives, **kwargs)
        for name in LOOKED_UP:
            self.fields[name].widget.attrs |= {"autocomplete": "off", "data-looks-up": True}
        self.fields["first_name"].widget.attrs["autofocus"] = True
        if beside is None:
            del self.fields["responsible_party"]

    @property
    def values(self):
        """What register_patient takes."""
        return {name: value for name, value in self.cleaned_data.items() if name != "key"}


class PatientEditForm(PatientForm):
    """Everything that is known of a patient, in sections; it remembers the version that it was opened on."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, patient, **kwargs):
        self.patient = patient
        super().__init__(*args, names=EDITABLE, relatives=payers_of(patient), **kwargs)
        self.initial = {name: getattr(patient, name) for name in EDITABLE} | {"version": patient.version}
        for name in ("provider", "location", "responsible_party"):
            self.initial[name] = getattr(patient, f"{name}_id")
        kept = Q(pk=patient.provider_id)
        self.fields["provider"].queryset = Provider.objects.filter(Q(is_active=True) | kept).in_order()

    def begin_at(self, name):
        """Put the cursor into the field that was asked for, if there is one of that name."""
        if name in self.fields:
            self.fields[name].widget.attrs["autofocus"] = True

    @property
    def sections(self):
        """(title, bound fields) of each section."""
        return [(title, [self[name] for name in names]) for title, names in SECTIONS]

    @property
    def values(self):
        """What edit_patient takes; where both versions were shown, what was chosen of theirs is left as it stands."""
        names = [name for name in EDITABLE if name in self.cleaned_data]
        return {name: self.cleaned_data[name] for name in names if self.data.get(f"take_{name}") != "theirs"}

    def differences(self, current):
        """Where this form and the patient as they stand now differ: {field, theirs, mine} of each field."""
        found = []
        for name in [name for name in EDITABLE if name in self.cleaned_data]:
            theirs, mine = getattr(current, name), self.cleaned_data[name]
            if theirs != mine:
                shown = {"theirs": self.in_words(name, theirs), "mine": self.in_words(name, mine)}
                found.append({"field": self[name]} | shown)
        return found

    def in_words(self, name, value):
        """A value as people read it; nothing is an empty text."""
        choices = dict(getattr(self.fields[name], "choices", ())) if isinstance(value, str) else {}
        return choices.get(value, value) or ""


def payers_of(patient):
    """Who may pay for a patient: their household, and whoever shares their phone or e-mail."""
    near = Q(pk=patient.responsible_party_id)
    if patient.household_id:
        near |= Q(household=patient.household_id)
    for number in filter(None, (patient.phone_e164, patient.phone_alt_e164)):
        near |= Q(phone_e164=number) | Q(phone_alt_e164=number)
    if patient.email_norm:
        near |= Q(email_norm=patient.email_norm)
    return Patient.objects.present().filter(near).exclude(pk=patient.pk).order_by("name_key")


def probe_of(typed, clinic):
    """Who was typed so far, as a Person, to look for people who are here already."""
    phone = (typed.get("phone") or "").strip()
    number, email = phone_e164(phone, region=clinic.phone_region) if phone else "", email_norm(typed.get("email") or "")
    born_on = typed.get("date_of_birth") or None
    return Person(
        given=(typed.get("first_name") or "").strip(),
        family=(typed.get("last_name") or "").strip(),
        born_on=read_birth_date(born_on) if isinstance(born_on, str) else born_on,
        phones=(number,) if number else (),
        emails=(email,) if email else (),
    )


class EraseForm(forms.Form):
    """The name of the patient, typed out: nobody erases by a slip of the finger."""

    typed_name = forms.CharField(label=_("Type the patient’s name"), max_length=200)
