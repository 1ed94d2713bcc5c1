"""Changing what is known of a lead, and what it would be worth: the forms, and what somebody else changed meanwhile."""

import json
from decimal import Decimal

from django import forms
from django.forms.models import fields_for_model
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinics.models import Clinic
from crm.editing import OPPORTUNITY, fingerprint
from crm.forms.leads import LeadForm
from crm.forms.referral import ReferralForm, SourceSelect
from crm.models import Blocker, Lead, ProcedureCode, TreatmentInterest
from crm.models.choices import interests_offered
from crm.referrers import asked_about, referred_by

SECTIONS = [
    (
        _("Contact"),
        ["first_name", "last_name", "phone", "phone_alt", "email", "preferred_contact", "preferred_time"],
    ),
    (_("Patient"), ["patient_relationship", "patient_first_name", "patient_last_name", "patient_dob"]),
    (_("What they ask for"), ["treatment_interest", "location", "notes"]),
    (_("Insurance"), ["insurance_carrier", "insurance_member_id"]),
    (_("How they found us"), ["source", "source_detail", "source_campaign"]),
    (_("Address"), ["address_line1", "address_line2", "city", "state", "postal_code", "country"]),
]
EDITABLE = [name for _title, names in SECTIONS for name in names]
# What is edited in one place of the lead's page: the word in its address -> (title, fields).
PLACES = {
    "name": (_("Name"), ["first_name", "last_name"]),
    "phone": (_("Phone"), ["phone"]),
    "phone_alt": (_("Other phone"), ["phone_alt"]),
    "email": (_("E-mail"), ["email"]),
    "preferred": (_("Prefers"), ["preferred_contact", "preferred_time"]),
    "patient": (_("Patient"), ["patient_relationship", "patient_first_name", "patient_last_name", "patient_dob"]),
    "address": (_("Address"), ["address_line1", "address_line2", "city", "state", "postal_code", "country"]),
    "location": (_("Location"), ["location"]),
    "insurance": (_("Insurance"), ["insurance_carrier", "insurance_member_id"]),
    "interest": (_("Interest"), ["treatment_interest"]),
    "notes": (_("First words"), ["notes"]),
    "source": (_("How they found us"), ["source", "source_detail", "source_campaign"]),
}


class LeadEditForm(ReferralForm, LeadForm):
    """What is known of a lead: all of it in sections, or one of PLACES; it remembers what it was opened on."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    seen = forms.JSONField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, lead, clinic, names=EDITABLE, **kwargs):
        self.lead = lead
        fields = editable_fields(clinic, lead)
        self.base_fields = self.base_fields | {name: fields[name] for name in names}
        super().__init__(*args, clinic=clinic, **kwargs)
        names = [name for name in EDITABLE if name in self.fields]
        self.initial |= {name: getattr(lead, name) for name in names}
        self.initial |= {"source": lead.source_id, "location": lead.location_id, "version": lead.version}
        if self.asks_who_sent:
            self.initial["referrer"], names = lead.sent_by, [*names, "sent_by"]
        else:
            del self.fields["referrer"], self.fields["referrer_id"]
        self.initial["seen"] = {name: fingerprint(getattr(lead, name)) for name in names}

    def begin_at(self, name):
        """Put the cursor into the field, or the first of the place, that was asked for, if there is one."""
        name = PLACES[name][1][0] if name in PLACES else name
        if name in self.fields:
            self.fields[name].widget.attrs["autofocus"] = True

    def clean_patient_dob(self):
        born_on = self.cleaned_data["patient_dob"]
        if born_on and born_on > timezone.localdate():
            raise forms.ValidationError(_("A birth date cannot be in the future."))
        return born_on

    @property
    def asks_who_sent(self):
        """Whether who sent them is named here, which is beside the source."""
        return "source" in self.fields

    @property
    def shown(self):
        """The fields that one sees, but for who sent them: that is asked after them, beside its source."""
        return [field for field in self if not field.is_hidden and field.name != "referrer"]

    @property
    def sections(self):
        """(title, bound fields, whether it ends with who sent them) of each section that has any."""
        found = [(title, [self[name] for name in names if name in self.fields]) for title, names in SECTIONS]
        return [(title, fields, any(field.name == "source" for field in fields)) for title, fields in found if fields]

    @property
    def opened_on(self):
        """What the form was opened on: the lead's version, and the fingerprint of each field."""
        return {name: self.cleaned_data[name] for name in ("version", "seen")}

    @property
    def values(self):
        """What edit_lead takes; where both versions were shown, what was chosen of theirs is left as it stands."""
        names = [name for name in EDITABLE if name in self.cleaned_data]
        return {name: self.cleaned_data[name] for name in names if self.data.get(f"take_{name}") != "theirs"}

    def referral(self, *, by):
        """What edit_lead takes of who sent them: nothing where that was left as it was; see referred_by.

        A source that asks for nobody leaves nobody; what stood beside the source only because of who had sent them
        follows whom is named now.
        """
        if not self.asks_who_sent or self.data.get("take_referrer") == "theirs":
            return {}
        cleaned, lead = self.cleaned_data, self.lead
        source = lead.source if self.data.get("take_source") == "theirs" else cleaned["source"]
        typed, chosen = cleaned["referrer"], cleaned["referrer_id"]
        asked, nobody = asked_about(source), {"referring_provider": None, "referring_patient": None}
        if asked in ("doctor", "patient"):
            if source.category == lead.source.category and typed == lead.sent_by and not chosen:
                return {}
            found = nobody | {"source_detail": ""} | referred_by(source.category, typed, chosen=chosen, by=by)
        elif source != lead.source:
            found = nobody | {"source_detail": ""}
        else:
            return {}
        if cleaned["source_detail"] not in ("", lead.sent_by):
            del found["source_detail"]
        return found

    def differences(self, current):
        """Where this form and the lead as it stands now differ: {field, theirs, mine, is_mine} of each field.

        `is_mine` says whether this editor touched the field at all; what only the other one changed stays theirs.
        """
        seen = self.cleaned_data.get("seen") or {}
        found = []
        for name in [name for name in EDITABLE if name in self.cleaned_data]:
            theirs, mine = getattr(current, name), self.cleaned_data[name]
            if theirs != mine:
                is_mine = seen.get(name) != fingerprint(mine)
                shown = {"theirs": self.in_words(name, theirs), "mine": self.in_words(name, mine), "is_mine": is_mine}
                found.append({"field": self[name]} | shown)
        if self.asks_who_sent and current.sent_by != (mine := self.cleaned_data["referrer"]):
            is_mine = seen.get("sent_by") != fingerprint(mine)
            found.append({"field": self["referrer"], "theirs": current.sent_by, "mine": mine, "is_mine": is_mine})
        return found

    def in_words(self, name, value):
        """A value as people read it; nothing is an empty text."""
        choices = dict(getattr(self.fields[name], "choices", ())) if isinstance(value, str | list) else {}
        if isinstance(value, list):
            return ", ".join(str(choices.get(each, each)) for each in value)
        return choices.get(value, value) or ""


