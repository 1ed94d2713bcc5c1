"""Where a patient stands: new, active, at risk or dormant, by the clinic's thresholds and the patient's own rhythm.

The clinic's thresholds give way to those of the service that a patient came for last, where it has any.
`standing_of` says it of one patient in plain Python, `due_segment` of all of them in SQL; a test holds them together.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise
from statistics import median

from django.db import transaction
from django.db.models import (
    Case,
    CharField,
    DateField,
    DateTimeField,
    DurationField,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, TruncDate
from django.db.models.lookups import LessThan, LessThanOrEqual
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinics.audit import SYSTEM, record, record_many
from clinics.copying import copy_over
from clinics.live import publish
from patients.models import Patient, Segment, SegmentChange, Visit

FOLLOWED = (
    "visit_count", "first_visit_at", "last_visit_at", "usual_interval_days", "last_service_id", "recall_due_on",
)  # fmt: skip
NEVER_HERE = {"count": 0, "first": None, "last": None, "days": []}
RHYTHM_AFTER = 3  # visits on different days, before two gaps say anything about a rhythm
BATCH = 500


@dataclass(frozen=True)
class Thresholds:
    """The settings of a clinic: days and a percentage of the usual interval; `risk_days` are those of a service."""

    new_days: int = 90
    risk_percent: int = 150
    dormant_days: int = 180
    risk_days: int | None = None

    @classmethod
    def of(cls, clinic):
        return cls(clinic.patient_new_days, clinic.patient_risk_percent, clinic.patient_dormant_days)

    def for_service(self, service):
        """The same for patients who came last for an AppointmentType, which may have thresholds of its own."""
        if service is None:
            return self
        dormant = service.dormant_after_days or self.dormant_days
        return replace(self, dormant_days=dormant, risk_days=service.risk_after_days)


def usual_interval(moments):
    """The median number of days between visits, same days counted once; None before there is a rhythm."""
    return interval_between(sorted({moment.date() for moment in moments}))


def interval_between(days):
    """The same, of different days in their order."""
    if len(days) < RHYTHM_AFTER:
        return None
    return max(1, round(median((later - sooner).days for sooner, later in pairwise(days))))


def standing_of(patient, thresholds, now):
    """The segment that a patient belongs to now, from their first and last visit, usual interval and last service."""
    first, last = patient.first_visit_at, patient.last_visit_at
    thresholds = thresholds.for_service(patient.last_service)
    if last is None:
        return Segment.NEW
    if last <= now - timedelta(days=thresholds.dormant_days):
        return Segment.DORMANT
    if first > now - timedelta(days=thresholds.new_days):
        return Segment.NEW
    patience = patience_of(patient, thresholds)
    if patience is not None and last < now - patience:
        return Segment.AT_RISK
    return Segment.ACTIVE


def patience_of(patient, thresholds):
    """How long after the last visit somebody is not at risk yet, as a timedelta; None if nothing tells."""
    if thresholds.risk_days:
        return timedelta(days=thresholds.risk_days)
    interval = patient.usual_interval_days
    return timedelta(days=interval * thresholds.risk_percent / 100) if interval else None


def due_segment(thresholds, now):
    """The same as an expression of the database, over rows of Patient."""

    def days(amount):
        return ExpressionWrapper(Value(timedelta(days=1)) * amount, output_field=DurationField())

    own = days(F("usual_interval_days") * Value(thresholds.risk_percent / 100.0))
    patience = Coalesce(days(F("last_service__risk_after_days")), own)
    overdue_at = ExpressionWrapper(F("last_visit_at") + patience, output_field=DateTimeField())
    dormant = Coalesce("last_service__dormant_after_days", Value(thresholds.dormant_days))
    dormant_at = ExpressionWrapper(F("last_visit_at") + days(dormant), output_field=DateTimeField())
    return Case(
        When(last_visit_at=None, then=Value(Segment.NEW.value)),
        When(LessThanOrEqual(dormant_at, Value(now)), then=Value(Segment.DORMANT.value)),
        When(first_visit_at__gt=now - timedelta(days=thresholds.new_days), then=Value(Segment.NEW.value)),
        When(LessThan(overdue_at, Value(now)), then=Value(Segment.AT_RISK.value)),
        default=Value(Segment.ACTIVE.value),
        output_field=CharField(),
    )


def why(patient, thresholds, now):
    """The reason for a patient's segment, in a sentence."""
    if patient.last_visit_at is None:
        return _("No visit yet.")
    days, standing = (now - patient.last_visit_at).days, standing_of(patient, thresholds, now)
    thresholds = thresholds.for_service(patient.last_service)
    ago = ngettext("The last visit was %(n)s day ago", "The last visit was %(n)s days ago", days) % {"n": days}
    interval = patient.usual_interval_days
    rhythm = ngettext("usually every %(n)s day", "usually every %(n)s days", interval or 0) % {"n": interval}
    match standing:
        case Segment.DORMANT:
            return _("%(ago)s; dormant from %(n)s days on.") % {"ago": ago, "n": thresholds.dormant_days}
        case Segment.NEW:
            return _("The first visit was less than %(n)s days ago.") % {"n": thresholds.new_days}
        case Segment.AT_RISK if thresholds.risk_days:
            words = _("%(ago)s; at risk from %(n)s days after %(service)s on.")
            return words % {"ago": ago, "n": thresholds.risk_days, "service": patient.last_service}
        case Segment.AT_RISK:
            return _("%(ago)s; they come %(rhythm)s.") % {"ago": ago, "rhythm": rhythm}
        case _other:
            return f"{ago}; {rhythm}." if interval else f"{ago}."


