"""How many years a clinic keeps leads, activities and key figure events: never fewer than the law asks for."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinics.audit import record
from clinics.errors import RuleBroken
from clinics.models import Clinic

LEAST = {"lead_retention_years": 7, "activity_retention_years": 3, "kpi_retention_years": 5}
MOST = 99
SET = "clinics.clinic.keeping_set"


class KeptTooShort(RuleBroken):
    message = _("Leads are kept for at least 7 years, activities for 3, key figure events for 5.")


class KeepingChangedSince(RuleBroken):
    message = _("These years have been changed since. They stay as they are.")


@transaction.atomic
def keep_for(clinic, years, *, by):
    """Say how many years each class is kept ({setting: years}); returns the AuditLog, None if nothing is different.

    What is older goes with the next removal. Records "clinics.clinic.keeping_set". Raises KeptTooShort.
    """
    if any(not LEAST[setting] <= number <= MOST for setting, number in years.items()):
        raise KeptTooShort
    clinic = Clinic.objects.select_for_update().get(pk=clinic.pk)
    changed = {setting: number for setting, number in years.items() if getattr(clinic, setting) != number}
    if not changed:
        return None
    before = {setting: getattr(clinic, setting) for setting in changed}
    for setting, number in changed.items():
        setattr(clinic, setting, number)
    clinic.save(update_fields=[*changed, "updated_at"])
    return record(SET, clinic, by=by, before=before, after=changed)


@transaction.atomic
def undo_keeping(event, *, by):
    """Put back how long things were kept before. Raises KeepingChangedSince."""
    clinic = Clinic.objects.select_for_update().get(pk=event.resource_id)
    if any(getattr(clinic, setting) != number for setting, number in event.after.items()):
        raise KeepingChangedSince
    keep_for(clinic, event.before, by=by)
