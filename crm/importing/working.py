"""Trying an import out and working it off: in the background, a batch at a time, each row exactly once.

A batch is one transaction: its leads, what became of each of its rows, and the counts. A row that has its
LeadImportRow is done, so whoever takes the work up after a crash goes on behind the last batch that was written.
"""

from collections import Counter
from itertools import islice

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from clinics.audit import record
from clinics.jobs import report_progress, start_job
from clinics.live import publish
from clinics.tenancy import clinic_scope
from crm.importing.drafting import Outcome, draft_batch
from crm.importing.kept_rows import keep_beside, new_rows, remove_rows
from crm.importing.people import People
from crm.importing.plan import make_plan
from crm.importing.refusals import keep_refusals
from crm.importing.rules import ImportIsAtWork, ImportIsOver, ImportNotTriedOut, MappingHasChanged, WorkTakenOver
from crm.importing.updating import fill_in
from crm.importing.writing import summary_of, trial_rows, write_batch
from crm.models import LeadImport, LeadImportRow

BATCH = 1000
Status = LeadImport.Status
COUNTS = {
    Outcome.CREATED: "created_count",
    Outcome.UPDATED: "updated_count",
    Outcome.SKIPPED: "skipped_count",
    Outcome.FAILED: "failed_count",
}


def lock_import(lead_import):
    """The import as it stands now, locked until the end of the transaction."""
    return (
        LeadImport.objects.select_for_update(of=("self",))
        .select_related("job__started_by__user")
        .get(pk=lead_import.pk)
    )


def refuse_if_at_work(lead_import, *, by):
    """Tell whether `by` has started what goes on already (a second press is the first). Raises ImportIsAtWork."""
    if not lead_import.is_at_work:
        return False
    if lead_import.job.started_by_id != by.pk:
        starter = lead_import.job.started_by
        raise ImportIsAtWork(starter.display_name if starter else _("Somebody"))
    return True


@transaction.atomic
def start_check(lead_import, *, by):
    """Try an import out in the background: what would become of each row, without writing a lead.

    Returns the import. Records "crm.import.check_started". Raises ImportIsAtWork, ImportIsOver.
    """
    lead_import = lock_import(lead_import)
    if refuse_if_at_work(lead_import, by=by):
        return lead_import
    if not lead_import.may_be_mapped:
        raise ImportIsOver
    return _start(lead_import, Status.CHECKING, "crm.import_check", _("Trying out %(file)s"), by=by)


@transaction.atomic
def start_import(lead_import, *, by, tried_out_by=None):
    """Import a file that was tried out, or go on with one that was stopped, in the background; returns the import.

    `tried_out_by` is the id of the trial that the person has seen. Records "crm.import.started". Raises
    ImportIsAtWork, ImportIsOver, ImportNotTriedOut, MappingHasChanged.
    """
    lead_import = lock_import(lead_import)
    if refuse_if_at_work(lead_import, by=by):
        return lead_import
    goes_on = lead_import.status == Status.IMPORTING
    if not goes_on and lead_import.has_leads:
        raise ImportIsOver
    if not goes_on and lead_import.status != Status.CHECKED:
        raise ImportNotTriedOut
    if not goes_on and tried_out_by is not None and str(lead_import.job_id) != str(tried_out_by):
        raise MappingHasChanged
    if not goes_on:
        _reset(lead_import)
    return _start(lead_import, Status.IMPORTING, "crm.import", _("Importing %(file)s"), by=by)


def _start(lead_import, status, kind, title, *, by):
    lead_import.status = status
    lead_import.job = start_job(
        kind,
        title=(title % {"file": lead_import.file_name})[:200],
        by=by,
        parameters={"import": str(lead_import.pk)},
        result_url=lead_import.get_absolute_url(),
    )
    lead_import.save()
    action = "crm.import.started" if status == Status.IMPORTING else "crm.import.check_started"
    record(action, lead_import, by=by, after={"mapping": lead_import.mapping, "options": lead_import.options})
    return lead_import


def _reset(lead_import):
    for count in COUNTS.values():
        setattr(lead_import, count, 0)
    lead_import.summary = {}


