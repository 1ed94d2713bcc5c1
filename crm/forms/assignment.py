"""What a rule of assignment asks, as people write it: sources and interests to tick, postal codes, how far."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinics.admin_site import ClinicForm
from clinics.models import Clinic, ClinicUser, Location
from clinics.models.base import current_clinic_id
from crm.assignment.places import plain_code, read_span
from crm.models import AssignmentRule, AssignmentShare, LeadSource, TreatmentInterest
from crm.models.choices import interests_offered

NEVER, MOST = 0, 20


class PostalCodesField(forms.CharField):
    """Beginnings and spans of postal codes, with commas, blanks or lines between them."""

    def prepare_value(self, value):
        return ", ".join(value) if isinstance(value, list) else value

    def to_python(self, value):
        spans = [plain_code(part) for part in re.split(r"[,;\n]+", value or "") if part.strip()]
        for span in spans:
            try:
                read_span(span)
            except ValueError:
                words = _("“%(code)s” is no postal code. Write 606, or 60701-60712.") % {"code": span}
                raise ValidationError(words) from None
        return list(dict.fromkeys(spans))

    def has_changed(self, initial, data):
        return self.to_python(data) != (initial or [])


class SourcesField(forms.ModelMultipleChoiceField):
    """Sources of the open clinic, kept by their ids."""

    def __init__(self, **kwargs):
        super().__init__(None, **kwargs)

    def clean(self, value):
        return [source.pk for source in super().clean(value)]


class RuleForm(ClinicForm):
    """A rule without its people. What is left empty fits every lead."""

    source_ids = SourcesField(label=gettext_lazy("Sources"), required=False, widget=forms.CheckboxSelectMultiple)
    interests = forms.MultipleChoiceField(
        label=gettext_lazy("Interest"),
        choices=TreatmentInterest.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    postal_codes = PostalCodesField(
        label=gettext_lazy("Postal codes"),
        required=False,
        help_text=gettext_lazy("How they begin, or spans: 606, 60701-60712."),
    )

    class Meta:
        model = AssignmentRule
        fields = [
            "name", "order", "is_active", "source_ids", "interests", "location", "postal_codes", "near_location",
            "within_km", "hours", "way", "only_on_shift", "minds_capacity",
        ]  # fmt: skip

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["source_ids"].queryset = LeadSource.objects.filter(is_active=True)
        self.fields["interests"].choices = _interests(self.instance)
        places = Location.objects.filter(is_active=True)
        for name, words in {"location": _("any location"), "near_location": _("anywhere")}.items():
            self.fields[name].queryset, self.fields[name].empty_label = places, words

    def clean(self):
        cleaned = super().clean()
        near, within = cleaned.get("near_location"), cleaned.get("within_km")
        if near and not within:
            self.add_error("within_km", _("Say how far away they may live."))
        if within and not near and "near_location" not in self.errors:
            self.add_error("near_location", _("Say which location they live near."))
        if near and (near.latitude is None or near.longitude is None):
            words = _("%(location)s has no latitude and longitude yet. A clinic admin enters them under Locations.")
            self.add_error("near_location", words % {"location": near})
        return cleaned


def _interests(rule):
    """What this kind of practice offers, and what the rule asks already although it is not among it."""
    offered = interests_offered(Clinic.objects.get(pk=current_clinic_id()))
    known = {value for value, _label in offered}
    more = [value for value in rule.interests if value in TreatmentInterest and value not in known]
    return [*offered, *((value, TreatmentInterest(value).label) for value in more)]


class RuleWithPeopleForm(RuleForm):
    """The whole rule on one page: beside each person how much of it is theirs, 0 for nothing."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.members = list(ClinicUser.objects.coordinators().select_related("user"))
        known = {share.member_id: share.weight for share in self._shares()}
        for member in self.members:
            self.fields[f"weight_{member.pk}"] = forms.IntegerField(
                label=member.display_name,
                min_value=NEVER,
                max_value=MOST,
                required=False,
                initial=known.get(member.pk, NEVER),
                widget=forms.NumberInput(attrs={"class": "input input--sm"}),
            )

    def _shares(self):
        return AssignmentShare.objects.filter(rule=self.instance) if self.instance.pk else []

    @property
    def weight_fields(self):
        """The fields of the people, as they stand in the form."""
        return [self[f"weight_{member.pk}"] for member in self.members]

    @property
    def fact_fields(self):
        return [self[name] for name in self.Meta.fields]

    def clean(self):
        cleaned = super().clean()
        if not self.errors and not self.weights():
            raise ValidationError(_("Nobody gets these leads. Give at least one person a share of 1."))
        return cleaned

    def weights(self):
        """{member: weight} of those who get any, in the order of the page."""
        given = {member: self.cleaned_data.get(f"weight_{member.pk}") or NEVER for member in self.members}
        return {member: weight for member, weight in given.items() if weight}

    def facts(self):
        """The fields of the rule by name."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields}
