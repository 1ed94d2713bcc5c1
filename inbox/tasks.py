from celery import shared_task
from django.db.models import Q
from django.utils import timezone

from clinics.models import AuditLog, Clinic
from clinics.tasks import SteppedTask
from clinics.tenancy import ClinicTask, clinic_scope
from inbox import following, outbox, reconciling, watching
from inbox.models import MessageStatus, UnifiedMessage


@shared_task(base=SteppedTask, autoretry_for=())
def drain_outbox(clinic):
    """Send what a clinic has due."""
    outbox.drain_outbox(clinic)


@shared_task(base=SteppedTask, autoretry_for=())
def reconcile_outbox(clinic):
    """Take up what dead workers of a clinic left behind, and ask carriers about what is in doubt."""
    reconciling.reconcile_outbox(clinic)


@shared_task
def drain_all_outboxes():
    """Every five seconds: wake the sender of each clinic that has something due, or something in doubt."""
    now = timezone.now()
    due = Q(status__in=(MessageStatus.PLANNED, MessageStatus.PENDING), not_before__lte=now)
    left = Q(status=MessageStatus.SENDING, lease_until__lt=now) | Q(status=MessageStatus.UNKNOWN, not_before__lte=now)
    for clinic in Clinic.objects.filter(is_active=True):
        with clinic_scope(clinic):
            has_due = UnifiedMessage.objects.filter(due).exists()
            has_left = UnifiedMessage.objects.filter(left).exists()
        if has_due:
            drain_outbox.delay(str(clinic.pk))
        if has_left:
            reconcile_outbox.delay(str(clinic.pk))


@shared_task(base=ClinicTask)
def follow_people(clinic, event_id):
    """Let conversations follow what happened to a lead or patient: merged, converted, renamed, erased, or undone."""
    event = AuditLog.objects.get(pk=event_id)
    person = following.person_of(event)
    if person is None:
        return
    if event.action.endswith(".merged"):
        following.follow_merge(person, event.after["merged"])
    elif event.action.endswith("_undone"):
        following.follow_parting(person)
    elif event.action == "crm.lead.became_patients":
        following.follow_conversion(person)
    elif event.action == "patients.patient.erased":
        following.erase_conversations(person)
    else:
        following.follow_name(person)


@shared_task
def watch_all_outboxes():
    """Every minute: look whether anything is stuck in a clinic's sender, and tell its admins."""
    for clinic in Clinic.objects.filter(is_active=True):
        with clinic_scope(clinic):
            watching.watch_outbox()
