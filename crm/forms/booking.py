"""What a visitor of a booking page has chosen so far: what for, with whom, where, on which day, at which time."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django import forms

from clinics.models import Location
from patients.models import AppointmentType, Provider
from patients.visitors import providers_for_visitors, types_for_visitors

SLOT = re.compile(r"^(\d{4}-\d\d-\d\dT\d\d:\d\dZ)(?:@([0-9a-f-]{36}))?$")


@dataclass
class Choice:
    """A visitor's choice; `provider` None is whoever is free, `providers` are those who may be meant.

    `everybody` are those who do what was chosen, `places` where they are. Where not everybody does everything, or there
    are several places, what for is asked first and the rest after it (`is_in_steps`).
    """

    types: list
    everybody: list
    type: AppointmentType = None
    provider: Provider = None
    place: Location = None
    places: list = field(default_factory=list)
    is_in_steps: bool = False
    day: object = None
    begins: object = None  # the first day that is shown
    starts_at: datetime = None
    providers: list = field(default_factory=list)


class ChoiceForm(forms.Form):
    """Reads a choice from an address or a form; what makes no sense counts as not chosen."""

    type = forms.UUIDField(required=False)
    provider = forms.UUIDField(required=False)
    place = forms.UUIDField(required=False)
    day = forms.DateField(required=False)
    begins = forms.DateField(required=False)
    slot = forms.RegexField(SLOT, required=False)


def read_choice(data, location=None, kind=None):
    """The Choice that `data` (of an address or a form) makes among what is offered at a location.

    `kind` is the type where it is settled already.
    """
    form = ChoiceForm(data)
    form.is_valid()
    chosen = form.cleaned_data
    offered = providers_for_visitors(location)
    types = types_for_visitors(offered)
    choice = Choice(types, offered, day=chosen.get("day"), begins=chosen.get("begins"))
    choice.type = kind or next((each for each in types if each.pk == chosen.get("type")), None)
    choice.places = [] if location else _places(offered)
    choice.is_in_steps = bool(choice.places) or any(not each.does(kind) for each in offered for kind in types)
    if choice.type is not None:
        choice.everybody = [each for each in offered if each.does(choice.type)]
        choice.places = choice.places and _places(choice.everybody)
    choice.starts_at, place_id = _moment(chosen.get("slot"))
    choice.provider = next((each for each in choice.everybody if each.pk == chosen.get("provider")), None)
    wanted = place_id or (choice.provider and choice.provider.location_id) or chosen.get("place")
    choice.place = next((each for each in choice.places if str(each.pk) == str(wanted)), None)
    there = [each for each in choice.everybody if _is_at(each, choice.place)]
    choice.providers = [choice.provider] if choice.provider else there
    return choice


def _places(providers):
    """Where several of the providers are, if they are at several places; else nothing is to be chosen."""
    found = {each.location_id: each.location for each in providers if each.location is not None}
    return sorted(found.values(), key=lambda place: place.name) if len(found) > 1 else []


def _is_at(provider, place):
    return place is None or provider.location_id in (None, place.pk)


def _moment(text):
    """(moment, id of the location or None) of a chosen time."""
    try:
        stamp, place_id = SLOT.match(text or "").groups()
        return datetime.strptime(stamp, "%Y-%m-%dT%H:%MZ").replace(tzinfo=UTC), place_id
    except (AttributeError, ValueError):  # nothing chosen, or the 31st of February
        return None, None
