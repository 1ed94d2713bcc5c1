"""Taking back what was done to many people: each as they were, unless something else has happened to them since."""

from collections import Counter

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinics.audit import record
from clinics.bulk import AT_ONCE, BATCH, Outcome, Status, act_on_each, take_up
from clinics.errors import RuleBroken
from clinics.jobs import report_progress, start_job
from clinics.live import publish
from clinics.tenancy import clinic_scope
from clinics.writing import update_rows


class ActNotToUndo(RuleBroken):
    message = gettext_lazy("This is still being done, or has done nothing that could be taken back.")


class ActIsOld(RuleBroken):
    message = gettext_lazy("This could be taken back within a day, which is over.")


@transaction.atomic
def undo_bulk(work, act, *, by):
    """Take an act on many back: a few at once, more in the background; returns the act. Twice is once.

    Records "….undone" when it has ended. Raises ActIsOld after a day, ActNotToUndo while it is at work.
    """
    act = work.act_model.objects.select_for_update(of=("self",)).select_related("job").get(pk=act.pk)
    if act.status == Status.UNDONE or (act.status == Status.UNDOING and act.is_at_work):
        return act
    if not act.may_be_undone:
        raise ActNotToUndo if act.is_at_work or not act.done_count else ActIsOld
    act.status = Status.UNDOING
    if act.done_count <= AT_ONCE:
        undo_batch(work, act, work.find_aims(act.facts), by=by)
        return _finish(work, act, by=by)
    title = (_("Take back: %(act)s") % {"act": act.title})[:200]
    kind, parameters = f"{work.event}_undo", {"act": str(act.pk)}
    act.job = start_job(kind, title=title, by=by, parameters=parameters, result_url=act.get_absolute_url())
    act.save(update_fields=["status", "job", "updated_at"])
    return act


def run_bulk_undo(work, clinic, job):
    """The job that takes an act back: batch by batch from the last person to the first, each once."""
    is_left = True
    while is_left:
        with clinic_scope(clinic):
            act = take_up(work, job, Status.UNDOING)
            is_left = undo_batch(work, act, work.find_aims(act.facts), by=job.started_by)
            report_progress(job, act.undone_count + act.kept_count, act.done_count)
    with clinic_scope(clinic):
        act = _finish(work, take_up(work, job, Status.UNDOING), by=job.started_by)
        return {"undone": act.undone_count, "kept": act.kept_count}


def undo_batch(work, act, aims, *, by):
    """Take the next people of an act back; returns whether there may be more of them."""
    done = work.row_model.objects.of_act(act).to_undo().order_by("-place")
    rows, kind = list(done[:BATCH]), work.acts[act.kind]
    answers = act_on_each(work, kind, rows, lambda row: kind.undo(getattr(row, work.person), row.trace, aims, by=by))
    for row, (outcome, _trace, reason) in zip(rows, answers, strict=True):
        row.outcome, row.reason = (Outcome.UNDONE if outcome == Outcome.DONE else Outcome.KEPT), reason
    update_rows(rows, ["outcome", "reason"])
    ends = Counter(row.outcome for row in rows)
    act.undone_count += ends[Outcome.UNDONE]
    act.kept_count += ends[Outcome.KEPT]
    act.save(update_fields=["status", "undone_count", "kept_count", "updated_at"])
    publish(*work.topics)
    return len(rows) == BATCH


def _finish(work, act, *, by):
    act.status = Status.UNDONE
    act.save(update_fields=["status", "updated_at"])
    record(f"{work.event}.undone", act, by=by, after={"undone": act.undone_count, "kept": act.kept_count})
    publish(*work.topics)
    return act
