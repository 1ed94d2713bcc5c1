"""Where a patient stands: new, active, at risk or dormant, by the clinic's thresholds and the patient's own rhythm.

`standing_of` says it of one patient in plain Python, `due_segment` of all of them in SQL; a test holds them together.
"""

from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from statistics import median

from django.db import transaction
from django.db.models import Case, CharField, DateTimeField, DurationField, ExpressionWrapper, F, Q, Value, When
from django.db.models.lookups import LessThan
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinics.audit import SYSTEM, record, record_many
from clinics.copying import copy_over
from clinics.live import publish
from patients.models import Patient, Segment, SegmentChange, Visit

FOLLOWED = ("visit_count", "first_visit_at", "last_visit_at", "usual_interval_days")
NEVER_HERE = {"count": 0, "first": None, "last": None, "days": []}
RHYTHM_AFTER = 3  # visits on different days, before two gaps say anything about a rhythm
BATCH = 500


@dataclass(frozen=True)
class Thresholds:
    """The settings of a clinic: days and a percentage of the usual interval."""

    new_days: int = 90
    risk_percent: int = 150
    dormant_days: int = 180

    @classmethod
    def of(cls, clinic):
        return cls(clinic.patient_new_days, clinic.patient_risk_percent, clinic.patient_dormant_days)


def usual_interval(moments):
    """The median number of days between visits, same days counted once; None before there is a rhythm."""
    return interval_between(sorted({moment.date() for moment in moments}))


def interval_between(days):
    """The same, of different days in their order."""
    if len(days) < RHYTHM_AFTER:
        return None
    return max(1, round(median((later - sooner).days for sooner, later in pairwise(days))))


def standing_of(patient, thresholds, now):
    """The segment that a patient belongs to now, from their first and last visit and usual interval."""
    first, last, interval = patient.first_visit_at, patient.last_visit_at, patient.usual_interval_days
    if last is None:
        return Segment.NEW
    if last <= now - timedelta(days=thresholds.dormant_days):
        return Segment.DORMANT
    if first > now - timedelta(days=thresholds.new_days):
        return Segment.NEW
    if interval and last < now - timedelta(days=interval * thresholds.risk_percent / 100):
        return Segment.AT_RISK
    return Segment.ACTIVE


def due_segment(thresholds, now):
    """The same as an expression of the database, over rows of Patient."""
    patience = ExpressionWrapper(
        Value(timedelta(days=1)) * F("usual_interval_days") * Value(thresholds.risk_percent / 100.0),
        output_field=DurationField(),
    )
    overdue_at = ExpressionWrapper(F("last_visit_at") + patience, output_field=DateTimeField())
    return Case(
        When(last_visit_at=None, then=Value(Segment.NEW.value)),
        When(last_visit_at__lte=now - timedelta(days=thresholds.dormant_days), then=Value(Segment.DORMANT.value)),
        When(first_visit_at__gt=now - timedelta(days=thresholds.new_days), then=Value(Segment.NEW.value)),
        When(Q(usual_interval_days__gt=0) & LessThan(overdue_at, Value(now)), then=Value(Segment.AT_RISK.value)),
        default=Value(Segment.ACTIVE.value),
        output_field=CharField(),
    )


def why(patient, thresholds, now):
    """The reason for a patient's segment, in a sentence."""
    if patient.last_visit_at is None:
        return _("No visit yet.")
    days = (now - patient.last_visit_at).days
    ago = ngettext("The last visit was %(n)s day ago", "The last visit was %(n)s days ago", days) % {"n": days}
    interval = patient.usual_interval_days
    rhythm = ngettext("usually every %(n)s day", "usually every %(n)s days", interval or 0) % {"n": interval}
    match standing_of(patient, thresholds, now):
        case Segment.DORMANT:
            return _("%(ago)s; dormant from %(n)s days on.") % {"ago": ago, "n": thresholds.dormant_days}
        case Segment.NEW:
            return _("The first visit was less than %(n)s days ago.") % {"n": thresholds.new_days}
        case Segment.AT_RISK:
            return _("%(ago)s; they come %(rhythm)s.") % {"ago": ago, "rhythm": rhythm}
        case _other:
            return f"{ago}; {rhythm}." if interval else f"{ago}."


@transaction.atomic
def follow_visits(patient):
    """Bring a patient's first and last visit, rhythm and segment up to the visits that are on record.

    Records "patients.patient.segment_changed" if they belong to another segment now.
    """
    patient = Patient.objects.select_for_update().get(pk=patient.pk)
    moments = Visit.objects.days_of(patient)
    patient.visit_count = len(moments)
    patient.first_visit_at, patient.last_visit_at = (moments[0], moments[-1]) if moments else (None, None)
    patient.usual_interval_days = usual_interval(moments)
    patient.save(update_fields=["visit_count", "first_visit_at", "last_visit_at", "usual_interval_days", "updated_at"])
    return settle(patient, now=timezone.now())


def settle(patient, *, now):
    """Put a locked patient into the segment that they belong to at `now`, and keep the change."""
    thresholds = Thresholds.of(patient.clinic)
    due = standing_of(patient, thresholds, now)
    if due == patient.segment:
        return patient
    before, patient.segment = patient.segment, due
    patient.save(update_fields=["segment", "updated_at"])
    SegmentChange.objects.create(
        patient=patient, from_segment=before, to_segment=due, changed_at=now, days_since=_days_since(patient, now)
    )
    record("patients.patient.segment_changed", patient, by=SYSTEM, before={"segment": before}, after={"segment": due})
    publish("patients", f"patient-{patient.pk}")
    return patient


@transaction.atomic
def follow_many(patient_ids, *, now):
    """Do for many patients what follow_visits does for one, in a handful of statements."""
    patients = list(Patient.objects.select_for_update().filter(pk__in=patient_ids).order_by("pk"))
    seen = {row["patient_id"]: row for row in Visit.objects.summed_up(patient_ids)}
    for patient in patients:
        row = seen.get(patient.pk, NEVER_HERE)
        patient.visit_count, patient.first_visit_at, patient.last_visit_at = row["count"], row["first"], row["last"]
        patient.usual_interval_days = interval_between(sorted(row["days"]))
    copy_over(Patient, patients, FOLLOWED)
    settle_many(patients, now=now)


def settle_many(patients, *, now):
    """Put locked patients of one clinic into the segments that they belong to, and keep what changed."""
    thresholds = Thresholds.of(patients[0].clinic) if patients else None
    moved = []
    for patient in patients:
        due = standing_of(patient, thresholds, now)
        if due != patient.segment:
            moved.append((patient, {"segment": patient.segment}, {"segment": due}))
            patient.segment = due
    if not moved:
        return
    copy_over(Patient, [patient for patient, *_change in moved], ["segment"])
    SegmentChange.objects.bulk_create(
        SegmentChange(
            patient=patient,
            from_segment=before["segment"],
            to_segment=after["segment"],
            changed_at=now,
            days_since=_days_since(patient, now),
        )
        for patient, before, after in moved
    )
    record_many("patients.patient.segment_changed", moved, by=SYSTEM)
    publish("patients")


def _days_since(patient, now):
    return (now - patient.last_visit_at).days if patient.last_visit_at else None


@transaction.atomic
def settle_some(clinic, *, now):
    """Settle a batch of the patients who have drifted into another segment; returns how many there were."""
    drifted = Patient.objects.present().drifted(due_segment(Thresholds.of(clinic), now))
    patients = list(drifted.select_for_update(skip_locked=True).order_by("pk")[:BATCH])
    for patient in patients:
        settle(patient, now=now)
    return len(patients)
