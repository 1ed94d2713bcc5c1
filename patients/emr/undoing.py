"""Taking a run back: what it changed is put back, what it made goes again, what people have touched since is kept."""

from collections import Counter

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from clinics.audit import record, record_many
from clinics.jobs import report_progress, start_job
from clinics.live import publish
from clinics.models import AuditLog
from clinics.tenancy import clinic_scope
from patients.duplicates.indexing import forget_patients, index_patients
from patients.duplicates.merging import undo_merge
from patients.editing import restore_patient
from patients.emr.batch import KNOWN, plain
from patients.emr.files.rules import RunCannotBeUndone
from patients.emr.files.working import is_going_on, lock_file, take_up
from patients.emr.taking_appointments import save_in_time
from patients.emr.undoing_places import remove_places
from patients.models import (
    Appointment,
    EmrChange,
    EmrFile,
    EmrIssue,
    EmrRecord,
    EmrRun,
    Patient,
    PatientMerge,
    Payment,
    Visit,
)
from patients.registration import normalise
from patients.scheduling import told
from patients.segments import follow_many

BATCH = 500
ROWS = {"Patient": Patient, "RelatedPerson": Patient, "Encounter": Visit, "Appointment": Appointment}
PEOPLE = ("Patient", "RelatedPerson")
LINK = dict.fromkeys(PEOPLE, "patient_id") | {"Encounter": "visit_id", "Appointment": "appointment_id"}


@transaction.atomic
def start_undo(emr_file, *, by):
    """Undo the import of a file in the background, within 7 days of its end, or one that was stopped. Returns the file.

    Records "patients.emr_file.undo_started". Raises FileAtWork, RunCannotBeUndone.
    """
    emr_file = lock_file(emr_file)
    if is_going_on(emr_file, EmrFile.Status.UNDOING, by=by):
        return emr_file
    if not emr_file.may_be_undone:
        raise RunCannotBeUndone
    emr_file.status = EmrFile.Status.UNDOING
    emr_file.job = start_job(
        "patients.emr_undo",
        title=(_("Undoing %(file)s") % {"file": emr_file.name})[:200],
        by=by,
        parameters={"file": str(emr_file.pk)},
        result_url=emr_file.get_absolute_url(),
    )
    emr_file.save(update_fields=["status", "job", "updated_at"])
    record("patients.emr_file.undo_started", emr_file, by=by)
    return emr_file


def run_undo(clinic, job):
    """The job "patients.emr_undo": a batch a transaction; what is put back or gone is not met again."""
    with clinic_scope(clinic):
        emr_file = take_up(job, EmrFile.Status.UNDOING)
        run = emr_file.runs.filter(is_trial=False).order_by("-id").first()
    if run is not None:
        total, left = _steps(clinic, run), 1
        while left:
            with clinic_scope(clinic):
                take_up(job, EmrFile.Status.UNDOING)
                left = undo_some(run, by=job.started_by)
                report_progress(job, max(0, total - left), total)
    with clinic_scope(clinic):
        emr_file = take_up(job, EmrFile.Status.UNDOING)
        counts = finish_undo(run, by=job.started_by) if run is not None else {}
        emr_file.status = EmrFile.Status.UNDONE
        emr_file.save(update_fields=["status", "updated_at"])
        record("patients.emr_file.undone", emr_file, by=job.started_by, after=counts)
        return counts


def _steps(clinic, run):
    with clinic_scope(clinic):
        return left_of(run)


def left_of(run):
    return EmrChange.objects.filter(run=run).count() + EmrRecord.objects.filter(run=run).count()


@transaction.atomic
def undo_run(run, *, by):
    """Take a small run back at once: what a person decided on the review page. Returns it.

    Records "patients.emr_run.undone". Raises RunCannotBeUndone for one that was undone already.
    """
    run = EmrRun.objects.select_for_update().get(pk=run.pk)
    if run.status == EmrRun.Status.UNDONE:
        raise RunCannotBeUndone
    while undo_some(run, by=by):
        continue
    finish_undo(run, by=by)
    return run


