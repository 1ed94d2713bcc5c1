"""Whoever is erased here is erased from what an EMR told too, and does not come back with the next run."""

from django.utils import timezone

from patients.models import EmrChange, EmrIssue, EmrRecord


def forget_patient(patient):
    """Empty what was kept of a patient's resources, and pass over whatever an EMR says of them; returns how many."""
    records, now = EmrRecord.objects.of_patient(patient), timezone.now()
    EmrChange.objects.filter(record__in=records).delete()
    issues = EmrIssue.objects.filter(record__in=records)
    issues.update(payload=None, details={}, candidates=[], updated_at=now)
    issues.filter(resolved_at=None).update(resolved_at=now, resolution=EmrIssue.Resolution.IGNORED)
    return records.update(seen=None, state=EmrRecord.State.IGNORED, updated_at=now)
