"""Field by field, who wins where the EMR and Recare both know something: configured for each connection, and shown."""

from dataclasses import dataclass, field

from django.db import models
from django.utils.translation import gettext_lazy as _

from clinics.normalising import phone_digits

ADDRESS = ("address_line1", "address_line2", "city", "state", "postal_code", "country")
PHONES = {"phone", "phone_alt"}


class Winner(models.TextChoices):
    EMR = "EMR", _("The EMR wins")
    RECARE = "RECARE", _("Recare wins; only what is empty is filled in")
    ASK = "ASK", _("Whoever changed it last; if both did, a person decides")


@dataclass(frozen=True)
class Group:
    """Fields that are taken or left together, and who wins unless a clinic says otherwise."""

    label: str
    fields: tuple
    usual: Winner


GROUPS = {
    "patient.name": Group(_("Name of a patient"), ("first_name", "last_name"), Winner.EMR),
    "patient.birth_date": Group(_("Birth date"), ("date_of_birth",), Winner.EMR),
    "patient.phone": Group(_("Phone numbers"), ("phone", "phone_alt"), Winner.ASK),
    "patient.email": Group(_("E-mail"), ("email",), Winner.ASK),
    "patient.address": Group(_("Address"), ADDRESS, Winner.ASK),
    "patient.language": Group(_("Language"), ("preferred_language",), Winner.RECARE),
    "patient.provider": Group(_("Usual provider"), ("provider_id",), Winner.RECARE),
    "patient.payer": Group(_("Who pays"), ("responsible_party_id",), Winner.RECARE),
    "appointment.time": Group(_("Time of an appointment"), ("starts_at", "ends_at"), Winner.ASK),
    "appointment.status": Group(
        _("Status of an appointment"), ("status", "cancellation_reason", "cancellation_note"), Winner.ASK
    ),
    "appointment.place": Group(_("Provider, type and location"), ("provider_id", "type_id", "location_id"), Winner.ASK),
    "appointment.notes": Group(_("Notes of an appointment"), ("notes",), Winner.RECARE),
    "visit": Group(_("Visits"), ("visit_date", "visit_type", "provider_id", "location_id"), Winner.EMR),
}


@dataclass(frozen=True)
class Policy:
    """Who wins in each group: `own` holds what a clinic decided, `always` one answer for all of a file."""

    own: dict = field(default_factory=dict)
    always: str = ""

    def winner(self, group):
        return Winner(self.always or self.own.get(group) or GROUPS[group].usual)


@dataclass(frozen=True)
class Merged:
    """What becomes of a group: `values` to write here, and whether a person has to decide."""

    values: dict
    is_conflict: bool = False


def merge(group, *, ours, theirs, seen, winner):
    """Decide one group of fields: `ours` and `theirs` by field, and what the EMR said last (`seen`, None if unknown).

    What the EMR leaves empty never empties ours. ASK takes what changed there alone, and keeps what changed here alone.
    """
    fields = GROUPS[group].fields
    told = {name: theirs[name] for name in fields if theirs.get(name) not in (None, "")}
    differing = {name: value for name, value in told.items() if not is_same(name, ours[name], value)}
    if not differing:
        return Merged({})
    empty = all(ours[name] in (None, "") for name in fields)
    if empty or winner == Winner.EMR:
        return Merged(differing)
    if winner == Winner.RECARE:
        return Merged({name: value for name, value in differing.items() if ours[name] in (None, "")})
    if all(ours[name] in (None, "") for name in differing):
        return Merged(differing)
    if seen is not None and any(name in seen for name in fields):
        if all(is_same(name, seen.get(name), value) for name, value in told.items()):
            return Merged({})
        if all(is_same(name, seen.get(name), ours[name]) for name in differing):
            return Merged(differing)
    return Merged({}, is_conflict=True)


def is_same(name, one, other):
    """Tell whether two values of a field say the same, however they are written."""
    if one == other:
        return True
    if one in (None, "") or other in (None, ""):
        return one in (None, "") and other in (None, "")
    one, other = _plain(one), _plain(other)
    if name in PHONES:
        one, other = phone_digits(one), phone_digits(other)
        shorter = min(len(one), len(other))
        return shorter >= 7 and one[-10:] == other[-10:] if shorter >= 10 else one == other
    return one == other


def _plain(value):
    """As text, in the form in which `seen` keeps it, without case and double spaces."""
    text = value.isoformat() if hasattr(value, "isoformat") else str(value)
    return " ".join(text.split()).casefold()