def editable_fields(clinic, lead):
    """The fields of Lead that staff edit, made anew: their choices are those of the clinic that is open."""
    fields = fields_for_model(Lead, fields=EDITABLE)
    interests = dict(interests_offered(clinic))
    interests |= {value: TreatmentInterest(value).label for value in lead.treatment_interest}
    fields["treatment_interest"] = forms.MultipleChoiceField(
        label=_("Interest"), required=False, choices=list(interests.items()), widget=forms.CheckboxSelectMultiple
    )
    fields["insurance_member_id"].widget = forms.TextInput()
    fields["source"].widget = SourceSelect(choices=fields["source"].choices)
    for field in fields.values():
        if isinstance(field, forms.ModelChoiceField) and not field.required:
            field.empty_label = _("not said")
    for name in ("phone", "phone_alt"):
        fields[name].widget = forms.TextInput(attrs={"type": "tel"})
    return fields


class OpportunityForm(forms.Form):
    """What a lead would be worth, of which treatment and by when."""

    expected_value = forms.DecimalField(label=_("Expected value"), max_digits=11, decimal_places=2)
    procedure_code = forms.ChoiceField(
        label=_("Procedure"), required=False, choices=[("", _("not said")), *ProcedureCode.choices]
    )
    expected_date = forms.DateField(
        label=_("Expected on"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    blocker = forms.ChoiceField(
        label=_("What stands against it"), required=False, choices=[("", _("nothing, or not said")), *Blocker.choices]
    )
    seen = forms.JSONField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, clinic, opportunity=None, **kwargs):
        super().__init__(*args, **kwargs)
        if clinic.preset != Clinic.Preset.MED_SPA and not (opportunity and opportunity.procedure_code):
            del self.fields["procedure_code"]
        if opportunity:
            self.initial = {
                "expected_value": Decimal(opportunity.expected_value_cents) / 100,
                "procedure_code": opportunity.procedure_code,
                "expected_date": opportunity.expected_date,
                "blocker": opportunity.blocker,
            }
        self.initial["seen"] = {name: fingerprint(getattr(opportunity, name, None)) for name in OPPORTUNITY}

    def shows(self, opportunity):
        """Keep what was typed, but let it be saved over `opportunity`, which the editor has seen now."""
        marks = {name: fingerprint(getattr(opportunity, name, None)) for name in OPPORTUNITY}
        self.data = self.data.copy()
        self.data["seen"] = json.dumps(marks)

    @property
    def facts(self):
        """What set_opportunity takes."""
        return {
            "expected_value_cents": int(self.cleaned_data["expected_value"] * 100),
            "procedure_code": self.cleaned_data.get("procedure_code", ""),
            "expected_date": self.cleaned_data["expected_date"],
            "blocker": self.cleaned_data["blocker"],
            "seen": self.cleaned_data["seen"],
        }