def undo_some(run, *, by):
    """Take back the next batch of a run, the newest first; returns how much is left."""
    run = EmrRun.objects.select_for_update().get(pk=run.pk)
    counts = Counter(run.cursor.get("undone", {}))
    changes = list(EmrChange.objects.filter(run=run).select_related("record").order_by("-id")[:BATCH])
    if changes:
        _put_back(run, changes, counts, by=by)
    else:
        _remove(run, list(EmrRecord.objects.filter(run=run).order_by("-id")[:BATCH]), counts)
    run.cursor |= {"undone": dict(counts)}
    run.save(update_fields=["cursor", "updated_at"])
    return left_of(run)


def _put_back(run, changes, counts, *, by):
    """Rows get the values they had, where they still have those of the run; records know again what they knew."""
    for kind, model in ((Patient, Patient), (Visit, Visit), (Appointment, Appointment)):
        mine = [each for each in changes if ROWS.get(each.record.resource_type) is kind]
        links = {each.pk: getattr(each.record, LINK[each.record.resource_type]) for each in mine}
        rows = model.objects.select_for_update().in_bulk([pk for pk in links.values() if pk])
        for change in mine:
            row = rows.get(links[change.pk])
            if row is None and change.after is None and change.before is not None and model is Visit:
                _bring_back(change)
                counts["restored"] += 1
            elif row is not None and change.before:
                counts["restored" if _restore(run, row, change, by=by) else "kept"] += 1
    _remove_rows(run, [each.record for each in changes if _was_made_by(each)], counts)
    for change in changes:
        _restore_record(change)
    EmrChange.objects.filter(pk__in=[each.pk for each in changes]).delete()


def _was_made_by(change):
    """Tell whether our row was made by this very change, of a resource that had waited before."""
    link = LINK.get(change.record.resource_type)
    had = link is not None and change.record_before is not None and change.record_before[link]
    return change.record_before is not None and link is not None and not had and change.record.is_made_here


def _restore(run, row, change, *, by):
    """Put the values of before on a row; tells whether all of them could be."""
    if "merge" in change.before:
        undo_merge(PatientMerge.objects.get(pk=change.after["merge"]), by=by)
        return True
    if "deleted_at" in change.before:
        restore_patient(row, by=by)
        return True
    now = plain({name: getattr(row, name) for name in change.before})
    mine = {name: value for name, value in change.before.items() if now[name] == (change.after or {}).get(name)}
    fields = {field.attname: field for field in row._meta.concrete_fields}
    was = told(row) if isinstance(row, Appointment) else None
    for name, value in mine.items():
        setattr(row, name, fields[name].to_python(value))
    if isinstance(row, Patient):
        normalise(row, region=row.clinic.phone_region)
    if hasattr(row, "version"):
        row.version += 1
        row.updated_by = by
    if was is not None:
        save_in_time([row], lambda rows: rows[0].save())
        record_many("patients.appointment.undone", [(row, was, told(row))], by=by, metadata={"emr_run": run})
    else:
        row.save()
    if isinstance(row, Patient):
        index_patients([row])
    if isinstance(row, Visit):
        follow_many({row.patient_id}, now=timezone.now())
    return len(mine) == len(change.before)


def _bring_back(change):
    """A visit that the run took away, because the EMR said that it never was, with the payments that belong to it."""
    kept, fields = dict(change.before), {field.attname: field for field in Visit._meta.concrete_fields}
    payments = kept.pop("payments", [])
    visit = Visit(**{name: fields[name].to_python(value) for name, value in kept.items()})
    if visit.appointment_id and Visit.objects.filter(appointment=visit.appointment_id).exists():
        visit.appointment_id = None  # somebody has written that visit down meanwhile
    visit.save(force_insert=True)
    Payment.objects.filter(pk__in=payments, visit=None).update(visit=visit)
    change.record_before["visit_id"] = str(visit.pk)
    follow_many({visit.patient_id}, now=timezone.now())


