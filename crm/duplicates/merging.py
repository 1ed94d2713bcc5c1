"""Merging two leads into one, and taking it back: nothing is lost either way.

The other lead stays in the database, deleted and untouched but for the rows that moved; its address leads to the
survivor. What the survivor was before, and which rows moved, stands in the LeadMerge.
"""

import json
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from clinics.audit import record
from clinics.live import publish
from crm.assignment.mending import own_again
from crm.duplicates.indexing import forget_leads
from crm.duplicates.merge_choices import (
    CHANGED,
    OTHER,
    apply_choices,
    choices_between,
    refuse_private_choices,
    rows_to_move,
)
from crm.duplicates.rules import LeadIsGone, LeadWasMerged, MergedFurther, MergeIsOld, NotWithItself
from crm.intake import link_contact_points, normalise
from crm.models import DuplicatePair, Lead, LeadMerge, Opportunity
from crm.models.pipeline import ExactJSONEncoder
from crm.rules import LeadIsLocked, SomebodyWasFaster

UNDO_WITHIN = timedelta(days=14)


@transaction.atomic
def merge_leads(survivor, other, *, by, choices=None, versions=None):
    """Make one lead of two; returns the LeadMerge. `choices` (field -> survivor, other or both) overrule suggestions.

    The same merge twice is one. `versions` are those that somebody saw, (survivor's, other's). Records
    "crm.lead.merged". Raises NotWithItself, LeadIsGone, LeadWasMerged if somebody was faster, SomebodyWasFaster if a
    lead has changed since it was seen, LeadIsLocked for one that has become a patient, FieldRefused for a fact that was
    chosen of the other one and that this clinic does not keep.
    """
    if survivor.pk == other.pk:
        raise NotWithItself
    survivor, other, known = _lock(survivor, other)
    if known is not None:
        return known
    for lead, seen in zip((survivor, other), versions or (None, None), strict=True):
        if seen is not None and lead.version != seen:
            raise SomebodyWasFaster(lead)
    refuse_private_choices(survivor, other, choices)

    taken = choices_between(survivor, other, choices)
    before = {"survivor": _values(survivor), "other": {"external_id": other.external_id}}
    before["opportunity"] = _worth(survivor)
    moved = _move(rows_to_move(other, survivor), survivor)
    _bury(other, by=by)
    apply_choices(survivor, other, taken)
    if choice_of(taken, "external_id") != OTHER:
        survivor.external_id = before["survivor"]["external_id"]
    else:
        survivor.external_id = before["other"]["external_id"]
    _save(survivor, by=by)
    _carry_worth(survivor)
    merge = LeadMerge.objects.create(
        survivor=survivor,
        merged=other,
        by=by,
        choices={choice.name: choice.taken for choice in taken},
        moved=moved,
        before=_plain(before),
        after=_plain(_values(survivor)),
    )
    DuplicatePair.objects.between(survivor, other).update(
        status=DuplicatePair.Status.MERGED, decided_by=by, decided_at=timezone.now()
    )
    counts = {label.split(".")[1]: len(ids) for label, ids in moved.items()}
    record("crm.lead.merged", survivor, by=by, after={"merged": other, "moved": counts, "choices": merge.choices})
    record("crm.lead.merged_away", other, by=by, after={"survivor": survivor})
    publish("board", "duplicates", f"lead-{survivor.pk}", f"lead-{other.pk}")
    return merge


def choice_of(choices, name):
    return next((choice.taken for choice in choices if choice.name == name), None)


def _lock(survivor, other):
    """Both leads, locked in the order of their ids, and the merge of the two that stands already, or None."""
    rows = Lead.objects.select_for_update(of=("self",)).select_related("stage", "clinic").order_by("pk")
    leads = {lead.pk: lead for lead in rows.filter(pk__in=(survivor.pk, other.pk))}
    standing = LeadMerge.objects.standing().filter(merged__in=leads).select_related("by__user")
    for merge in standing:
        if (merge.survivor_id, merge.merged_id) == (survivor.pk, other.pk):
            return leads[survivor.pk], leads[other.pk], merge
        raise LeadWasMerged(merge.by.display_name if merge.by else "")
    if len(leads) < 2 or any(lead.deleted_at for lead in leads.values()):
        raise LeadIsGone
    if any(lead.is_locked for lead in leads.values()):
        raise LeadIsLocked
    return leads[survivor.pk], leads[other.pk], None


def _move(moving, survivor):
    moved = {}
    for model, rows in moving.items():
        ids = [str(pk) for pk in rows.values_list("pk", flat=True)]
        if ids:
            model.objects.filter(pk__in=ids).update(lead=survivor)
            moved[model._meta.label_lower] = ids
    return moved


