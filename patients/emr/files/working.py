"""Trying a file out and importing it: in the background, a batch a transaction, people and places before what they did.

A run keeps how many resources it has passed: whoever takes the work up after a crash goes on behind the last batch.
"""

from collections import Counter
from itertools import islice

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from clinics.audit import record
from clinics.jobs import report_progress, start_job
from clinics.tenancy import clinic_scope
from patients.emr.applying import BATCH, apply_resources
from patients.emr.files.json_reading import Unreadable
from patients.emr.files.recognising import Part, resources_of_part, type_of
from patients.emr.files.rules import FileAtWork, FileIsOver, NotTriedOut, WorkTakenOver
from patients.emr.mapping import PEOPLE_AND_PLACES
from patients.emr.reasons import because
from patients.emr.runs import finish_run, start_run, take_up_waiting
from patients.emr.sources import Source
from patients.models import EmrFile, EmrIssue, EmrRun

Status = EmrFile.Status
COUNTED_TOGETHER = 5000


@transaction.atomic
def start_check(emr_file, *, by):
    """Try a file out in the background: what would be taken, and why the rest would not. Returns the file.

    Records "patients.emr_file.check_started". Raises FileAtWork, FileIsOver.
    """
    emr_file = lock_file(emr_file)
    if is_going_on(emr_file, Status.CHECKING, by=by):
        return emr_file
    if not emr_file.may_be_mapped:
        raise FileIsOver
    emr_file.runs.filter(is_trial=True).delete()
    return _start(emr_file, Status.CHECKING, "patients.emr_check", _("Trying out %(file)s"), by=by)


@transaction.atomic
def start_import(emr_file, *, by):
    """Import a file that was tried out, or go on with one that was stopped. Returns the file.

    Records "patients.emr_file.import_started". Raises FileAtWork, FileIsOver, NotTriedOut.
    """
    emr_file = lock_file(emr_file)
    if is_going_on(emr_file, Status.IMPORTING, by=by):
        return emr_file
    goes_on = emr_file.status == Status.IMPORTING
    if emr_file.status in (Status.DONE, Status.UNDOING, Status.UNDONE):
        raise FileIsOver
    if not goes_on and emr_file.status != Status.CHECKED:
        raise NotTriedOut
    return _start(emr_file, Status.IMPORTING, "patients.emr_import", _("Importing %(file)s"), by=by)


def lock_file(emr_file):
    return EmrFile.objects.select_for_update(of=("self",)).select_related("job").get(pk=emr_file.pk)


def is_going_on(emr_file, status, *, by):
    """Tell whether `by` has started this very step already: a second press is the first. Raises FileAtWork."""
    if emr_file.is_at_work and (emr_file.status != status or emr_file.job.started_by_id != by.pk):
        raise FileAtWork
    return emr_file.is_at_work


def _start(emr_file, status, kind, title, *, by):
    emr_file.status = status
    emr_file.job = start_job(
        kind,
        title=(title % {"file": emr_file.name})[:200],
        by=by,
        parameters={"file": str(emr_file.pk)},
        result_url=emr_file.get_absolute_url(),
    )
    emr_file.save(update_fields=["status", "job", "updated_at"])
    action = "patients.emr_file.import_started" if status == Status.IMPORTING else "patients.emr_file.check_started"
    record(action, emr_file, by=by)
    return emr_file


def run_check(clinic, job):
    """The job "patients.emr_check": everything is decided as the import would, nothing is written but the reasons."""
    with clinic_scope(clinic):
        emr_file = take_up(job, Status.CHECKING)
        emr_file.runs.filter(is_trial=True).delete()
        facts = {"connection": emr_file.connection, "file": emr_file, "is_trial": True}
        run = start_run(EmrRun.Kind.FILE, by=job.started_by, **facts)
    if not emr_file.recognised:
        emr_file = _count(clinic, job, emr_file)
    _work(clinic, job, emr_file, run, is_trial=True, remembered={})
    with clinic_scope(clinic):
        emr_file = take_up(job, Status.CHECKING)
        run = finish_run(run, by=job.started_by)
        emr_file.status = Status.CHECKED
        emr_file.save(update_fields=["status", "updated_at"])
        return _counts(run)