@transaction.atomic
def follow_visits(patient):
    """Bring a patient's first and last visit, rhythm, service, recall and segment up to the visits on record.

    Records "patients.patient.segment_changed" if they belong to another segment now.
    """
    patient = Patient.objects.select_for_update(of=("self",)).select_related("clinic").get(pk=patient.pk)
    moments = Visit.objects.days_of(patient)
    patient.visit_count = len(moments)
    patient.first_visit_at, patient.last_visit_at = (moments[0], moments[-1]) if moments else (None, None)
    patient.usual_interval_days = usual_interval(moments)
    patient.last_service = Visit.objects.last_service_of(patient) if moments else None
    patient.recall_due_on = due_again_on(patient, Thresholds.of(patient.clinic))
    patient.save(update_fields=[*FOLLOWED, "updated_at"])
    return settle(patient, now=timezone.now())


def due_again_on(patient, thresholds):
    """When a patient should come again: as the service says, by their own rhythm, or as they go dormant.

    None before the first visit.
    """
    if patient.last_visit_at is None:
        return None
    service = patient.last_service
    days = (service and service.recall_interval_days) or patient.usual_interval_days
    days = days or thresholds.for_service(service).dormant_days
    return timezone.localtime(patient.last_visit_at).date() + timedelta(days=days)


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
    if not patients:
        return
    seen = {row["patient_id"]: row for row in Visit.objects.summed_up(patient_ids)}
    services, thresholds = Visit.objects.last_services_of(patient_ids), Thresholds.of(patients[0].clinic)
    for patient in patients:
        row = seen.get(patient.pk, NEVER_HERE)
        patient.visit_count, patient.first_visit_at, patient.last_visit_at = row["count"], row["first"], row["last"]
        patient.usual_interval_days = interval_between(sorted(row["days"]))
        patient.last_service = services.get(patient.pk)
        patient.recall_due_on = due_again_on(patient, thresholds)
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
    drifted = drifted.select_for_update(skip_locked=True, of=("self",)).select_related("last_service", "clinic")
    patients = list(drifted.order_by("pk")[:BATCH])
    for patient in patients:
        settle(patient, now=now)
    return len(patients)


@transaction.atomic
def settle_recalls(clinic):
    """Bring the days on which patients are due again up to thresholds that were changed; returns how many moved."""
    days = Coalesce(
        "last_service__recall_interval_days",
        "usual_interval_days",
        "last_service__dormant_after_days",
        Value(Thresholds.of(clinic).dormant_days),
    )
    due = Cast(
        TruncDate("last_visit_at", tzinfo=clinic.zone) + Value(timedelta(days=1)) * days, output_field=DateField()
    )
    moved = (
        Patient.objects.present()
        .exclude(last_visit_at=None)
        .annotate(due=due)
        .filter(~Q(recall_due_on=F("due")) | Q(recall_due_on=None))
    )
    due_of = Patient.objects.filter(pk=OuterRef("pk")).annotate(due=due).values("due")
    return Patient.objects.filter(pk__in=moved.order_by().values("pk")).update(recall_due_on=Subquery(due_of))
