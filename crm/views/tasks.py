from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from clinics.access import staff_page
from clinics.errors import RuleBroken
from clinics.pages import toast
from crm.activities import add_task, complete_task, undo_complete_task
from crm.forms.activities import TaskForm
from crm.models import LeadTask
from crm.views.showing import on_lead, show_again, show_lead, working_members


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
