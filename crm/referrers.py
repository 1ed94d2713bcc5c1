"""Who sent somebody: the doctors who refer and the patients who recommend, found while their name is being typed."""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from clinics.audit import record
from clinics.normalising import name_key
from clinics.templatetags.ui import phone
from crm.models import LeadSource, ReferringProvider, SourceCategory
from patients.models import Patient

AT_MOST = 5
SHORTEST = 2
# What is asked next about a source of some categories: who sent them, or which one of its kind it was.
ASKS = {
    SourceCategory.DOCTOR_REFERRAL: "doctor",
    SourceCategory.PATIENT_REFERRAL: "patient",
    SourceCategory.COMMUNITY_EVENT: "detail",
    SourceCategory.SCHOOL_SCREENING: "detail",
    SourceCategory.OTHER: "detail",
}


@dataclass(frozen=True)
class Referrer:
    """One who may have sent the caller: `note` tells two of one name apart."""

    row: object
    note: str

    @property
    def label(self):
        return str(self.row)


def referrers_of(source_id, text):
    """Those whose name was typed in part, of the kind that a source (its id) asks for; of an unknown one nobody."""
    try:
        source = LeadSource.objects.filter(pk=UUID(source_id)).first()
    except (ValueError, TypeError):
        return []
    return find_referrers(source.category, text) if source else []


def find_referrers(category, text):
    """Doctors or patients (by the category of a source) whose name holds `text`, at most five."""
    text = text.strip()
    if len(text) < SHORTEST or ASKS.get(category) not in ("doctor", "patient"):
        return []
    if category == SourceCategory.DOCTOR_REFERRAL:
        doctors = ReferringProvider.objects.filter(is_active=True, name__icontains=text)[:AT_MOST]
        return [Referrer(doctor, doctor.practice) for doctor in doctors]
    patients = Patient.objects.present().named_like(name_key(text))[:AT_MOST]
    return [Referrer(patient, phone(patient.phone_e164) or patient.email) for patient in patients]


@transaction.atomic
def referred_by(category, text, *, chosen="", by):
    """The fields of a lead that say who sent it: the one `chosen` (an id), or the one of whom `text` is the name.

    A doctor whom nobody knows yet is added; the name of an unknown patient, and which event or other place it was, is
    kept as it was said. Records "crm.referrer.added".
    """
    text = " ".join(text.split())
    if not text or category not in ASKS:
        return {}
    if ASKS[category] == "detail":
        return {"source_detail": text}
    if category == SourceCategory.DOCTOR_REFERRAL:
        return {"referring_provider": _doctor(text, chosen, by=by), "source_detail": text}
    patient = Patient.objects.present().filter(pk=chosen).first() if chosen else _only_patient_named(text)
    return {"referring_patient": patient, "source_detail": str(patient or text)}


def _doctor(text, chosen, *, by):
    doctors = ReferringProvider.objects.filter(is_active=True)
    known = doctors.filter(pk=chosen).first() if chosen else doctors.filter(name__iexact=text).first()
    if known is not None:
        return known
    doctor = ReferringProvider.objects.create(name=text[:120])
    record("crm.referrer.added", doctor, by=by, after={"name": doctor.name})
    return doctor


def _only_patient_named(text):
    named = list(Patient.objects.present().filter(name_key=name_key(text))[:2])
    return named[0] if len(named) == 1 else None


def asked_about(source):
    """What is asked next about a source: the "doctor" or "patient" who sent them, a "detail" of it; "" for nothing."""
    return "" if source.is_unknown else ASKS.get(source.category, "")
