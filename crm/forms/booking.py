"""What a visitor of a booking page has chosen so far: what for, with whom, on which day, at which time."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from django import forms

from patients.models import AppointmentType, Provider
from patients.visitors import providers_for_visitors, types_for_visitors


@dataclass
class Choice:
    """A visitor's choice; `provider` None is whoever is free, `providers` are those who may be meant."""

    types: list
    everybody: list
    type: AppointmentType = None
    provider: Provider = None
    day: object = None
    begins: object = None  # the first day that is shown
    starts_at: datetime = None
    providers: list = field(default_factory=list)


class ChoiceForm(forms.Form):
    """Reads a choice from an address or a form; what makes no sense counts as not chosen."""

    type = forms.UUIDField(required=False)
    provider = forms.UUIDField(required=False)
    day = forms.DateField(required=False)
    begins = forms.DateField(required=False)
    slot = forms.RegexField(r"^\d{4}-\d\d-\d\dT\d\d:\d\dZ$", required=False)


def read_choice(data, location=None):
    """The Choice that `data` (of an address or a form) makes among what is offered at a location."""
    form = ChoiceForm(data)
    form.is_valid()
    chosen = form.cleaned_data
    types, everybody = list(types_for_visitors()), providers_for_visitors(location)
    choice = Choice(types, everybody, day=chosen.get("day"), begins=chosen.get("begins"))
    choice.type = next((each for each in types if each.pk == chosen.get("type")), None)
    choice.provider = next((each for each in everybody if each.pk == chosen.get("provider")), None)
    choice.providers = [choice.provider] if choice.provider else everybody
    choice.starts_at = _moment(chosen.get("slot"))
    return choice


def _moment(text):
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%MZ").replace(tzinfo=UTC) if text else None
    except ValueError:  # the 31st of February
        return None
