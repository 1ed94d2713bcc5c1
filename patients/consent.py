"""What patients agreed to: by channel and purpose, when, how, and with which words. The last word holds."""

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from clinics.audit import record
from patients.editing import lock_patient, tell
from patients.models import Channel, ConsentSource, PatientConsent, Purpose

ASKED = (Channel.SMS, Channel.WHATSAPP, Channel.EMAIL, Channel.VOICE)


@dataclass(frozen=True)
class Decision:
    """What somebody said: whether they agree to be reached on `channel` for `purpose`, and how they said it."""

    channel: str
    purpose: str
    is_given: bool
    source: str = ConsentSource.IN_PERSON
    wording: str = ""


@transaction.atomic
def decide_consent(patient, decision, *, by, decided_at=None):
    """Write down what a patient said about being contacted; returns the PatientConsent that holds now.

    What was said last holds, whichever is written down first; the same word twice is one entry. Records
    "patients.consent.decided". Raises PatientIsErased.
    """
    patient, decided_at = lock_patient(patient), decided_at or timezone.now()
    about = PatientConsent.objects.filter(patient=patient, channel=decision.channel, purpose=decision.purpose)
    standing = about.standing().first()
    if standing is not None and (standing.is_given, standing.wording) == (decision.is_given, decision.wording):
        return standing
    is_later = standing is None or standing.decided_at <= decided_at
    if standing is not None and is_later:
        about.standing().update(is_current=False)
    consent = PatientConsent.objects.create(
        patient=patient,
        channel=decision.channel,
        purpose=decision.purpose,
        is_given=decision.is_given,
        source=decision.source,
        wording=decision.wording,
        address=_address(patient, decision.channel),
        decided_at=decided_at,
        is_current=is_later,
        by=by,
    )
    record("patients.consent.decided", patient, by=by, after=_facts(decision))
    tell(patient)
    return consent if is_later else standing


def _address(patient, channel):
    return patient.email if channel == Channel.EMAIL else patient.phone_e164 or patient.phone


def _facts(decision):
    return {"channel": decision.channel, "purpose": decision.purpose, "is_given": decision.is_given}


def consent_table(patient):
    """What holds for a patient: [(channel, [(purpose, PatientConsent or None)])], every channel and purpose."""
    standing = {(row.channel, row.purpose): row for row in PatientConsent.objects.standing().filter(patient=patient)}
    return [(channel, [(purpose, standing.get((channel, purpose))) for purpose in Purpose]) for channel in ASKED]
