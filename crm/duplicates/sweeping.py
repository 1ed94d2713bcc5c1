"""The nightly look for duplicates: a batch of leads at a time, going on where the night before had to stop."""

from collections import Counter

from django.db import connection
from django.db.models import Count, Q
from django.utils import timezone

from clinics.jobs import report_progress
from clinics.live import publish
from clinics.same_person.comparing import compare
from clinics.tenancy import clinic_scope
from crm.duplicates.indexing import index_leads
from crm.duplicates.people import mark_of, person_of
from crm.models import DuplicatePair, DuplicateSweep, Lead

BATCH = 300
MOST_AT_ONCE = 200_000
RARE = 3  # a name that more leads bear says nothing by itself
NAME_REASONS = {
    "given_same", "given_nickname", "given_part", "given_typo", "given_doubtful", "given_initial", "family_same",
    "family_part", "family_typo", "family_initial", "names_swapped", "patient_same", "is_patient_of_other",
    "patient_only_here",
}  # fmt: skip
# Those who share a key or a contact point with the leads of a batch, the newest of each; every question is an equality.
NEAR = """
    SELECT DISTINCT mine.lead_id, theirs.lead_id FROM crm_leadmatchkey mine CROSS JOIN LATERAL (
        SELECT other.lead_id FROM crm_leadmatchkey other
        WHERE other.clinic_id = mine.clinic_id AND other.key = mine.key ORDER BY other.lead_id DESC LIMIT 40
    ) theirs WHERE mine.clinic_id = %(clinic)s AND mine.lead_id = ANY(%(leads)s) AND theirs.lead_id <> mine.lead_id
    UNION
    SELECT DISTINCT mine.lead_id, theirs.lead_id FROM crm_leadcontactpoint mine CROSS JOIN LATERAL (
        SELECT other.lead_id FROM crm_leadcontactpoint other
        WHERE other.clinic_id = mine.clinic_id AND other.contact_point_id = mine.contact_point_id LIMIT 40
    ) theirs WHERE mine.clinic_id = %(clinic)s AND mine.lead_id = ANY(%(leads)s) AND theirs.lead_id <> mine.lead_id
"""


def sweep_duplicates(clinic, *, at_most=MOST_AT_ONCE, progress=None):
    """Look at the leads that changed since the last sweep, and queue the pairs that somebody must look at.

    Each batch commits for itself; whoever takes the sweep up after a crash, or the next night, goes on behind the last
    one. `progress(looked_at)` is called in the transaction of each batch. Returns {"looked_at", "found"} of the sweep.
    """
    with clinic_scope(clinic):
        _begin()
    looked = 0
    while looked < at_most:
        with clinic_scope(clinic):
            sweep = DuplicateSweep.objects.select_for_update().get()
            count = _sweep_batch(clinic, sweep)
            looked += count
            if progress:
                progress(sweep.looked_at_count)
        if count < BATCH:
            break
    with clinic_scope(clinic):
        publish("duplicates")
        sweep = DuplicateSweep.objects.get()
        return {"looked_at": sweep.looked_at_count, "found": sweep.found_count}


def run_sweep(clinic, job):
    """The job "crm.duplicate_sweep": the same, asked for by somebody."""
    with clinic_scope(clinic):
        total = Lead.objects.present().count()
    return sweep_duplicates(clinic, progress=lambda done: report_progress(job, min(done, total), total))


def _begin():
    """Start a sweep, unless the last one has not come to its end yet."""
    sweep, is_first = DuplicateSweep.objects.get_or_create(defaults={"started_at": timezone.now()})
    if not is_first and sweep.finished_at is not None:
        sweep.since, sweep.started_at, sweep.finished_at = sweep.started_at, timezone.now(), None
        sweep.position, sweep.looked_at_count, sweep.found_count = None, 0, 0
        sweep.save()


def _sweep_batch(clinic, sweep):
    rows = Lead.objects.present().order_by("pk")
    rows = rows.filter(updated_at__gt=sweep.since) if sweep.since else rows
    rows = rows.filter(pk__gt=sweep.position) if sweep.position else rows
    batch = list(rows[:BATCH])
    if batch:
        index_leads(batch)
        sweep.found_count += queue_pairs(clinic, batch)
        sweep.position = batch[-1].pk
    sweep.looked_at_count += len(batch)
    sweep.finished_at = timezone.now() if len(batch) < BATCH else None
    sweep.save()
    return len(batch)


def queue_pairs(clinic, leads):
    """Compare leads with all who are near them and keep the pairs to look at; returns the number of new ones."""
    ours = {lead.pk: lead for lead in leads}
    with connection.cursor() as cursor:
        cursor.execute(NEAR, {"clinic": clinic.pk, "leads": list(ours)})
        near = {tuple(sorted(pair)) for pair in cursor.fetchall()}
    missing = {pk for pair in near for pk in pair} - ours.keys()
    people = ours | {lead.pk: lead for lead in Lead.objects.present().filter(pk__in=missing)}
    found = {}
    for one, other in near:
        if one in people and other in people and not (people[one].is_locked and people[other].is_locked):
            comparison = compare(person_of(people[one]), person_of(people[other]))
            if comparison.is_for_review:
                found[one, other] = comparison
    found = _without_common_names(found, people)
    _forget_settled(ours, found)
    return _keep(found, people)


def _without_common_names(found, people):
    """Leave out pairs of whom only a name speaks that many bear."""
    by_name = {pair for pair, comparison in found.items() if NAME_REASONS.issuperset(comparison.reasons)}
    names = {people[pk].name_key for pair in by_name for pk in pair}
    counted = Lead.objects.present().filter(name_key__in=names).order_by().values_list("name_key")
    bearers = Counter(dict(counted.annotate(count=Count("pk")))) if names else Counter()
    common = {pair for pair in by_name if any(bearers[people[pk].name_key] > RARE for pk in pair)}
    return {pair: comparison for pair, comparison in found.items() if pair not in common}


def _forget_settled(ours, found):
    """Open pairs that are no longer alike, since one of them was corrected, leave the queue by themselves."""
    waiting = DuplicatePair.objects.filter(Q(one__in=ours) | Q(other__in=ours), status=DuplicatePair.Status.OPEN)
    gone = [pk for pk, one, other in waiting.values_list("pk", "one_id", "other_id") if (one, other) not in found]
    DuplicatePair.objects.filter(pk__in=gone).delete()


def _keep(found, people):
    known = DuplicatePair.objects.filter(one__in={one for one, _other in found})
    known = {(pair.one_id, pair.other_id): pair for pair in known}
    new, again = [], []
    for (one, other), comparison in found.items():
        facts = mark_of(people[one], people[other])
        pair = known.get((one, other))
        if pair is None:
            pair = DuplicatePair(one=people[one], other=people[other])
            new.append(pair)
        elif pair.facts == facts or pair.status == DuplicatePair.Status.MERGED:
            continue
        else:
            again.append(pair)
        pair.verdict, pair.score, pair.reasons = comparison.verdict, comparison.score, list(comparison.reasons)
        pair.facts, pair.status = facts, DuplicatePair.Status.OPEN
        pair.decided_by = pair.decided_at = None
    DuplicatePair.objects.bulk_create(new, ignore_conflicts=True)
    fields = ["verdict", "score", "reasons", "facts", "status", "decided_by", "decided_at"]
    DuplicatePair.objects.bulk_update(again, fields)
    return len(new) + len(again)
