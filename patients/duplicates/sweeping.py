"""The nightly look for patients who are here twice: a batch at a time, going on where the night before had to stop."""

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from clinics.jobs import report_progress
from clinics.live import publish
from clinics.same_person.comparing import compare
from clinics.tenancy import clinic_scope
from patients.duplicates.people import mark_of, person_of
from patients.models import Patient, PatientPair, PatientSweep

BATCH = 300
# Those who share a key, a number or an e-mail with the patients of a batch; every question is an equality.
NEAR = """
    SELECT DISTINCT mine.patient_id, theirs.patient_id FROM patients_patientmatchkey mine CROSS JOIN LATERAL (
        SELECT other.patient_id FROM patients_patientmatchkey other
        WHERE other.clinic_id = mine.clinic_id AND other.key = mine.key ORDER BY other.patient_id DESC LIMIT 40
    ) theirs
    WHERE mine.clinic_id = %(clinic)s AND mine.patient_id = ANY(%(ids)s) AND theirs.patient_id <> mine.patient_id
    UNION
    SELECT mine.id, other.id FROM patients_patient mine JOIN patients_patient other
        ON other.clinic_id = mine.clinic_id AND other.phone_e164 = mine.phone_e164
    WHERE mine.clinic_id = %(clinic)s AND mine.id = ANY(%(ids)s) AND mine.phone_e164 <> '' AND other.id <> mine.id
    UNION
    SELECT mine.id, other.id FROM patients_patient mine JOIN patients_patient other
        ON other.clinic_id = mine.clinic_id AND other.email_norm = mine.email_norm
    WHERE mine.clinic_id = %(clinic)s AND mine.id = ANY(%(ids)s) AND mine.email_norm <> '' AND other.id <> mine.id
"""


def sweep_duplicates(clinic, *, progress=None):
    """Look at the patients who changed since the last sweep, and queue the pairs that somebody must look at.

    Each batch commits for itself; whoever takes the sweep up after a crash, or the next night, goes on behind the last
    one. `progress(looked_at)` is called in the transaction of each batch. Returns {"looked_at", "found"} of the sweep.
    """
    with clinic_scope(clinic):
        _begin()
    count = BATCH
    while count == BATCH:
        with clinic_scope(clinic):
            sweep = PatientSweep.objects.select_for_update().get()
            count = _sweep_batch(clinic, sweep)
            if progress:
                progress(sweep.looked_at_count)
    with clinic_scope(clinic):
        publish("patient-duplicates")
        sweep = PatientSweep.objects.get()
        return {"looked_at": sweep.looked_at_count, "found": sweep.found_count}


def run_sweep(clinic, job):
    """The job "patients.duplicate_sweep": the same, asked for by somebody."""
    with clinic_scope(clinic):
        total = Patient.objects.present().count()
    return sweep_duplicates(clinic, progress=lambda done: report_progress(job, min(done, total), total))


def _begin():
    """Start a sweep, unless the last one has not come to its end yet."""
    sweep, is_first = PatientSweep.objects.get_or_create(defaults={"started_at": timezone.now()})
    if not is_first and sweep.finished_at is not None:
        sweep.since, sweep.started_at, sweep.finished_at = sweep.started_at, timezone.now(), None
        sweep.position, sweep.looked_at_count, sweep.found_count = None, 0, 0
        sweep.save()


def _sweep_batch(clinic, sweep):
    rows = Patient.objects.present().order_by("pk")
    rows = rows.filter(updated_at__gt=sweep.since) if sweep.since else rows
    rows = rows.filter(pk__gt=sweep.position) if sweep.position else rows
    batch = list(rows[:BATCH])
    if batch:
        sweep.found_count += queue_pairs(clinic, batch)
        sweep.position = batch[-1].pk
    sweep.looked_at_count += len(batch)
    sweep.finished_at = timezone.now() if len(batch) < BATCH else None
    sweep.save()
    return len(batch)


def queue_pairs(clinic, patients):
    """Compare patients with all who are near them and keep the pairs to look at; returns the number of new ones.

    Relatives who share a number or an e-mail bear other first names: they are near, and no duplicates.
    """
    ours = {patient.pk: patient for patient in patients}
    with connection.cursor() as cursor:
        cursor.execute(NEAR, {"clinic": clinic.pk, "ids": list(ours)})
        near = {tuple(sorted(pair)) for pair in cursor.fetchall()}
    missing = {pk for pair in near for pk in pair} - ours.keys()
    people = ours | {each.pk: each for each in Patient.objects.present().filter(pk__in=missing)}
    found = {}
    for one, other in near:
        if one in people and other in people:
            comparison = compare(person_of(people[one]), person_of(people[other]))
            if comparison.is_for_review:
                found[one, other] = comparison
    _forget_settled(ours, found)
    return _keep(found, people)


def _forget_settled(ours, found):
    """Open pairs that are no longer alike, since one of them was corrected, leave the queue by themselves."""
    waiting = PatientPair.objects.filter(Q(one__in=ours) | Q(other__in=ours), status=PatientPair.Status.OPEN)
    gone = [pk for pk, one, other in waiting.values_list("pk", "one_id", "other_id") if (one, other) not in found]
    PatientPair.objects.filter(pk__in=gone).delete()


def _keep(found, people):
    known = PatientPair.objects.filter(one__in={one for one, _other in found})
    known = {(pair.one_id, pair.other_id): pair for pair in known}
    new, again = [], []
    for (one, other), comparison in found.items():
        facts, pair = mark_of(people[one], people[other]), known.get((one, other))
        if pair is None:
            pair = PatientPair(one=people[one], other=people[other])
            new.append(pair)
        elif pair.facts == facts or pair.status == PatientPair.Status.MERGED:
            continue
        else:
            again.append(pair)
        pair.verdict, pair.score, pair.reasons = comparison.verdict, comparison.score, list(comparison.reasons)
        pair.facts, pair.status = facts, PatientPair.Status.OPEN
        pair.decided_by = pair.decided_at = None
    PatientPair.objects.bulk_create(new, ignore_conflicts=True)
    fields = ["verdict", "score", "reasons", "facts", "status", "decided_by", "decided_at"]
    PatientPair.objects.bulk_update(again, fields)
    return len(new) + len(again)