def run_check(clinic, job):
    """The job "crm.import_check": every row is drafted as the import would, those with something to say are kept."""
    with clinic_scope(clinic):
        lead_import = take_up(job, Status.CHECKING)
        _reset(lead_import)
        LeadImportRow.objects.of_trial().filter(lead_import=lead_import).delete()
        plan = make_plan(lead_import, clinic, by=job.started_by)
    with new_rows(lead_import, plan.targets) as kept:
        counts, summary, done = _try_out(plan, job, kept, total=lead_import.row_count)
        keep_beside(kept, lead_import)
    with clinic_scope(clinic):
        lead_import = take_up(job, Status.CHECKING)
        for outcome, count in COUNTS.items():
            setattr(lead_import, count, counts[outcome])
        lead_import.status, lead_import.summary, lead_import.row_count = Status.CHECKED, summary, done
        lead_import.save()
    return dict(counts)


def _try_out(plan, job, kept, *, total):
    """Draft all rows of a plan; (how many there are of each outcome, what the whole tells, the number of rows)."""
    people, counts, summary, done = People(remembers=True), Counter(), {}, 0
    for rows in _batches(plan.table.rows):
        kept.add(rows)
        with clinic_scope(plan.clinic):
            drafts = draft_batch(plan, plan.as_corrected(rows), people)
            fill_in(plan, [draft for draft in drafts if draft.outcome == Outcome.UPDATED], lock=False)
            LeadImportRow.objects.bulk_create(trial_rows(plan, drafts))
            counts.update(draft.outcome for draft in drafts)
            summary = summary_of(plan, drafts, summary)
            done += len(rows)
            report_progress(job, done, total)
    return counts, summary, done


def run_import(clinic, job):
    """The job "crm.import": write the leads batch by batch; whatever an earlier try has written is passed over."""
    with clinic_scope(clinic):
        lead_import = take_up(job, Status.IMPORTING)
        plan = make_plan(lead_import, clinic, by=job.started_by)
    people = People()
    for rows in _batches(plan.rows):
        with clinic_scope(clinic):
            _import_batch(plan, job, rows, people)
    with clinic_scope(clinic):
        return _finish(job)


def _import_batch(plan, job, rows, people):
    lead_import = take_up(job, Status.IMPORTING)
    _let_one_in(plan.clinic)
    done = set(
        LeadImportRow.objects.of_import()
        .filter(lead_import=lead_import, line__range=(rows[0].line, rows[-1].line))
        .values_list("line", flat=True)
    )
    drafts = draft_batch(plan, [row for row in rows if row.line not in done], people)
    if drafts:
        summary = summary_of(plan, drafts, lead_import.summary)
        write_batch(plan, drafts)
        keep_refusals(lead_import, drafts, by=plan.by)
        for outcome, count in Counter(draft.outcome for draft in drafts).items():
            setattr(lead_import, COUNTS[outcome], getattr(lead_import, COUNTS[outcome]) + count)
        lead_import.summary = summary
        lead_import.save()
        publish("board")
    report_progress(job, lead_import.handled_count, lead_import.row_count)


def _let_one_in(clinic):
    """Batches of two imports into one clinic take turns: neither makes a lead of a person whom the other just made."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"crm.import:{clinic.pk}"])


def _finish(job):
    lead_import = take_up(job, Status.IMPORTING)
    lead_import.status, lead_import.finished_at = Status.DONE, timezone.now()
    lead_import.save()
    LeadImportRow.objects.of_trial().filter(lead_import=lead_import).delete()
    remove_rows(lead_import)
    counts = {name: getattr(lead_import, name) for name in COUNTS.values()}
    record("crm.import.finished", lead_import, by=job.started_by, after=counts)
    publish("board")
    return counts


def take_up(job, status):
    """The import that a job works on, locked. Raises WorkTakenOver if it is in other hands or past this step."""
    lead_import = LeadImport.objects.select_for_update(of=("self",)).filter(pk=job.parameters["import"]).first()
    if lead_import is None or lead_import.job_id != job.pk or lead_import.status != status:
        raise WorkTakenOver
    return lead_import


def _batches(rows):
    rows = iter(rows)
    while batch := list(islice(rows, BATCH)):
        yield batch
