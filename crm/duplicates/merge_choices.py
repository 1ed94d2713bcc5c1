"""What becomes of each fact when two leads are merged: which side is taken, what is kept of both, what moves."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from crm.intake import REFUSED_WHEN_MINIMAL, refuse_private_fields
from crm.models import (
    Lead,
    LeadActivity,
    LeadContactPoint,
    LeadImportRow,
    LeadMatchKey,
    LeadSubmission,
    LeadTag,
    LeadTask,
    Opportunity,
    StageChange,
    Touchpoint,
)
from crm.pipeline import MOVED_FIELDS

SURVIVOR, OTHER, BOTH = "survivor", "other", "both"
# Facts of which one side is chosen, in the order in which they are shown.
CHOSEN = (
    "first_name", "last_name", "phone", "phone_alt", "email", "preferred_contact", "preferred_time",
    "patient_relationship", "patient_first_name", "patient_last_name", "patient_dob", "treatment_interest", "notes",
    "stage", "assigned_to", "expected_value_cents", "source", "source_detail", "source_campaign", "referring_provider",
    "referring_patient", "ad_campaign", "ad_platform", "location", "address_line1", "address_line2", "city", "state",
    "postal_code", "country", "insurance_carrier", "insurance_member_id", "external_id",
)  # fmt: skip
KEEPS_BOTH = ("phone", "email", "treatment_interest", "notes")
# What a choice carries with it beside the column of its own name.
COLUMNS = {"stage": MOVED_FIELDS, "assigned_to": ("assigned_to_id", "assigned_at")}
# Everything that a merge may change on the survivor, and an undo puts back.
CHANGED = sorted(
    {column for name in CHOSEN for column in COLUMNS.get(name, (Lead._meta.get_field(name).attname,))}
    | {"extra", "captured_at", "first_contacted_at"}
)
# Rows of the other lead that stay with it: they belong to its own writing, not to the person.
STAYING = {LeadMatchKey, LeadContactPoint, LeadImportRow}


@dataclass(frozen=True)
class Choice:
    """One fact of both leads: `taken` is survivor, other or both; `may_keep_both` offers the last.

    What this clinic does not keep on leads any more stays where it is: it is shown, and there is nothing to choose.
    """

    name: str
    label: str
    survivors: object
    others: object
    taken: str
    may_keep_both: bool

    is_same: bool = False
    may_choose: bool = True

    @property
    def differs(self):
        return not self.is_same


def choices_between(survivor, other, chosen=None):
    """The Choice of each fact that either lead knows, with what was `chosen` (name -> side) or else suggested."""
    chosen, found, staying = chosen or {}, [], _private_names(survivor.clinic)
    for name in CHOSEN:
        ours, theirs = getattr(survivor, name), getattr(other, name)
        if not ours and not theirs:
            continue
        is_same = _is_same(name, survivor, other)
        may_keep_both = name in KEEPS_BOTH and bool(ours and theirs) and not is_same and name not in staying
        taken = SURVIVOR if name in staying else chosen.get(name)
        if taken not in (SURVIVOR, OTHER, BOTH) or (taken == BOTH and not may_keep_both):
            taken = suggest(name, survivor, other)
        may_choose = name not in staying
        found.append(Choice(name, label_of(name), ours, theirs, taken, may_keep_both, is_same, may_choose))
    return found


def refuse_private_choices(survivor, other, chosen):
    """Raise FieldRefused for the first fact that was `chosen` of the other lead and that this clinic does not keep."""
    taken = {name for name, side in (chosen or {}).items() if side in (OTHER, BOTH)}
    refuse_private_fields(survivor.clinic, {name: getattr(other, name) for name in taken & REFUSED_WHEN_MINIMAL})


def _private_names(clinic):
    return set() if clinic.asks_full_names else REFUSED_WHEN_MINIMAL


def _is_same(name, survivor, other):
    """Numbers and addresses are the same however they are written."""
    for column in {"phone": ["phone_e164"], "phone_alt": ["phone_alt_e164"], "email": ["email_norm"]}.get(name, []):
        if getattr(survivor, column):
            return getattr(survivor, column) == getattr(other, column)
    return getattr(survivor, name) == getattr(other, name)


def suggest(name, survivor, other):
    """Nothing is lost: the survivor's fact, the other's where it has none, both where both can stand side by side."""
    ours, theirs = getattr(survivor, name), getattr(other, name)
    if not ours or not theirs:
        return SURVIVOR if ours else OTHER
    if name == "stage":
        is_further = other.is_open and (not survivor.is_open or other.stage.order > survivor.stage.order)
        return OTHER if is_further else SURVIVOR
    if name == "source":
        return OTHER if other.captured_at < survivor.captured_at else SURVIVOR
    return BOTH if name in KEEPS_BOTH and not _is_same(name, survivor, other) else SURVIVOR


def label_of(name):
    if name == "expected_value_cents":
        return _("Expected value")
    return str(Lead._meta.get_field(name).verbose_name).capitalize()


def apply_choices(survivor, other, choices):
    """Write the chosen facts into the survivor, unsaved."""
    for choice in choices:
        if choice.taken == OTHER:
            columns = COLUMNS.get(choice.name, (Lead._meta.get_field(choice.name).attname,))
            for column in columns:
                setattr(survivor, column, getattr(other, column))
        elif choice.taken == BOTH:
            _keep_both(survivor, other, choice.name)
    survivor.extra = {**other.extra, **survivor.extra}
    survivor.captured_at = min(survivor.captured_at, other.captured_at)
    reached = [moment for moment in (survivor.first_contacted_at, other.first_contacted_at) if moment]
    survivor.first_contacted_at = min(reached, default=None)


def _keep_both(survivor, other, name):
    if name == "treatment_interest":
        survivor.treatment_interest = list(dict.fromkeys([*survivor.treatment_interest, *other.treatment_interest]))
    elif name == "notes":
        survivor.notes = f"{survivor.notes}\n\n{other.notes}"
    elif name == "phone" and not survivor.phone_alt:
        survivor.phone_alt = other.phone
    else:
        word = _("Other phone") if name == "phone" else _("Other e-mail")
        survivor.extra = {**survivor.extra, word: getattr(other, name)}


def rows_to_move(other, survivor):
    """{model: queryset of its rows that go from one lead to the other}, whatever hangs on leads now or later.

    A row that can exist once a lead only, and that the survivor has, too, stays where it is.
    """
    moving = {}
    for relation in Lead._meta.get_fields(include_hidden=True):
        model = getattr(relation, "related_model", None)
        if not (relation.auto_created and relation.is_relation) or model in STAYING or relation.field.name != "lead":
            continue
        rows = model.objects.filter(lead=other)
        if model is LeadTag:
            rows = rows.exclude(tag_id__in=LeadTag.objects.filter(lead=survivor).values("tag_id"))
        elif relation.one_to_one or _is_once_a_lead(model):
            rows = rows.none() if model.objects.filter(lead=survivor).exists() else rows
        moving[model] = rows
    return moving


def _is_once_a_lead(model):
    return any("lead" in getattr(constraint, "fields", ()) for constraint in model._meta.constraints)


def counts_of(moving):
    """(word, number) of each kind of row that moves, those that people look for first."""
    words = {
        LeadActivity: _("entries on the timeline"),
        LeadTask: _("tasks"),
        Touchpoint: _("touches"),
        LeadTag: _("tags"),
        LeadSubmission: _("inquiries"),
        StageChange: _("moves"),
        Opportunity: _("opportunity"),
    }
    counted = [(words.get(model, str(model._meta.verbose_name_plural)), rows.count()) for model, rows in moving.items()]
    return [(word, count) for word, count in counted if count]
