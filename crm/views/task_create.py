from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from clinics.access import staff_page
from clinics.errors import RuleBroken
from clinics.pages import page, toast
from clinics.rows import row_of
from clinics.templatetags.ui import day_and_time
from crm.activities import add_task
from crm.forms.tasks import NewTaskForm
from crm.models import Lead, TaskTemplate
from crm.views.answering import acted
from crm.views.showing import sent, working_members

FOUND_AT_MOST = 8


@require_http_methods(["GET", "POST"])
@staff_page("task:update")
def task_create(request):
    """Set a task for any lead, from anywhere: first whom it is about, then what; a template fills it in."""
    lead = _lead_asked(request)
    if lead is None:
        text = request.GET.get("q", "").strip()[:100]
        context = {"q": text, "leads": _found(text), "is_asked": bool(text)}
        return page(request, "crm/task_create.html", context, part="dialog", status=422 if request.POST else 200)
    template = row_of(TaskTemplate.objects.usable(), request.GET.get("template"))
    form = NewTaskForm(sent(request), lead=lead, members=working_members(), template=template)
    context = {"lead": lead, "form": form, "templates": TaskTemplate.objects.usable()}
    if request.method == "GET" or not form.is_valid():
        return page(request, "crm/task_create.html", context, part="dialog", status=422 if form.errors else 200)
    try:
        task = add_task(lead, by=request.member, **form.facts)
    except RuleBroken as broken:
        form.add_error(None, str(broken))
        return page(request, "crm/task_create.html", context, part="dialog", status=409)
    words = {"who": task.assigned_to.short_name, "when": day_and_time(task.due_at)}
    toast(request, _("Task set for %(who)s: %(when)s") % words, undo=("crm:task_withdraw", task.pk))
    return acted(request)


@require_GET
@staff_page("task:update")
def task_leads(request):
    """Whom a new task may be about, by the words that were typed: a part of its dialog."""
    text = request.GET.get("q", "").strip()[:100]
    context = {"q": text, "leads": _found(text), "is_asked": bool(text)}
    return page(request, "crm/task_create.html", context, part="leads")


def _found(text):
    leads = Lead.objects.open()
    found = leads.found_by(text) if text else leads
    return list(found.newest_first().select_related("stage")[:FOUND_AT_MOST])


def _lead_asked(request):
    leads = Lead.objects.present().select_related("stage", "assigned_to__user")
    return row_of(leads, request.POST.get("lead") or request.GET.get("lead"))