def _restore_record(change):
    if change.record_before is None:
        return
    for name in KNOWN:
        value = change.record_before[name]
        if name == "last_updated" and value:
            value = EmrRecord._meta.get_field(name).to_python(value)
        setattr(change.record, name, value)
    change.record.save()


def _remove(run, records, counts):
    """What the run made goes, and the records with it."""
    EmrRecord.objects.filter(pk__in=[each.pk for each in records]).delete()
    _remove_rows(run, [each for each in records if each.is_made_here], counts)
    remove_places(records, lambda model, ids: _touched(model, ids, run), counts)


def _remove_rows(run, made, counts):
    """Visits and appointments that were made of records are deleted, patients put away; what was touched is kept."""
    visits = Visit.objects.filter(pk__in=[each.visit_id for each in made if each.visit_id])
    paid = set(Payment.objects.filter(visit__in=visits).values_list("visit_id", flat=True))
    patients = set(visits.values_list("patient_id", flat=True))
    counts["kept"] += len(paid)
    counts["removed"] += visits.exclude(pk__in=paid).delete()[1].get("patients.Visit", 0)
    appointments = Appointment.objects.filter(pk__in=[each.appointment_id for each in made if each.appointment_id])
    touched = _touched(Appointment, appointments.values_list("pk", flat=True), run)
    counts["kept"] += len(touched)
    counts["removed"] += appointments.exclude(pk__in=touched).delete()[1].get("patients.Appointment", 0)
    if patients:
        follow_many(patients, now=timezone.now())
    _put_away(run, [each.patient_id for each in made if each.resource_type in PEOPLE and each.patient_id], counts)


def _put_away(run, ids, counts):
    """Soft-delete patients whom nobody has worked with; their ids are free again for a better import."""
    patients, now = Patient.objects.present().filter(pk__in=ids), timezone.now()
    busy = _touched(Patient, ids, run)
    for model in (Visit, Appointment, Payment):
        rows = model.objects.filter(patient__in=patients)
        busy |= set(rows.order_by().values_list("patient_id", flat=True).distinct())
    free = patients.exclude(pk__in=busy)
    gone = list(free.values_list("pk", flat=True))
    Patient.objects.filter(pk__in=gone).update(deleted_at=now, external_id=None, updated_at=now)
    Patient.objects.filter(responsible_party_id__in=gone).update(responsible_party=None, updated_at=now)
    forget_patients(gone)
    counts["removed"] += len(gone)
    counts["kept"] += len(set(ids) & busy)


def _touched(model, ids, run):
    """Ids of those rows that people have changed since the run began: their history says so."""
    history = AuditLog.objects.about_any(model).filter(resource_id__in=ids).since(run.started_at)
    history = history.changes(but=("patients.patient.segment_changed",)).exclude(metadata__has_key="emr_run")
    return set(history.values_list("resource_id", flat=True))


def finish_undo(run, *, by):
    """End the undoing of a run: what it had settled waits again. Returns {removed, restored, kept}."""
    reopened = EmrIssue.objects.filter(decided_in=run)
    for issue in reopened.select_related("record"):
        newer = EmrIssue.objects.filter(record=issue.record, resolved_at=None).exclude(pk=issue.pk)
        newer.delete()
    reopened.update(resolved_at=None, resolution="", resolved_by=None, decided_in=None, updated_at=timezone.now())
    run.refresh_from_db()
    counts = {name: run.cursor.get("undone", {}).get(name, 0) for name in ("removed", "restored", "kept")}
    run.status = EmrRun.Status.UNDONE
    run.save(update_fields=["status", "updated_at"])
    record("patients.emr_run.undone", run, by=by, after=counts)
    publish("patients", "schedule", "emr-runs", "emr-issues")
    return counts
