"""Tasks that tell people, and the staff, of what happens elsewhere in the house: appointments, freed times, tasks."""

from celery import shared_task
from django.utils import timezone

from clinics.models import AuditLog
from clinics.tasks import SteppedTask
from clinics.tenancy import ClinicTask, clinic_scope
from inbox import appointment_messages, offer_messages, staff_messages


@shared_task(base=ClinicTask)
def tell_of_appointment(clinic, event_id):
    """Tell whoever comes how their appointment stands, if they want to know."""
    appointment_messages.tell_of_appointment(AuditLog.objects.get(pk=event_id).resource_id)


@shared_task(base=ClinicTask)
def know_visitor(clinic, event_id):
    """Let what a visitor was told stand with the lead or patient whom they turned out to be."""
    event = AuditLog.objects.get(pk=event_id)
    appointment_messages.follow_visitor(event.after.get("appointment") or event.resource_id)


@shared_task(base=SteppedTask)
def plan_reminders(clinic):
    """Plan the reminders of appointments that are due soon."""
    with clinic_scope(clinic):
        appointment_messages.plan_reminders(timezone.now())


@shared_task(base=ClinicTask)
def text_reminder(clinic, event_id):
    """Remind a member of a task by text message, if they asked for that."""
    staff_messages.text_reminder(AuditLog.objects.get(pk=event_id))


@shared_task(base=ClinicTask)
def ask_waiting(clinic, event_id):
    """Ask somebody who waits for a sooner time whether they take one that is free."""
    offer_messages.ask_waiting(AuditLog.objects.get(pk=event_id).after.get("offer"))


@shared_task(base=ClinicTask)
def take_back_question(clinic, event_id):
    """Take back what has not gone to somebody of a time that is gone, or that they have refused."""
    event = AuditLog.objects.get(pk=event_id)
    offer_messages.take_back_question(event.resource_id, event.after["freed"])
