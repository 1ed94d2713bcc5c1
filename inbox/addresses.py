"""Addresses as the inbox compares them, and the people who can be reached at one."""

from dataclasses import dataclass

from django.conf import settings
from django.db.models import Q

from clinics.normalising import email_norm, phone_e164
from crm.models import Lead
from inbox.models import Channel
from inbox.models.choices import PHONE_CHANNELS
from patients.models import Patient

AT_MOST = 8  # people of one address; more than a family is a number of an office


@dataclass(frozen=True)
class Reached:
    """The people of an address: patients, and leads who have not become one of these."""

    patients: list
    leads: list

    @property
    def best(self):
        """Who of them is written to: who decides for the others, else a patient before a lead, else who came last."""
        payers = {patient.responsible_party_id for patient in self.patients} - {None}
        deciding = [patient for patient in self.patients if patient.pk in payers]
        return next(iter(deciding or self.patients or self.leads), None)

    @property
    def everybody(self):
        return [*self.patients, *self.leads]


def normal_address(channel, address):
    """An address as it is stored: E.164, a case-folded e-mail, or the id that the channel gives; "" for none.

    A phone number that cannot be dialled stays as it came, so that a short code or a foreign number is kept apart.
    """
    address = (address or "").strip()
    if channel in PHONE_CHANNELS:
        bare = address.removeprefix("whatsapp:").strip()
        return phone_e164(bare, region=settings.PHONE_REGION) or bare
    return email_norm(address) if channel == Channel.EMAIL else address


def people_at(channel, address):
    """Who of the clinic's people can be reached at a normal address; returns Reached. Newest first in each."""
    if channel in PHONE_CHANNELS:
        asked = Q(phone_e164=address) | Q(phone_alt_e164=address)
    elif channel == Channel.EMAIL:
        asked = Q(email_norm=address)
    else:
        return Reached([], [])
    patients = list(Patient.objects.filter(asked, deleted_at=None).order_by("-created_at", "-pk")[:AT_MOST])
    known = {patient.pk for patient in patients}
    leads = Lead.objects.filter(asked, deleted_at=None).order_by("-captured_at", "-pk")[:AT_MOST]
    return Reached(patients, [lead for lead in leads if lead.converted_to_patient_id not in known or not known])


def address_of(person, channel):
    """Where a patient or lead is reached on a channel by what is known of them; "" if nowhere."""
    if channel in PHONE_CHANNELS:
        return person.phone_e164 or person.phone_alt_e164
    return person.email_norm if channel == Channel.EMAIL else ""
