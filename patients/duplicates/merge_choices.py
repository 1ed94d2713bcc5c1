"""What becomes of each fact when two patients are merged: which side is taken, and what is kept of both."""

from dataclasses import dataclass

from patients.models import Patient

SURVIVOR, OTHER, BOTH = "survivor", "other", "both"
# Facts of which one side is chosen, in the order in which they are shown.
CHOSEN = (
    "first_name", "last_name", "date_of_birth", "phone", "phone_alt", "email", "preferred_channel",
    "preferred_language", "provider", "location", "responsible_party", "household", "do_not_contact", "notes",
    "address_line1", "address_line2", "city", "state", "postal_code", "country", "emr_system", "external_id",
    "contact_priority",
)  # fmt: skip
KEEPS_BOTH = ("phone", "notes")
# Everything that a merge may change on the survivor, and an undo puts back.
CHANGED = sorted({Patient._meta.get_field(name).attname for name in CHOSEN})
NORMALISED = {"phone": "phone_e164", "phone_alt": "phone_alt_e164", "email": "email_norm"}


@dataclass(frozen=True)
class Choice:
    """One fact of both patients: `taken` is survivor, other or both; `may_keep_both` offers the last."""

    name: str
    label: str
    survivors: object
    others: object
    taken: str
    may_keep_both: bool
    is_same: bool = False

    @property
    def differs(self):
        return not self.is_same


def choices_between(survivor, other, chosen=None):
    """The Choice of each fact that either patient has, with what was `chosen` (name -> side) or else suggested."""
    chosen, found = chosen or {}, []
    for name in CHOSEN:
        if not (getattr(survivor, name) or getattr(other, name)):
            continue
        is_same = _is_same(name, survivor, other)
        may_keep_both = _may_keep_both(name, survivor, other) and not is_same
        taken = chosen.get(name)
        if taken not in (SURVIVOR, OTHER, BOTH) or (taken == BOTH and not may_keep_both):
            taken = suggest(name, survivor, other)
        label = str(Patient._meta.get_field(name).verbose_name).capitalize()
        found.append(Choice(name, label, shown(survivor, name), shown(other, name), taken, may_keep_both, is_same))
    return found


def shown(patient, name):
    """A fact as people read it."""
    in_words = getattr(patient, f"get_{name}_display", None)
    return in_words() if in_words else getattr(patient, name)


def suggest(name, survivor, other):
    """Nothing is lost: the survivor's fact, the other's where it has none, both where both can stand side by side."""
    if name == "do_not_contact":  # a refusal is honoured, whoever of the two said it
        return OTHER if other.do_not_contact else SURVIVOR
    if not getattr(survivor, name):
        return OTHER
    differs = getattr(other, name) and not _is_same(name, survivor, other)
    return BOTH if differs and _may_keep_both(name, survivor, other) else SURVIVOR


def apply_choices(survivor, other, choices):
    """Write the chosen facts into the survivor, unsaved."""
    for choice in choices:
        field = Patient._meta.get_field(choice.name)
        if choice.taken == OTHER:
            setattr(survivor, field.attname, getattr(other, field.attname))
        elif choice.taken == BOTH and choice.name == "phone":
            survivor.phone_alt = other.phone
        elif choice.taken == BOTH:
            survivor.notes = f"{survivor.notes}\n\n{other.notes}"
    if survivor.responsible_party_id in (survivor.pk, other.pk):
        survivor.responsible_party_id = None


def _is_same(name, survivor, other):
    """Numbers and addresses are the same however they are written."""
    column = NORMALISED.get(name)
    if column and getattr(survivor, column):
        return getattr(survivor, column) == getattr(other, column)
    return getattr(survivor, name) == getattr(other, name)


def _may_keep_both(name, survivor, other):
    if name not in KEEPS_BOTH or not (getattr(survivor, name) and getattr(other, name)):
        return False
    return name != "phone" or not (survivor.phone_alt or other.phone_alt)
