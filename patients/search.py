"""Finding patients from anywhere: what this room adds to the command palette."""

from django.utils.translation import gettext as _

from clinics.access import may
from clinics.normalising import name_key
from clinics.templatetags.ui import phone
from patients.models import Patient

MOST_FOUND = 8
MOST_READ = 50


def search_patients(member, text):
    """The newest patients whose words begin as `text` says, as a group of the command palette."""
    if not may(member, "patient:read"):
        return None
    patients = Patient.objects.present().found_soon_by(text).order_by("-created_at", "-pk")
    found = sorted(patients[:MOST_READ], key=lambda patient: name_key(text) not in patient.name_key)
    return {"title": _("Patients"), "items": [_item(patient) for patient in found[:MOST_FOUND]]}


def _item(patient):
    known = [phone(patient.phone_e164 or patient.phone), patient.get_segment_display()]
    return {
        "url": patient.get_absolute_url(),
        "label": patient.display_name,
        "note": " · ".join(filter(None, known)),
        "person": patient.pk,
    }
