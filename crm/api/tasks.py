"""What is to be done about a lead."""

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Query, Router, Status

from clinics.access import may
from clinics.api_access import needs
from clinics.api_fields import chosen, named
from clinics.api_paging import Listed, PageAsked, cut
from clinics.api_problems import Problem
from clinics.api_versions import MAY_BE_VERSIONED, check_version, etag
from clinics.audit import record_read
from clinics.models import ClinicUser
from crm.activities import add_task
from crm.api.activity_schemas import TaskChange, TaskIn, TaskOut
from crm.api.leads import find_lead
from crm.finishing import complete_task
from crm.follow_up import cancel_task, change_task
from crm.models import LeadTask, TaskStatus

router = Router(tags=["Tasks"])


@router.get("/leads/{uuid:lead_id}/tasks", auth=needs("lead:read"), response=Listed[TaskOut], summary="Tasks of a lead")
def lead_tasks(request, response: HttpResponse, lead_id: str, asked: Query[PageAsked]):
    """The tasks of a lead, the next one first, those too that are done. That you read them stands on record."""
    lead = find_lead(lead_id)
    record_read(lead, by=request.member)
    rows = lead.tasks.for_list().select_related("completed_by__user")
    return cut(request, response, rows, asked, draw=lambda page: [task_out(task) for task in page])


@router.post("/leads/{uuid:lead_id}/tasks", auth=needs("lead:update"), response={201: TaskOut}, summary="Set a task")
def lead_task_create(request, lead_id: str, sent: TaskIn):
    """Set the next step for a lead."""
    facts = {name: value for name, value in sent.given().items() if value is not None}
    if "assigned_to" in facts:
        facts["assigned_to"] = _worker(facts["assigned_to"])
    return Status(201, task_out(add_task(find_lead(lead_id), by=request.member, **facts)))


@router.put(
    "/leads/tasks/{uuid:task_id}",
    auth=needs("lead:update"),
    response=TaskOut,
    summary="Change a task",
    openapi_extra=MAY_BE_VERSIONED,
)
def task_update(request, response: HttpResponse, task_id: str, sent: TaskChange):
    """Change the fields that are sent of an open task: put it off, give it away, reword it, or drop it."""
    task = get_object_or_404(LeadTask.objects.of_present_leads().select_for_update(of=("self",)), pk=task_id)
    check_version(request, task.updated_at, current=lambda: TaskOut(**task_out(task)), is_required=False)
    facts = sent.given()
    if "assigned_to" in facts:
        facts["assigned_to"] = _worker(facts["assigned_to"])
    is_dropped = facts.get("status") == TaskStatus.CANCELLED
    if is_dropped:
        del facts["status"]
    with transaction.atomic():
        task = change_task(task, facts, by=request.member)
        task = cancel_task(task, by=request.member) if is_dropped else task
    response["ETag"] = etag(task.updated_at)
    return task_out(task)


@router.post("/leads/tasks/{uuid:task_id}/complete", auth=needs("lead:update"), response=TaskOut, summary="Tick off")
def task_complete(request, task_id: str):
    """Tick a task off. Ticking twice is ticking once."""
    task = get_object_or_404(LeadTask.objects.of_present_leads(), pk=task_id)
    return task_out(complete_task(task, by=request.member))


def _worker(pk):
    """Somebody who works on leads."""
    member = chosen(ClinicUser.objects.active().select_related("user"), pk, field="assigned_to")
    if member is not None and not may(member, "task:update"):
        said = _("This person does not work on leads.")
        raise Problem(422, errors=[{"field": "assigned_to", "message": said}])
    return member


def task_out(task):
    same = ("title", "description", "type", "priority", "status", "is_overdue", "due_at", "reminder_at", "completed_at")
    return {name: getattr(task, name) for name in (*same, "created_at", "updated_at")} | {
        "id": task.pk,
        "lead": task.lead_id,
        "assigned_to": named(task.assigned_to),
        "completed_by": named(task.completed_by),
    }
