from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clinics.access import staff_page
from clinics.errors import RuleBroken
from clinics.pages import page, toast, trigger
from clinics.templatetags.ui import short_date
from crm.activities import add_task
from crm.finishing import complete_task, undo_complete_task
from crm.follow_up import cancel_task, change_task, changes_of, snooze_task, undo_task_change
from crm.forms.activities import TaskForm
from crm.forms.tasks import TaskEditForm
from crm.forms.timing import SnoozeForm
from crm.models import LeadTask
from crm.views.showing import on_lead, record_showing, sent, show_again, show_lead, working_members


@require_POST
@staff_page("task:update")
@on_lead
def lead_task_create(request, lead):
    form = TaskForm(request.POST, lead=lead, members=working_members())
    if not form.is_valid():
        return show_lead(request, lead, part="log", status=422, task_form=form)
    try:
        task = add_task(lead, by=request.member, **form.facts)
    except RuleBroken as broken:
        form.add_error(None, str(broken))
        return show_lead(request, lead, part="log", status=409, task_form=form)
    toast(request, _("Task set for %(who)s.") % {"who": task.assigned_to.short_name})
    return show_again(request, lead, part="acted")


@require_POST
@staff_page("task:update")
@on_lead
def lead_task_complete(request, lead, task_pk):
    task = get_object_or_404(LeadTask, pk=task_pk, lead=lead)
    complete_task(task, by=request.member)
    toast(request, _("Done: %(task)s.") % {"task": task.title}, undo=("crm:lead_task_undo", lead.pk, task.pk))
    return show_again(request, lead)


@require_POST
@staff_page("task:update")
@on_lead
def lead_task_undo(request, lead, task_pk):
    task = get_object_or_404(LeadTask, pk=task_pk, lead=lead)
    undo_complete_task(task, by=request.member)
    toast(request, _("The task is open again."))
    return show_again(request, lead)


@require_http_methods(["GET", "POST"])
@staff_page("task:update")
@on_lead
def lead_task_edit(request, lead, task_pk):
    """Reword a task, put it off or give it to somebody else: a dialog of the lead's page."""
    task = get_object_or_404(LeadTask.objects.for_list(), pk=task_pk, lead=lead)
    form = TaskEditForm(sent(request), task=task, members=working_members())
    context = {"lead": lead, "task": task, "form": form}
    if request.method == "GET" or not form.is_valid():
        record_showing(request, lead, part="dialog")
        status = 422 if form.errors else 200
        return page(request, "crm/lead_task_edit.html", context, part="dialog", status=status)
    try:
        task = change_task(task, form.facts, by=request.member)
    except RuleBroken as broken:
        form.add_error(None, str(broken))
        return page(request, "crm/lead_task_edit.html", context, part="dialog", status=409)
    _report(request, task, _("Saved: %(task)s.") % {"task": task.title})
    return trigger(show_again(request, lead), "dialog:close")


@require_POST
@staff_page("task:update")
@on_lead
def lead_task_snooze(request, lead, task_pk):
    task = get_object_or_404(LeadTask, pk=task_pk, lead=lead)
    form = SnoozeForm(request.POST)
    if not form.is_valid():
        toast(request, _("Choose until when."), level="error")
        return show_lead(request, lead, part="refreshed", status=422)
    task = snooze_task(task, until=form.until, by=request.member)
    _report(request, task, _("Put off until %(when)s.") % {"when": short_date(task.due_at)})
    return show_again(request, lead)


@require_POST
@staff_page("task:update")
@on_lead
def lead_task_cancel(request, lead, task_pk):
    task = cancel_task(get_object_or_404(LeadTask, pk=task_pk, lead=lead), by=request.member)
    _report(request, task, _("Dropped: %(task)s.") % {"task": task.title})
    return show_again(request, lead)


@require_POST
@staff_page("task:update")
@on_lead
def lead_task_change_undo(request, lead, task_pk, change_pk):
    task = get_object_or_404(LeadTask.objects.for_list(), pk=task_pk, lead=lead)
    undo_task_change(task, get_object_or_404(changes_of(task), pk=change_pk), by=request.member)
    toast(request, _("The task is again what it was."))
    return show_again(request, lead)


def _report(request, task, said):
    """Say what came of it; what changed something can be undone."""
    if task.change is not None:
        toast(request, said, undo=("crm:lead_task_change_undo", task.lead_id, task.pk, task.change.pk))
