"""Reminding people of their tasks when they asked for it, and telling managers of what stays undone for too long."""

from datetime import timedelta

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinics.absence import managers_of, stand_in_for
from clinics.audit import SYSTEM, record, record_many
from clinics.business_hours import hours_of
from clinics.notifications import language_of, notify, wants_reminders_by_mail, wants_reminders_by_text
from clinics.templatetags.ui import day_and_time
from crm.models import LeadTask, TaskPriority

AT_ONCE = 200


def patience_of(clinic):
    """How long, in open hours, a task of each priority may be overdue before a manager hears of it."""
    return {
        TaskPriority.URGENT: timedelta(hours=clinic.task_patience_urgent_hours),
        TaskPriority.HIGH: timedelta(hours=clinic.task_patience_high_hours),
        TaskPriority.NORMAL: timedelta(hours=clinic.task_patience_normal_hours),
        TaskPriority.LOW: timedelta(hours=clinic.task_patience_low_hours),
    }


def remind_of_tasks(now):
    """Remind the assignees of tasks whose reminder is due, each once; returns how many tasks.

    Whoever stands in for somebody who is away is reminded in their place. In the app, and by e-mail as each wishes;
    "crm.task.reminder_due" is recorded for whoever sends text messages. All in the transaction of the caller: a worker
    that dies has reminded nobody.
    """
    due = LeadTask.objects.of_present_leads().to_remind(now).select_for_update(of=("self",), skip_locked=True)
    tasks = list(due.select_related("lead", "assigned_to__user", "assigned_to__clinic")[:AT_ONCE])
    for task in tasks:
        if task.assigned_to is not None:
            _remind(task)
    LeadTask.objects.filter(pk__in=[task.pk for task in tasks]).update(reminded_at=now)
    return len(tasks)


def _remind(task):
    member = stand_in_for(task.assigned_to)
    by_mail = wants_reminders_by_mail(member)
    with translation.override(language_of(member)):
        told = {"task": task.title, "lead": task.lead.display_name, "when": day_and_time(task.due_at).rstrip(".")}
        text = _("%(task)s for %(lead)s is due: %(when)s.") % told
    notify(member, "task_reminder", text, url=task.lead.get_absolute_url(), always_by_mail=by_mail)
    channels = ["APP"] + ["EMAIL"] * by_mail + ["SMS"] * wants_reminders_by_text(member)
    metadata = {"task": str(task.pk), "member": str(member.pk), "channels": channels}
    record("crm.task.reminder_due", task.lead, by=SYSTEM, metadata=metadata)


def escalate_overdue_tasks(clinic, now):
    """Tell of tasks that are overdue beyond patience whoever their assignee reports to, or else the clinic admins.

    Each task is told once, each manager finds one notice for all of theirs, and nobody one for their own. Returns those
    tasks. Records "crm.task.escalated".
    """
    patience_of_each = patience_of(clinic).items()
    late = [task for priority, patience in patience_of_each for task in _late(clinic, priority, patience, now)]
    for manager, tasks in _by_manager(late).items():
        _tell(manager, tasks)
    LeadTask.objects.filter(pk__in=[task.pk for task in late]).update(escalated_at=now)
    record_many("crm.task.escalated", [(task.lead, None, {"task": task}) for task in late], by=SYSTEM)
    return late


def _by_manager(tasks):
    """{manager: the tasks they are told of}; who is asked for once is not asked for again."""
    managers, found = {}, {}
    for task in tasks:
        if task.assigned_to_id not in managers:
            managers[task.assigned_to_id] = managers_of(task.assigned_to)
        for manager in managers[task.assigned_to_id]:
            if manager.pk != task.assigned_to_id:
                found.setdefault(manager, []).append(task)
    return found


def _late(clinic, priority, patience, now):
    overdue = LeadTask.objects.of_present_leads().late_since(priority, now - patience)
    rows = overdue.select_for_update(of=("self",), skip_locked=True).select_related("lead", "assigned_to__user")
    return [
        task for task in rows[:AT_ONCE] if hours_of(clinic, task.lead.location_id).between(task.due_at, now) >= patience
    ]


def _tell(manager, tasks):
    first = tasks[0]
    with translation.override(language_of(manager)):
        whose = first.assigned_to.short_name if first.assigned_to else _("nobody")
        told = {"n": len(tasks), "task": first.title, "lead": first.lead.display_name, "who": whose}
        text = ngettext(
            "Overdue for too long: %(task)s for %(lead)s (%(who)s).",
            "%(n)s tasks are overdue for too long, the longest: %(task)s for %(lead)s (%(who)s).",
            len(tasks),
        )
    url = first.lead.get_absolute_url() if len(tasks) == 1 else f"{reverse('crm:task_list')}?whose=team&show=overdue"
    notify(manager, "task_escalated", text % told, url=url)
