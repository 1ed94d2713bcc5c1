from celery import shared_task
from django.utils import timezone

from clinics.models import Clinic
from clinics.tasks import SteppedTask
from clinics.tenancy import clinic_scope
from patients import segments
from patients.duplicates import indexing


@shared_task(base=SteppedTask)
def settle_segments(clinic):
    """Move the patients of one clinic whose time has come into their segment, batch by batch."""
    settled = segments.BATCH
    while settled == segments.BATCH:
        with clinic_scope(clinic):
            settled = segments.settle_some(clinic, now=timezone.now())


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
