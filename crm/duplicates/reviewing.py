"""Deciding on two leads that may be one person: not a duplicate, the same household, and taking that back."""

from django.db import transaction
from django.utils import timezone

from clinics.audit import record
from clinics.live import publish
from clinics.same_person.comparing import compare
from crm.duplicates.people import mark_of, person_of
from crm.duplicates.rules import PairIsDecided
from crm.models import DuplicatePair, Household, Lead

Status = DuplicatePair.Status


@transaction.atomic
def pair_of(lead, other):
    """The DuplicatePair of two leads, made if somebody puts them side by side whom no sweep has found."""
    one, other = sorted((lead, other), key=lambda each: each.pk)
    comparison = compare(person_of(one), person_of(other))
    pair, _created = DuplicatePair.objects.get_or_create(
        one=one,
        other=other,
        defaults={
            "verdict": comparison.verdict if comparison.is_for_review else DuplicatePair.Verdict.POSSIBLE,
            "score": comparison.score,
            "reasons": list(comparison.reasons),
            "facts": mark_of(one, other),
        },
    )
    return pair


@transaction.atomic
def dismiss_pair(pair, *, by):
    """Remember that two leads are two people; they are not asked about again unless their facts change.

    Records "crm.duplicate.decided". Raises PairIsDecided if somebody has decided otherwise meanwhile.
    """
    return _decide(_lock(pair, Status.DISMISSED), Status.DISMISSED, by=by)


@transaction.atomic
def keep_as_household(pair, *, by):
    """Remember that two leads are two people of one family, and put them into one household.

    Records "crm.duplicate.decided". Raises PairIsDecided.
    """
    pair = _lock(pair, Status.HOUSEHOLD)
    if pair.status == Status.HOUSEHOLD:
        return pair
    leads = list(Lead.objects.select_for_update().filter(pk__in=(pair.one_id, pair.other_id)).order_by("pk"))
    homes = [lead.household for lead in leads if lead.household_id]
    home = homes[0] if homes else Household.objects.create(name=leads[0].last_name or leads[0].first_name)
    pair.before = {str(lead.pk): str(lead.household_id or "") for lead in leads}
    for lead in leads:
        lead.household = home
        lead.save(update_fields=["household", "updated_at"])
    return _decide(pair, Status.HOUSEHOLD, by=by)


@transaction.atomic
def reopen_pair(pair, *, by):
    """Take a decision back: the pair waits again, and each lead is in the household that it had.

    Records "crm.duplicate.reopened". Raises PairIsDecided for two that were merged: undo the merge instead.
    """
    pair = DuplicatePair.objects.select_for_update().get(pk=pair.pk)
    if pair.status == Status.MERGED:
        raise PairIsDecided
    if pair.status == Status.OPEN:
        return pair
    for lead_id, household_id in pair.before.items():
        Lead.objects.filter(pk=lead_id).update(household_id=household_id or None, updated_at=timezone.now())
    before = {"status": pair.status}
    pair.status, pair.decided_by, pair.decided_at, pair.before = Status.OPEN, None, None, {}
    pair.save()
    record("crm.duplicate.reopened", pair, by=by, before=before)
    publish("duplicates")
    return pair


def _lock(pair, wanted):
    pair = DuplicatePair.objects.select_for_update().get(pk=pair.pk)
    if pair.status not in (Status.OPEN, wanted):
        raise PairIsDecided
    return pair


def _decide(pair, status, *, by):
    if pair.status == status:
        return pair
    pair.status, pair.decided_by, pair.decided_at = status, by, timezone.now()
    pair.save()
    record("crm.duplicate.decided", pair, by=by, after={"status": status, "leads": [pair.one_id, pair.other_id]})
    publish("duplicates")
    return pair


def next_open():
    """The pair that is looked at next, or None."""
    return DuplicatePair.objects.open().for_list().first()
