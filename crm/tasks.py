from celery import shared_task
from django.utils import timezone

from clinics.models import AuditLog, Clinic
from clinics.tasks import SteppedTask
from clinics.tenancy import ClinicTask, clinic_scope
from crm import confirming, documents, exporting, understanding
from crm.duplicates import sweeping
from crm.hooks import catching_up
from crm.models import LeadSubmission
from crm.tallies import fold_tallies


@shared_task(base=SteppedTask, autoretry_for=())
def process_submissions(clinic):
    """Take in what has come to a clinic and is due."""
    if understanding.process_due_submissions(clinic) == understanding.AT_ONCE:
        process_submissions.delay(str(clinic.pk))


@shared_task(base=ClinicTask)
def confirm_inquiry(clinic, event_id):
    """Tell the person of an inquiry that it has arrived, if its form says so."""
    confirming.confirm_inquiry(AuditLog.objects.get(pk=event_id).resource_id)


@shared_task
def process_waiting_submissions():
    """Every 15 seconds: wake what no worker has taken in, because it died or the broker was away."""
    for clinic in Clinic.objects.filter(is_active=True):
        with clinic_scope(clinic):
            is_waiting = LeadSubmission.objects.due(timezone.now()).exists()
        if is_waiting:
            process_submissions.delay(str(clinic.pk))


@shared_task(base=SteppedTask, autoretry_for=())
def sweep_duplicates(clinic):
    """Look for duplicates among the leads of a clinic that changed."""
    sweeping.sweep_duplicates(clinic)


@shared_task
def sweep_all_duplicates():
    """Nightly: wake the look for duplicates in every clinic."""
    for clinic in Clinic.objects.filter(is_active=True):
        sweep_duplicates.delay(str(clinic.pk))


@shared_task(base=SteppedTask, autoretry_for=())
def catch_up_leads(clinic):
    """Look through the lead forms that a clinic has connected for what nobody told us of."""
    catching_up.catch_up_meta(clinic)


@shared_task
def catch_up_everywhere():
    """Nightly: let each clinic catch up with its lead forms."""
    for clinic in Clinic.objects.filter(is_active=True):
        catch_up_leads.delay(str(clinic.pk))


@shared_task
def purge_deleted_documents():
    """Nightly: remove the files of documents that were deleted more than a week ago."""
    for clinic in Clinic.objects.filter(is_active=True):
        purged = documents.AT_ONCE
        while purged == documents.AT_ONCE:
            with clinic_scope(clinic):
                purged = documents.purge_documents(now=timezone.now())


@shared_task
def remove_old_exports():
    """Nightly: take away the files of leads that were made more than a week ago."""
    for clinic in Clinic.objects.filter(is_active=True):
        with clinic_scope(clinic):
            exporting.remove_old_exports()


@shared_task
def fold_all_tallies():
    """Every ten minutes: add up what the tallies of leads have grown by."""
    for clinic in Clinic.objects.filter(is_active=True):
        with clinic_scope(clinic):
            fold_tallies()
