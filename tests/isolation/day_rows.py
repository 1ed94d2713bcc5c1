"""The rows of a day at the desk: rules and what they did, tasks at once; their addresses, and what is sent there."""

from datetime import UTC

from django.utils import timezone

from clinics.models import AuditLog
from crm.models import (
    FollowUpRule,
    FollowUpRun,
    Lead,
    LeadActivity,
    LeadTask,
    PipelineStage,
    TaskAct,
    TaskActRow,
    TaskTemplate,
)
from tests.isolation.rows import makes


@makes(FollowUpRule)
def follow_up_rule(world):
    return FollowUpRule.objects.create(
        name=f"{world.word} rule",
        trigger="LEAD_CREATED",
        action="TASK",
        task_template=world[TaskTemplate],
        active_since=timezone.now(),
    )


@makes(FollowUpRun)
def follow_up_run(world):
    return FollowUpRun.objects.create(
        rule=world[FollowUpRule],
        rule_name=f"{world.word} rule",
        lead=world[Lead],
        occurrence="created",
        because=f"{world.word} came in",
        due_at=timezone.now(),
    )


@makes(TaskAct)
def task_act(world):
    return TaskAct.objects.create(kind="COMPLETE", title=f"Complete {world.word}", by=world.admin, total_count=1)


@makes(TaskActRow)
def task_act_row(world):
    return TaskActRow.objects.create(
        act=world[TaskAct], task=world[LeadTask], place=1, reason=f"{world.word} was done already"
    )


def _task_change_in(world):
    """The record of a change of the world's task, made once, as it would stand there had somebody put it off."""
    moment = world[LeadTask].due_at.astimezone(UTC).isoformat()
    return AuditLog.objects.get_or_create(
        action="crm.task.snoozed",
        resource_type="crm.lead",
        resource_id=world[Lead].pk,
        metadata={"task": str(world[LeadTask].pk)},
        defaults={"actor": world.admin, "before": {"due_at": moment}, "after": {"due_at": moment}},
    )[0].pk


ON_TASK = ["edit", "finish", "reopen", "snooze", "drop", "withdraw", "change_undo"]
ADDRESSES = {
    **{f"crm:task_{act}": LeadTask for act in ON_TASK},
    "crm:task_bulk_undo": TaskAct,
    "crm:rule_switch": FollowUpRule,
    "crm:rule_rehearse": FollowUpRule,
    "crm:queue_call": Lead,
    "crm:queue_call_undo": Lead,
    "crm:queue_later": Lead,
    "crm:suggestion_accept": Lead,
    "crm:suggestion_dismiss": Lead,
    "crm:suggestion_restore": Lead,
}
ACTIVITIES = {"crm:queue_call_undo": LeadActivity}
STAGES = {"crm:suggestion_restore": PipelineStage}
CHANGES = {"crm:task_change_undo": lambda world, member: _task_change_in(world)}
BODIES = {
    "crm:task_create": lambda world: {
        "lead": world[Lead].pk,
        "title": "Send the plan",
        "owner": world.admin.pk,
        "when": "tomorrow",
        "template": world[TaskTemplate].pk,
    },
    "crm:task_edit": lambda world: {"title": "Send it", "owner": world.admin.pk, "when": "tomorrow"},
    "crm:task_finish": lambda world: {"outcome": "SPOKE", "next_step": "CALL", "when": "tomorrow"},
    "crm:task_snooze": lambda world: {"when": "tomorrow"},
    "crm:task_bulk_run": lambda world: {"task": world[LeadTask].pk, "member": world.admin.pk, "when": "tomorrow"},
    "crm:queue_call": lambda world: {"outcome": "SPOKE"},
    "crm:queue_later": lambda world: {"when": "tomorrow"},
    "crm:rule_switch": lambda world: {"is_on": ""},
}
