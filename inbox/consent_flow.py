"""Consent that is said elsewhere: what a patient agreed to is kept for their address, and refusals find the patient."""

from django.db import transaction

from clinics.audit import SYSTEM
from inbox.addresses import normal_address, people_at
from inbox.consent import ASKED_FOR, Said, note_consent
from inbox.models import Channel, ConsentSource, ConsentState, ContactConsent
from patients.consent import ASKED, Decision, decide_consent
from patients.models import ConsentSource as PatientSource
from patients.models import PatientConsent

BACK = {
    ConsentSource.PREFERENCES: PatientSource.FORM,
    ConsentSource.ONE_CLICK: PatientSource.FORM,
    ConsentSource.PROVIDER: PatientSource.MESSAGE,
}


@transaction.atomic
def keep_for_address(patient, channel, purpose):
    """What a patient said last about a channel and purpose is kept for the address that it was said about.

    A later word about the address, by whoever answers there, stands as it is.
    """
    rows = PatientConsent.objects.standing().select_related("by")
    row = rows.filter(patient=patient, channel=channel, purpose=purpose).first()
    if row is None or channel not in Channel.values or purpose not in ASKED_FOR:
        return None
    address = normal_address(channel, row.address)
    state = ConsentState.OPTED_IN if row.is_given else ConsentState.OPTED_OUT
    standing = ContactConsent.objects.standing().about(channel, address).filter(purpose=purpose).first()
    if not address or (standing and standing.state == state and standing.decided_at >= row.decided_at):
        return standing
    known = ContactConsent.objects.about(channel, address).filter(proof__patient_consent=str(row.pk))
    if known.exists():
        return standing
    proof = {"patient": str(row.patient_id), "patient_consent": str(row.pk)}
    said = Said(channel, address, purpose, state, row.source, wording_text=row.wording, proof=proof)
    return note_consent(said, by=row.by, decided_at=row.decided_at)


@transaction.atomic
def tell_patients(consent):
    """A refusal that stands for an address is written down for every patient who is reached there; returns them."""
    if not consent.is_current or consent.state != ConsentState.OPTED_OUT or consent.channel not in ASKED:
        return []
    told = []
    for patient in people_at(consent.channel, consent.address).patients:
        standing = PatientConsent.objects.standing().filter(patient=patient, channel=consent.channel)
        row = standing.filter(purpose=consent.purpose).first()
        if row is not None and (not row.is_given or row.decided_at > consent.decided_at):
            continue
        source = BACK.get(consent.source, consent.source)
        decision = Decision(consent.channel, consent.purpose, False, source)
        decide_consent(patient, decision, by=consent.by or SYSTEM, decided_at=consent.decided_at)
        told.append(patient)
    return told