def _bury(other, *, by):
    """The other lead is no longer there; its number in another system is free for the survivor."""
    Lead.objects.filter(pk=other.pk).update(
        deleted_at=timezone.now(), external_id=None, version=other.version + 1, updated_by=by, updated_at=timezone.now()
    )
    forget_leads([other.pk])


def _values(lead):
    return {column: getattr(lead, column) for column in CHANGED}


def _plain(values):
    return json.loads(json.dumps(values, cls=ExactJSONEncoder))


def _save(lead, *, by):
    normalise(lead, region=lead.clinic.phone_region)
    lead.version += 1
    lead.updated_by = by
    lead.save()
    link_contact_points(lead)


def _worth(lead):
    return Opportunity.objects.filter(lead=lead).values_list("expected_value_cents", flat=True).first()


def _carry_worth(lead):
    """The opportunity says what the lead says."""
    if lead.expected_value_cents:
        Opportunity.objects.filter(lead=lead).update(expected_value_cents=lead.expected_value_cents)


@transaction.atomic
def undo_merge(merge, *, by):
    """Make two leads of one again; returns (the survivor, the other one, labels of fields that were changed since).

    Each row goes back; a field of the survivor is put back unless somebody changed it after the merge. Undoing twice is
    undoing once. Records "crm.lead.merge_undone". Raises MergeIsOld after 14 days, MergedFurther if the survivor was
    merged into another one since, LeadIsLocked once it has become a patient.
    """
    merge = LeadMerge.objects.select_for_update().get(pk=merge.pk)
    rows = Lead.objects.select_for_update(of=("self",)).select_related("stage", "clinic").order_by("pk")
    leads = {lead.pk: lead for lead in rows.filter(pk__in=(merge.survivor_id, merge.merged_id))}
    survivor, other = leads[merge.survivor_id], leads[merge.merged_id]
    if merge.undone_at:
        return survivor, other, []
    if merge.created_at < timezone.now() - UNDO_WITHIN:
        raise MergeIsOld
    if survivor.deleted_at:
        raise MergedFurther
    if survivor.is_locked:
        raise LeadIsLocked

    kept = _put_back(survivor, merge)
    _save(survivor, by=by)
    _move_back(merge, survivor, other)
    Opportunity.objects.filter(lead=survivor).update(
        expected_value_cents=merge.before["opportunity"] or survivor.expected_value_cents or 1
    )
    other.deleted_at, other.external_id = None, merge.before["other"]["external_id"]
    _save(other, by=by)
    merge.undone_at, merge.undone_by = timezone.now(), by
    merge.save(update_fields=["undone_at", "undone_by", "updated_at"])
    DuplicatePair.objects.between(survivor, other).update(
        status=DuplicatePair.Status.OPEN, decided_by=None, decided_at=None
    )
    record("crm.lead.merge_undone", survivor, by=by, after={"other": other, "kept": kept})
    record("crm.lead.merge_undone", other, by=by, after={"other": survivor})
    other = own_again(other, by=by)
    publish("board", "duplicates", f"lead-{survivor.pk}", f"lead-{other.pk}")
    return survivor, other, [str(Lead._meta.get_field(name.removesuffix("_id")).verbose_name) for name in kept]


def _put_back(survivor, merge):
    """Restore what the merge wrote and nobody has changed since; returns the columns that were left alone."""
    before, after, kept = merge.before["survivor"], merge.after, []
    now = _plain(_values(survivor))
    for column in CHANGED:
        if before[column] == after[column]:
            continue
        if now[column] != after[column]:
            kept.append(column)
            continue
        field = next(field for field in Lead._meta.concrete_fields if field.attname == column)
        setattr(survivor, column, field.to_python(before[column]) if before[column] is not None else None)
    return kept


def _move_back(merge, survivor, other):
    for relation in Lead._meta.get_fields(include_hidden=True):
        model = getattr(relation, "related_model", None)
        ids = merge.moved.get(model._meta.label_lower) if relation.auto_created and model else None
        if ids and relation.field.name == "lead":
            model.objects.filter(pk__in=ids, lead=survivor).update(lead=other)


def survivor_of(pk):
    """The lead into which the one with this id was merged, however often it went further; None if it was not."""
    for _step in range(20):
        merge = LeadMerge.objects.standing().select_related("survivor").filter(merged=pk).first()
        if merge is None:
            return None
        if merge.survivor.deleted_at is None:
            return merge.survivor
        pk = merge.survivor_id
    return None


def merges_to_undo(lead):
    """Merges into this lead that can still be taken back, the latest first."""
    since = timezone.now() - UNDO_WITHIN
    return LeadMerge.objects.standing().filter(survivor=lead, created_at__gt=since).for_list()