def _count(clinic, job, emr_file):
    """Say what a file holds that was too large to be counted when it came; returns the file."""
    counts = Counter()
    for number, resource in enumerate(stream(emr_file), start=1):
        counts["?" if isinstance(resource, Unreadable) else type_of(resource)] += 1
        if number % COUNTED_TOGETHER == 0:
            with clinic_scope(clinic):
                report_progress(job, 0, note=_("%(n)d counted") % {"n": number})
    with clinic_scope(clinic):
        emr_file = take_up(job, Status.CHECKING)
        emr_file.recognised = dict(counts)
        emr_file.save(update_fields=["recognised", "updated_at"])
    return emr_file


def run_import(clinic, job):
    """The job "patients.emr_import": batch by batch; what an earlier try of it has passed is not read again."""
    with clinic_scope(clinic):
        emr_file = take_up(job, Status.IMPORTING)
        run = emr_file.runs.filter(is_trial=False).order_by("-id").first()
        if run is None:
            facts = {"connection": emr_file.connection, "file": emr_file, "job": job}
            run = start_run(EmrRun.Kind.FILE, by=job.started_by, **facts)
    _work(clinic, job, emr_file, run)
    tried = BATCH
    while tried == BATCH:
        with clinic_scope(clinic):
            take_up(job, Status.IMPORTING)
            tried = take_up_waiting(Source.of_file(emr_file), run, by=job.started_by)
    with clinic_scope(clinic):
        emr_file = take_up(job, Status.IMPORTING)
        run = finish_run(run, by=job.started_by)
        emr_file.runs.filter(is_trial=True).delete()
        emr_file.status, emr_file.finished_at = Status.DONE, timezone.now()
        emr_file.save(update_fields=["status", "finished_at", "updated_at"])
        record("patients.emr_file.imported", emr_file, by=job.started_by, after=_counts(run))
        return _counts(run)


def _work(clinic, job, emr_file, run, **options):
    source, status = Source.of_file(emr_file), Status.CHECKING if run.is_trial else Status.IMPORTING
    passed = run.cursor.get("passed", 0)
    total = sum(emr_file.recognised.values())
    resources = islice(stream(emr_file), passed, None)
    while batch := list(islice(resources, BATCH)):
        passed += len(batch)
        with clinic_scope(clinic):
            take_up(job, status)
            bad = [each for each in batch if isinstance(each, Unreadable)]
            note_unreadable(run, bad)
            good = [each for each in batch if not isinstance(each, Unreadable)]
            apply_resources(source, run, good, by=job.started_by, **options)
            run.cursor = {"passed": passed}
            run.save(update_fields=["cursor", "updated_at"])
            report_progress(job, passed, total)


def stream(emr_file):
    """All resources of a file, those first that others point at; each part is read twice and never held."""
    for is_first in (True, False):
        for facts in emr_file.parts:
            part = Part.of(facts)
            with default_storage.open(part.stored_as, "rb") as binary:
                for resource in resources_of_part(part, binary, region=emr_file.clinic.phone_region):
                    is_unreadable = isinstance(resource, Unreadable)
                    if is_first == (not is_unreadable and type_of(resource) in PEOPLE_AND_PLACES):
                        yield resource


def note_unreadable(run, places):
    """Keep the places of a file that are no resources, with the reason."""
    issues = []
    for each in places:
        run.count("?", "refused")
        reason = because("row_unreadable", line=each.place, problem=each.problem)
        issues.append(
            EmrIssue(
                run=run,
                connection=run.connection,
                is_trial=run.is_trial,
                resource_type="?",
                external_id=str(each.place),
                kind=reason.kind,
                code=reason.code,
                details=reason.details,
            )
        )
    EmrIssue.objects.bulk_create(issues)


def _counts(run):
    return {name: getattr(run, f"{name}_count") for name in EmrRun.COUNTS}


def take_up(job, status):
    """The file that a job works on, locked. Raises WorkTakenOver if it is in other hands or past this step."""
    files = EmrFile.objects.select_for_update(of=("self",)).select_related("connection", "clinic")
    emr_file = files.filter(pk=job.parameters["file"]).first()
    if emr_file is None or emr_file.job_id != job.pk or emr_file.status != status:
        raise WorkTakenOver
    return emr_file
