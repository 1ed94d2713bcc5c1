from celery import shared_task
from django.utils import timezone

from clinics.models import AuditLog, Clinic
from clinics.tasks import SteppedTask
from clinics.tenancy import ClinicTask, clinic_scope
from patients import mailing, offering, segments
from patients.duplicates import indexing


@shared_task(base=SteppedTask)
def settle_segments(clinic):
    """Move the patients of one clinic whose time has come into their segment, batch by batch."""
    settled = segments.BATCH
    while settled == segments.BATCH:
        with clinic_scope(clinic):
            settled = segments.settle_some(clinic, now=timezone.now())


@shared_task(base=ClinicTask)
def mail_appointment(clinic, event_id):
    """Tell whoever comes how their appointment stands, if they want to know it by e-mail."""
    mailing.mail_appointment(AuditLog.objects.get(pk=event_id).resource_id)


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
