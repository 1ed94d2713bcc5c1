"""Merging two patients into one, and taking it back: nothing is lost either way.

The other patient stays in the database, deleted and untouched but for the rows that moved; its address leads to the
survivor. What the survivor was before, and which rows moved, stands in the PatientMerge.
"""

import json
from datetime import timedelta

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.utils import timezone

from clinics.audit import record
from clinics.live import publish
from patients.duplicates.indexing import index_patient
from patients.duplicates.merge_choices import CHANGED, apply_choices, choices_between
from patients.duplicates.moving import move_rows, move_rows_back
from patients.duplicates.rules import MergedFurther, MergeIsOld, NotWithItself, PatientWasMerged
from patients.models import Patient, PatientMerge, PatientPair
from patients.registration import normalise
from patients.rules import PatientIsErased, PatientIsGone, SomebodyWasFaster
from patients.segments import follow_visits

UNDO_WITHIN = timedelta(days=14)


@transaction.atomic
def merge_patients(survivor, other, *, by, choices=None, versions=None):
    """Make one patient of two; returns the PatientMerge. `choices` (field -> survivor, other or both) overrule
    suggestions.

    The same merge twice is one. `versions` are those that somebody saw, (survivor's, other's). Records
    "patients.patient.merged". Raises NotWithItself, PatientIsGone, PatientWasMerged, SomebodyWasFaster if a patient has
    changed since it was seen.
    """
    if survivor.pk == other.pk:
        raise NotWithItself
    survivor, other, known = _lock(survivor, other)
    if known is not None:
        return known
    for patient, seen in zip((survivor, other), versions or (None, None), strict=True):
        if seen is not None and patient.version != seen:
            raise SomebodyWasFaster(patient)

    taken = choices_between(survivor, other, choices)
    before = {"survivor": _values(survivor), "other": _values(other)}
    moved = move_rows(other, survivor)
    _bury(other, by=by)
    apply_choices(survivor, other, taken)
    _save(survivor, by=by)
    merge = PatientMerge.objects.create(
        survivor=survivor,
        merged=other,
        by=by,
        choices={choice.name: choice.taken for choice in taken},
        moved=moved,
        before=_plain(before),
        after=_plain(_values(survivor)),
    )
    PatientPair.objects.between(survivor, other).update(
        status=PatientPair.Status.MERGED, decided_by=by, decided_at=timezone.now()
    )
    follow_visits(survivor)
    counts = {label: len(ids) for label, ids in moved.items()}
    record("patients.patient.merged", survivor, by=by, after={"merged": other, "moved": counts})
    record("patients.patient.merged_away", other, by=by, after={"survivor": survivor})
    _tell(survivor, other)
    return merge


def _lock(survivor, other):
    """Both patients, locked in the order of their ids, and the merge of the two that stands already, or None."""
    rows = Patient.objects.select_for_update(of=("self",)).select_related("clinic").order_by("pk")
    patients = {each.pk: each for each in rows.filter(pk__in=(survivor.pk, other.pk))}
    for merge in PatientMerge.objects.standing().filter(merged__in=patients):
        if (merge.survivor_id, merge.merged_id) == (survivor.pk, other.pk):
            return patients[survivor.pk], patients[other.pk], merge
        raise PatientWasMerged
    if any(each.erased_at for each in patients.values()):
        raise PatientIsErased
    if len(patients) < 2 or any(each.deleted_at for each in patients.values()):
        raise PatientIsGone
    return patients[survivor.pk], patients[other.pk], None


def _bury(other, *, by):
    """The other patient is no longer there; their number in the EMR is free for the survivor."""
    Patient.objects.filter(pk=other.pk).update(
        deleted_at=timezone.now(), external_id=None, version=other.version + 1, updated_by=by, updated_at=timezone.now()
    )
    other.refresh_from_db(fields=["deleted_at"])
    index_patient(other)


def _values(patient):
    return {column: getattr(patient, column) for column in CHANGED}


def _plain(values):
    return json.loads(json.dumps(values, cls=DjangoJSONEncoder))


def _save(patient, *, by):
    normalise(patient, region=patient.clinic.phone_region)
    patient.version += 1
    patient.updated_by = by
    patient.save()
    index_patient(patient)


def _tell(survivor, other):
    publish("patients", "patient-duplicates", f"patient-{survivor.pk}", f"patient-{other.pk}")


@transaction.atomic
def undo_merge(merge, *, by):
    """Make two patients of one again; returns (the survivor, the other, names of fields that were changed since).

    Each row goes back; a field of the survivor is put back unless somebody changed it after the merge. Undoing twice is
    undoing once. Records "patients.patient.merge_undone". Raises MergeIsOld after 14 days, MergedFurther if the
    survivor was merged into another since, PatientIsErased.
    """
    merge = PatientMerge.objects.select_for_update().get(pk=merge.pk)
    rows = Patient.objects.select_for_update(of=("self",)).select_related("clinic").order_by("pk")
    patients = {each.pk: each for each in rows.filter(pk__in=(merge.survivor_id, merge.merged_id))}
    survivor, other = patients[merge.survivor_id], patients[merge.merged_id]
    if merge.undone_at:
        return survivor, other, []
    if merge.created_at < timezone.now() - UNDO_WITHIN:
        raise MergeIsOld
    if survivor.erased_at or other.erased_at:
        raise PatientIsErased
    if survivor.deleted_at:
        raise MergedFurther

    kept = _put_back(survivor, merge)
    _save(survivor, by=by)
    other.deleted_at, other.external_id = None, merge.before["other"]["external_id"]
    _save(other, by=by)
    move_rows_back(merge.moved, survivor, other)
    follow_visits(survivor)
    follow_visits(other)
    merge.undone_at, merge.undone_by = timezone.now(), by
    merge.save(update_fields=["undone_at", "undone_by", "updated_at"])
    PatientPair.objects.between(survivor, other).update(
        status=PatientPair.Status.OPEN, decided_by=None, decided_at=None
    )
    record("patients.patient.merge_undone", survivor, by=by, after={"other": other, "kept": kept})
    record("patients.patient.merge_undone", other, by=by, after={"other": survivor})
    _tell(survivor, other)
    labels = [str(Patient._meta.get_field(name).verbose_name) for name in kept]
    return survivor, other, labels


def _put_back(survivor, merge):
    """Restore what the merge wrote and nobody has changed since; returns the columns that were left alone."""
    before, after, kept, now = merge.before["survivor"], merge.after, [], _plain(_values(survivor))
    for column in CHANGED:
        if before[column] == after[column]:
            continue
        if now[column] != after[column]:
            kept.append(column)
            continue
        field = Patient._meta.get_field(column)
        setattr(survivor, column, field.to_python(before[column]) if before[column] is not None else None)
    return kept


def survivor_of(pk):
    """The patient into whom the one with this id was merged, however often they went further; None if they were not."""
    for _step in range(20):
        merge = PatientMerge.objects.standing().select_related("survivor").filter(merged=pk).first()
        if merge is None:
            return None
        if merge.survivor.deleted_at is None:
            return merge.survivor
        pk = merge.survivor_id
    return None


def merges_to_undo(patient):
    """Merges into this patient that can still be taken back, the latest first."""
    since = timezone.now() - UNDO_WITHIN
    return PatientMerge.objects.standing().filter(survivor=patient, created_at__gt=since).for_list()
