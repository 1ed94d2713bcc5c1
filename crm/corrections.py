"""Correcting what was written down of a call or a note, the next step that was set with it included."""

from django.db import transaction

from clinics.audit import record
from clinics.live import publish
from clinics.models import Role
from crm.activities import BY_HAND, add_task
from crm.follow_up import change_task
from crm.models import LeadActivity, LeadTask
from crm.pipeline import lock_lead
from crm.rules import LeadIsLocked, NotToBeUndone, NotYoursToCorrect
from crm.wrong_numbers import forget_call, learn_from_call

CORRECTABLE = ("outcome", "notes", "duration_minutes")
KEEP = object()  # the next step stays as it is


@transaction.atomic
def correct_activity(activity, *, by, next_step=KEEP, **facts):
    """Change what was written of a call or note: some of CORRECTABLE, and its `next_step` (facts of add_task, or None).

    Returns the activity. A next step that is still to be done is changed or dropped with it. Records
    "crm.lead.activity_corrected". Raises LeadIsLocked, NotToBeUndone for what was not written by hand,
    NotYoursToCorrect for somebody who neither wrote it nor is a clinic admin.
    """
    lead = lock_lead(activity.lead)
    activity = LeadActivity.objects.select_for_update().get(pk=activity.pk)
    if lead.is_locked:
        raise LeadIsLocked
    if activity.type not in BY_HAND:
        raise NotToBeUndone
    if activity.by_id != by.pk and by.role != Role.CLINIC_ADMIN:
        raise NotYoursToCorrect

    before = {name: getattr(activity, name) for name in CORRECTABLE}
    for name in CORRECTABLE:
        setattr(activity, name, facts.get(name, before[name]))
    if activity.outcome != before["outcome"]:
        _learn_again(activity, before["outcome"])
    if next_step is not KEEP:
        _plan_again(activity, next_step, by=by)
    activity.save()
    after = {name: getattr(activity, name) for name in CORRECTABLE}
    changed = [name for name in CORRECTABLE if before[name] != after[name]]
    record(
        "crm.lead.activity_corrected",
        lead,
        by=by,
        before={name: before[name] for name in changed},
        after={name: after[name] for name in changed},
        metadata={"activity": str(activity.pk)},
    )
    publish(f"lead-{lead.pk}", "board")
    return activity


def _learn_again(activity, outcome_before):
    forget_call(activity.payload.get("number"), outcome_before)
    number = activity.payload.get("number") or activity.lead.phone_e164
    if learn_from_call(number, activity.outcome):
        activity.payload = activity.payload | {"number": number}
    else:
        activity.payload = {name: value for name, value in activity.payload.items() if name != "number"}


def _plan_again(activity, next_step, *, by):
    task = LeadTask.objects.filter(lead=activity.lead, pk=activity.payload.get("next_task")).first()
    payload = {name: value for name, value in activity.payload.items() if name not in ("next_task", "next_title")}
    if task is not None and not task.is_open:
        return  # what was done stays done, and stands in the timeline
    if task is not None and next_step is None:
        task.delete()
    if task is not None and next_step is not None:
        task = change_task(task, {name: value for name, value in next_step.items() if name != "key"}, by=by)
    if task is None and next_step is not None:
        task = add_task(activity.lead, by=by, **next_step)
    if next_step is not None:
        payload |= {"next_task": str(task.pk), "next_title": task.title}
    activity.payload = payload
