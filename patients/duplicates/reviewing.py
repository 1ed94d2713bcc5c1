"""Deciding on two patients who may be one person, and taking that back."""

from django.db import transaction
from django.utils import timezone

from clinics.audit import record
from clinics.live import publish
from clinics.same_person.comparing import compare
from patients.duplicates.people import mark_of, person_of
from patients.duplicates.rules import PairIsDecided
from patients.models import PatientPair

Status = PatientPair.Status
POSSIBLE = "POSSIBLE"


@transaction.atomic
def pair_of(patient, other):
    """The PatientPair of two patients, made if somebody puts them side by side whom no sweep has found."""
    one, other = sorted((patient, other), key=lambda each: each.pk)
    comparison = compare(person_of(one), person_of(other))
    pair, _created = PatientPair.objects.get_or_create(
        one=one,
        other=other,
        defaults={
            "verdict": comparison.verdict if comparison.is_for_review else POSSIBLE,
            "score": comparison.score,
            "reasons": list(comparison.reasons),
            "facts": mark_of(one, other),
        },
    )
    return pair


@transaction.atomic
def dismiss_pair(pair, *, by):
    """Remember that two patients are two people; they are not asked about again unless their facts change.

    Records "patients.duplicate.decided". Raises PairIsDecided if they were merged meanwhile.
    """
    pair = PatientPair.objects.select_for_update().get(pk=pair.pk)
    if pair.status == Status.MERGED:
        raise PairIsDecided
    if pair.status == Status.OPEN:
        pair.status, pair.decided_by, pair.decided_at = Status.DISMISSED, by, timezone.now()
        pair.save()
        after = {"status": pair.status, "patients": [pair.one_id, pair.other_id]}
        record("patients.duplicate.decided", pair, by=by, after=after)
        publish("patient-duplicates")
    return pair


@transaction.atomic
def reopen_pair(pair, *, by):
    """Take a decision back: the pair waits again. Records "patients.duplicate.reopened".

    Raises PairIsDecided for two who were merged: undo the merge instead.
    """
    pair = PatientPair.objects.select_for_update().get(pk=pair.pk)
    if pair.status == Status.MERGED:
        raise PairIsDecided
    if pair.status == Status.DISMISSED:
        pair.status, pair.decided_by, pair.decided_at = Status.OPEN, None, None
        pair.save()
        record("patients.duplicate.reopened", pair, by=by)
        publish("patient-duplicates")
    return pair


def next_open():
    """The pair that is looked at next, or None."""
    return PatientPair.objects.open().for_list().first()
