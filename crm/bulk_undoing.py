"""Taking back what was done to many leads: each as it was, unless something else has happened to it since."""

from collections import Counter

from django.db import transaction
from django.utils.translation import gettext as _

from clinics.audit import record
from clinics.jobs import report_progress, start_job
from clinics.live import publish
from clinics.tenancy import clinic_scope
from crm.bulk import AT_ONCE, BATCH, attempt, take_up
from crm.bulk_acts import ACTS, find_aims
from crm.models import BulkAct, BulkActLead
from crm.rules import NothingToUndo, UndoTooLate

Status, Outcome = BulkAct.Status, BulkActLead.Outcome


@transaction.atomic
def undo_bulk(act, *, by):
    """Take an act on many leads back: a few at once, more in the background; returns the act. Twice is once.

    Records "crm.bulk.undone" when it has ended. Raises UndoTooLate after a day, NothingToUndo while it is at work.
    """
    act = BulkAct.objects.select_for_update(of=("self",)).select_related("job").get(pk=act.pk)
    if act.status == Status.UNDONE or (act.status == Status.UNDOING and act.is_at_work):
        return act
    if not act.may_be_undone:
        raise NothingToUndo if act.is_at_work or not act.done_count else UndoTooLate
    act.status = Status.UNDOING
    if act.done_count <= AT_ONCE:
        undo_batch(act, find_aims(act.facts), by=by)
        return _finish(act, by=by)
    title = (_("Take back: %(act)s") % {"act": act.title})[:200]
    parameters = {"act": str(act.pk)}
    act.job = start_job("crm.bulk_undo", title=title, by=by, parameters=parameters, result_url=act.get_absolute_url())
    act.save(update_fields=["status", "job", "updated_at"])
    return act


def run_bulk_undo(clinic, job):
    """The job "crm.bulk_undo": batch by batch from the last lead to the first, each once."""
    is_left = True
    while is_left:
        with clinic_scope(clinic):
            act = take_up(job, Status.UNDOING)
            is_left = undo_batch(act, find_aims(act.facts), by=job.started_by)
            report_progress(job, act.undone_count + act.kept_count, act.done_count)
    with clinic_scope(clinic):
        act = _finish(take_up(job, Status.UNDOING), by=job.started_by)
        return {"undone": act.undone_count, "kept": act.kept_count}


def undo_batch(act, aims, *, by):
    """Take the next leads of an act back; returns whether there may be more of them."""
    rows = list(BulkActLead.objects.of_act(act).to_undo().select_related("lead").order_by("-place")[:BATCH])
    for row in rows:
        outcome, _trace, reason = attempt(lambda row=row: ACTS[act.kind].undo(row.lead, row.trace, aims, by=by))
        row.outcome, row.reason = (Outcome.UNDONE if outcome == Outcome.DONE else Outcome.KEPT), reason
    BulkActLead.objects.bulk_update(rows, ["outcome", "reason"])
    ends = Counter(row.outcome for row in rows)
    act.undone_count += ends[Outcome.UNDONE]
    act.kept_count += ends[Outcome.KEPT]
    act.save(update_fields=["status", "undone_count", "kept_count", "updated_at"])
    publish("board")
    return len(rows) == BATCH


def _finish(act, *, by):
    act.status = Status.UNDONE
    act.save(update_fields=["status", "updated_at"])
    record("crm.bulk.undone", act, by=by, after={"undone": act.undone_count, "kept": act.kept_count})
    publish("board")
    return act
