"""Doing one thing to several tasks at once: done, put off, given away; and all of it taken back from the toast.

What clinics/bulk.py does, with the tables, acts and words of tasks. Each goes through the verb of one task.
"""

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from clinics import bulk, bulk_undoing
from clinics.bulk import Act, BulkWork, NothingToChange
from clinics.models import ClinicUser
from crm.finishing import complete_task, undo_complete_task
from crm.follow_up import change_task, changes_of, snooze_task, undo_task_change
from crm.models import LeadTask, TaskAct, TaskActRow, TaskStatus
from crm.rules import NothingToUndo

Kind = TaskAct.Kind
AT_MOST = bulk.AT_ONCE  # a page of the list: what is done at once, without a job


@dataclass(frozen=True)
class ChosenTasks:
    """Which tasks: those that were ticked."""

    ids: tuple
    query: None = None

    def people(self, _member):
        return LeadTask.objects.of_present_leads().filter(pk__in=self.ids)


def start_task_bulk(kind, ids, facts, *, by, key=""):
    """Do `kind` (a TaskAct.Kind) to the tasks of these ids: see clinics.bulk.start_bulk. Returns the act."""
    return bulk.start_bulk(TASKS, kind, ChosenTasks(tuple(ids)[:AT_MOST]), facts, by=by, key=key)


def undo_task_bulk(act, *, by):
    """Take an act on several tasks back: see clinics.bulk_undoing.undo_bulk. Returns the act."""
    return bulk_undoing.undo_bulk(TASKS, act, by=by)


def _complete(task, _facts, *, by):
    if task.status == TaskStatus.COMPLETED:
        raise NothingToChange
    return complete_task(task, by=by).pk


def _reopen(task, _trace, _facts, *, by):
    return undo_complete_task(task, by=by).pk


def _snooze(task, facts, *, by):
    return _changed(snooze_task(task, until=datetime.fromisoformat(facts["until"]), by=by))


def _assign(task, facts, *, by):
    return _changed(change_task(task, {"assigned_to": facts["member"]}, by=by))


def _changed(task):
    if task.change is None:
        raise NothingToChange
    return task.change.pk


def _change_back(task, trace, _facts, *, by):
    change = changes_of(task).filter(pk=trace).first()
    if change is None:
        raise NothingToUndo
    return undo_task_change(task, change, by=by).pk


def _in_words(count):
    return ngettext("%(n)s task", "%(n)s tasks", count) % {"n": f"{count:,}"}


@contextmanager
def _fetching(ids):
    """The tasks with what their verbs read; each verb locks its own."""
    yield {task.pk: task for task in LeadTask.objects.select_related("lead").filter(pk__in=ids)}


TASKS = BulkWork(
    acts={
        Kind.COMPLETE: Act(_complete, _reopen, _("Complete"), "task:update"),
        Kind.SNOOZE: Act(_snooze, _change_back, _("Put off"), "task:update"),
        Kind.ASSIGN: Act(_assign, _change_back, _("Give to %(aim)s"), "task:update", "member"),
    },
    act_model=TaskAct,
    row_model=TaskActRow,
    person="task",
    event="crm.task_bulk",
    count_in_words=_in_words,
    rows={"member": ClinicUser},
    topics=("board", "tasks"),
    holding=_fetching,
)
