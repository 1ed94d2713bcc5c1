from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from clinics.models import AuditLog, StaffNotification
from clinics.people import change_notifications
from clinics.tests.factories import away
from crm.models import Lead
from crm.reminding import escalate_overdue_tasks, remind_of_tasks
from crm.tests.factories import LeadFactory, LeadTaskFactory


@pytest.fixture
def lead(clinic, coordinator):
    clinic.business_hours = {str(day): [["00:00", "23:59"]] for day in range(7)}
    return LeadFactory(first_name="Ana", assigned_to=coordinator)


def notices(member):
    return list(StaffNotification.objects.of(member).values_list("kind", flat=True))


def test_a_reminder_is_given_once_and_told_to_whoever_sends_messages(lead, coordinator):
    now = timezone.now()
    task = LeadTaskFactory(lead=lead, assigned_to=coordinator, due_at=now, reminder_at=now)
    LeadTaskFactory(lead=lead, assigned_to=coordinator, due_at=now, reminder_at=now + timedelta(hours=1))

    assert (remind_of_tasks(now), remind_of_tasks(now)) == (1, 0)
    assert notices(coordinator) == ["task_reminder"]
    event = AuditLog.objects.get(action="crm.task.reminder_due")
    assert event.metadata == {"task": str(task.pk), "member": str(coordinator.pk), "channels": ["APP"]}


def test_a_reminder_goes_by_mail_to_who_wants_it(lead, coordinator, django_capture_on_commit_callbacks):
    now = timezone.now()
    change_notifications(coordinator, email="never", reminders="email")
    LeadTaskFactory(lead=lead, assigned_to=coordinator, due_at=now, reminder_at=now)
    with django_capture_on_commit_callbacks(execute=True):
        remind_of_tasks(now)

    assert [letter.to for letter in mail.outbox] == [[coordinator.user.email]]


def test_what_is_overdue_beyond_patience_is_told_once(lead, coordinator, owner, clinic):
    now = timezone.now()
    for priority, hours in (("URGENT", 2), ("URGENT", 0.5), ("NORMAL", 30), ("NORMAL", 2)):
        LeadTaskFactory(lead=lead, assigned_to=coordinator, priority=priority, due_at=now - timedelta(hours=hours))
    LeadTaskFactory(lead=lead, assigned_to=owner, priority="URGENT", due_at=now - timedelta(hours=3))

    assert len(escalate_overdue_tasks(clinic, now)) == 3
    assert escalate_overdue_tasks(clinic, now) == []
    notice = StaffNotification.objects.of(owner).get()
    assert (notice.kind, notice.text.startswith("2 tasks")) == ("task_escalated", True)
    assert notices(coordinator) == []


def test_managers_are_told_of_the_tasks_of_their_own_people(lead, coordinator, owner, receptionist, clinic):
    now = timezone.now()
    coordinator.manager = receptionist
    coordinator.save()
    for member in (coordinator, owner):
        LeadTaskFactory(lead=lead, assigned_to=member, due_at=now - timedelta(days=9))

    assert len(escalate_overdue_tasks(clinic, now)) == 2
    assert (notices(receptionist), notices(owner), notices(coordinator)) == (["task_escalated"], [], [])


def test_whoever_stands_in_is_reminded_for_who_is_away(lead, coordinator, owner):
    now = timezone.now()
    away(coordinator, deputy=owner)
    LeadTaskFactory(lead=lead, assigned_to=coordinator, due_at=now, reminder_at=now)
    remind_of_tasks(now)

    assert (notices(owner), notices(coordinator)) == (["task_reminder"], [])


def test_tasks_of_deleted_leads_remind_nobody(lead, coordinator, clinic):
    now = timezone.now()
    LeadTaskFactory(lead=lead, assigned_to=coordinator, due_at=now - timedelta(days=9), reminder_at=now)
    Lead.objects.filter(pk=lead.pk).update(deleted_at=now)

    assert (remind_of_tasks(now), escalate_overdue_tasks(clinic, now)) == (0, [])


def test_how_long_tasks_may_wait_is_the_clinics_to_say(lead, coordinator, owner, clinic):
    now = timezone.now()
    LeadTaskFactory(lead=lead, assigned_to=coordinator, priority="NORMAL", due_at=now - timedelta(hours=30))
    clinic.task_patience_normal_hours = 400

    assert escalate_overdue_tasks(clinic, now) == []
