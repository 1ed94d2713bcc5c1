from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from clinics.access import may, staff_page
from clinics.errors import RuleBroken
from clinics.pages import page, toast
from clinics.templatetags.ui import day_and_time
from crm.bulk_acts import withdraw_task
from crm.finishing import finish_task, undo_complete_task
from crm.follow_up import cancel_task, change_task, changes_of, snooze_task, undo_task_change
from crm.forms.tasks import FinishForm, TaskEditForm, TaskSelectionForm
from crm.forms.timing import SnoozeForm
from crm.models import TaskAct, TaskActRow
from crm.task_bulk import start_task_bulk, undo_task_bulk
from crm.views.answering import acted, on_task, refused
from crm.views.showing import sent, working_members


@require_http_methods(["GET", "POST"])
@staff_page("task:update")
@on_task
def task_finish(request, task):
    """Done, with what came of it and the next step: at once by key or tick, or in words in the dialog."""
    form = FinishForm(sent(request), task=task, members=working_members(), initial={"queue": "queue" in request.GET})
    context = {"task": task, "lead": task.lead, "form": form}
    if request.method == "GET" or not form.is_valid():
        status = 422 if form.errors else 200
        return page(request, "crm/task_finish.html", context, part="dialog", status=status)
    try:
        task = finish_task(task, by=request.member, **form.facts)
    except RuleBroken as broken:
        form.add_error(None, str(broken))
        return page(request, "crm/task_finish.html", context, part="dialog", status=409)
    toast(request, _("Done: %(task)s.") % {"task": task.title}, undo=("crm:task_reopen", task.pk), link=_plan(task))
    return acted(request)


def _plan(task):
    """The way to plan the next step, where none is left."""
    lead = task.lead
    if not lead.is_open or lead.tasks.open().exists():
        return None
    return (_("Plan the next step"), lead.get_absolute_url() + "#lead-log")


@require_POST
@staff_page("task:update")
@on_task
def task_reopen(request, task):
    """Open a task again, from the toast; what came with it goes."""
    undo_complete_task(task, by=request.member)
    toast(request, _("The task is open again."))
    return acted(request)


@require_POST
@staff_page("task:update")
@on_task
def task_snooze(request, task):
    form = SnoozeForm(request.POST)
    if not form.is_valid():
        return refused(request, _("Choose until when."), status=422)
    task = snooze_task(task, until=form.until, by=request.member)
    _report(request, task, _("Put off until %(when)s.") % {"when": day_and_time(task.due_at).rstrip(".")})
    return acted(request)


@require_POST
@staff_page("task:update")
@on_task
def task_drop(request, task):
    task = cancel_task(task, by=request.member)
    _report(request, task, _("Dropped: %(task)s.") % {"task": task.title})
    return acted(request)


@require_http_methods(["GET", "POST"])
@staff_page("task:update")
@on_task
def task_edit(request, task):
    """Reword a task, move it, give it away, remind of it, let it come back: a dialog of every list of tasks."""
    form = TaskEditForm(sent(request), task=task, members=working_members())
    context = {"task": task, "lead": task.lead, "form": form}
    if request.method == "GET" or not form.is_valid():
        return page(request, "crm/task_edit.html", context, part="dialog", status=422 if form.errors else 200)
    try:
        task = change_task(task, form.facts, by=request.member)
    except RuleBroken as broken:
        form.add_error(None, str(broken))
        return page(request, "crm/task_edit.html", context, part="dialog", status=409)
    _report(request, task, _("Saved: %(task)s.") % {"task": task.title})
    return acted(request)


@require_POST
@staff_page("task:update")
@on_task
def task_change_undo(request, task, change_pk):
    undo_task_change(task, get_object_or_404(changes_of(task), pk=change_pk), by=request.member)
    toast(request, _("The task is again what it was."))
    return acted(request)


@require_POST
@staff_page("task:update")
@on_task
def task_withdraw(request, task):
    """Take back a task that was just set, from the toast."""
    withdraw_task(task.lead, task.pk, {}, by=request.member)
    toast(request, _("The task is gone."))
    return acted(request)


@require_POST
@staff_page("task:update")
def task_bulk_run(request, what):
    """Do one thing to the tasks that were ticked; the toast takes it back."""
    kind = _kind_of(what)
    form = TaskSelectionForm(request.POST, kind=kind)
    if not form.is_valid():
        return refused(request, next(iter(form.errors.values()))[0], status=422)
    facts = form.cleaned_data
    if facts["member"] and not may(facts["member"], "task:update"):
        return refused(request, _("Tasks go to somebody who works on leads."), status=422)
    try:
        done = start_task_bulk(kind, facts["ids"], form.facts, by=request.member, key=facts["key"])
    except RuleBroken as broken:
        return refused(request, broken)
    words = [_done_in_words(kind, done.done_count)]
    if done.skipped_count:
        words.append(
            ngettext("%(left)s left out: %(why)s", "%(left)s left out, the first because: %(why)s", done.skipped_count)
        )
    reason = TaskActRow.objects.of_act(done).remarkable().values_list("reason", flat=True).first()
    told = {"n": done.done_count, "left": done.skipped_count, "why": reason, "who": facts["member"]}
    undo = ("crm:task_bulk_undo", done.pk) if done.done_count else None
    toast(request, " ".join(words) % told, undo=undo, level="info" if done.done_count else "error")
    return acted(request)


def _done_in_words(kind, count):
    if kind == TaskAct.Kind.ASSIGN:
        return ngettext("%(n)s task is for %(who)s now.", "%(n)s tasks are for %(who)s now.", count)
    if kind == TaskAct.Kind.SNOOZE:
        return ngettext("%(n)s task is put off.", "%(n)s tasks are put off.", count)
    return ngettext("%(n)s task is done.", "%(n)s tasks are done.", count)


@require_POST
@staff_page("task:update")
def task_bulk_undo(request, pk):
    act = get_object_or_404(TaskAct.objects.for_page(), pk=pk)
    try:
        act = undo_task_bulk(act, by=request.member)
    except RuleBroken as broken:
        return refused(request, broken)
    text = ngettext("%(n)s task is as it was.", "%(n)s tasks are as they were.", act.undone_count)
    kept = ngettext("%(kept)s was changed since and stays.", "%(kept)s were changed since and stay.", act.kept_count)
    words = text if not act.kept_count else f"{text} {kept}"
    toast(request, words % {"n": act.undone_count, "kept": act.kept_count})
    return acted(request)


def _kind_of(what):
    try:
        return TaskAct.Kind(what.upper())
    except ValueError as error:
        raise Http404 from error


def _report(request, task, said):
    """Say what came of it; what changed something can be undone."""
    if task.change is not None:
        toast(request, said, undo=("crm:task_change_undo", task.pk, task.change.pk))
