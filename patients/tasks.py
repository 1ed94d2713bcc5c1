from celery import shared_task
from django.utils import timezone, translation

from clinics.models import AuditLog, Clinic
from clinics.tasks import SteppedTask
from clinics.tenancy import ClinicTask, clinic_scope
from patients import documents, exporting, offering, originals, segments
from patients.duplicates import indexing, sweeping
from patients.emr.outbox import AT_A_TIME, plan_write, tell_emrs
from patients.emr.sweeping import start_due_sweeps
from patients.emr.syncing import start_due_syncs
from patients.models import Appointment, EmrWrite


@shared_task(base=SteppedTask)
def settle_segments(clinic):
    """Move the patients of one clinic whose time has come into their segment, and the days when they are due again."""
    with clinic_scope(clinic):
        segments.settle_recalls(clinic)
    settled = segments.BATCH
    while settled == segments.BATCH:
        with clinic_scope(clinic):
            settled = segments.settle_some(clinic, now=timezone.now())


@shared_task
def advance_waitlists():
    """Every minute: let offers of freed times run out, and ask the next in turn."""
    for clinic in Clinic.objects.filter(is_active=True):
        with clinic_scope(clinic):
            offering.advance_offers(timezone.now())


@shared_task
def settle_all_segments():
    """Nightly: patients become at risk or dormant by nothing happening, which no event tells."""
    for clinic_id in Clinic.objects.filter(is_active=True).values_list("pk", flat=True):
        settle_segments.delay(str(clinic_id))


@shared_task(base=SteppedTask)
def fill_match_keys(clinic):
    """Give match keys to the patients of one clinic who have none: who came before the keys did, or past the verbs."""
    indexing.fill_keys(clinic)


@shared_task
def fill_all_match_keys():
    """Nightly: let every clinic find each of its patients by a name that is written differently."""
    for clinic_id in Clinic.objects.filter(is_active=True).values_list("pk", flat=True):
        fill_match_keys.delay(str(clinic_id))


@shared_task
def read_due_emrs():
    """Every minute: begin to read what has changed in each EMR whose time has come."""
    for clinic in Clinic.objects.filter(is_active=True):
        with clinic_scope(clinic), translation.override(clinic.language):
            start_due_syncs()


@shared_task
def sweep_due_emrs():
    """Hourly: begin to look for what was deleted in each EMR whose week is over."""
    for clinic in Clinic.objects.filter(is_active=True):
        with clinic_scope(clinic), translation.override(clinic.language):
            start_due_sweeps()


@shared_task(base=ClinicTask)
def note_for_emrs(clinic, event_id):
    """Note for the EMRs of a clinic what an event changed of an appointment."""
    event = AuditLog.objects.get(pk=event_id)
    appointment = Appointment.objects.filter(pk=event.resource_id).first()
    if appointment is not None:
        plan_write(appointment)


@shared_task(base=SteppedTask, autoretry_for=())
def tell_emr(clinic, *write_ids):
    """Tell EMRs of some changes."""
    tell_emrs(clinic, write_ids)


@shared_task
def tell_due_emrs():
    """Every half minute: tell EMRs what is to be tried again, or what no worker has told."""
    for clinic in Clinic.objects.filter(is_active=True):
        with clinic_scope(clinic):
            due = list(EmrWrite.objects.due(timezone.now()).values_list("pk", flat=True)[:200])
        for start in range(0, len(due), AT_A_TIME):
            tell_emr.delay(str(clinic.pk), *map(str, due[start : start + AT_A_TIME]))


@shared_task
def remove_old_exports():
    """Nightly: take away lists of patients made as files a week ago, and originals that are needed no more."""
    for clinic in Clinic.objects.filter(is_active=True):
        with clinic_scope(clinic):
            exporting.remove_old_exports()
            originals.remove_originals(now=timezone.now())


@shared_task(base=SteppedTask)
def sweep_duplicates(clinic):
    """Look for patients of one clinic who are here twice."""
    sweeping.sweep_duplicates(clinic)


@shared_task
def sweep_all_duplicates():
    """Nightly: wake the look for patients who are here twice in every clinic."""
    for clinic_id in Clinic.objects.filter(is_active=True).values_list("pk", flat=True):
        sweep_duplicates.delay(str(clinic_id))


@shared_task(base=SteppedTask)
def purge_documents(clinic):
    """Remove the files of documents of patients that were deleted longer ago than they can be brought back."""
    purged = documents.AT_ONCE
    while purged == documents.AT_ONCE:
        with clinic_scope(clinic):
            purged = documents.purge_documents(now=timezone.now())


@shared_task
def purge_all_documents():
    """Nightly: let every clinic let go of the files of deleted documents."""
    for clinic_id in Clinic.objects.filter(is_active=True).values_list("pk", flat=True):
        purge_documents.delay(str(clinic_id))
