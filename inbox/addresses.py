"""Addresses as the inbox compares them, and the people who can be reached at one."""

from dataclasses import dataclass

from django.conf import settings
from django.db.models import Q

from clinics.normalising import email_norm, phone_e164
from clinics.questions import Question
from crm.models import Lead
from inbox.models import Channel
from inbox.models.choices import PHONE_CHANNELS
from patients.models import Patient

NAMED_BY = ("first_name", "last_name", "phone", "email", "external_id", "phone_e164")
NOWHERE = "nowhere"  # an address that nobody has
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


def everybody_at(addresses):
    """Who of the clinic's people can be reached at any of some (channel, normal address), for a list of their names.

    Patients, and leads who have not become one of these; newest first in each.
    """
    numbers = sorted({address for channel, address in addresses if channel in PHONE_CHANNELS})
    mails = sorted({address for channel, address in addresses if channel == Channel.EMAIL})
    patients, leads = {}, {}
    for first, second, mail in _by_twos(numbers, mails):
        asked = {"first": first, "second": second, "mail": mail}
        patients |= {patient.pk: patient for patient in PATIENTS_AT.rows(**asked)}
        leads |= {lead.pk: lead for lead in LEADS_AT.rows(**asked)}
    return [*patients.values(), *(lead for lead in leads.values() if lead.converted_to_patient_id not in patients)]


def _by_twos(numbers, mails):
    """Two numbers and an e-mail at a time, which is all that most people have."""
    for place in range(max(-(-len(numbers) // 2), len(mails))):
        first, second, *_none = [*numbers[2 * place : 2 * place + 2], NOWHERE, NOWHERE]
        yield first, second, mails[place] if place < len(mails) else NOWHERE


def _reached_at(people, first, second, mail):
    numbers = (first, second)
    asked = Q(phone_e164__in=numbers) | Q(phone_alt_e164__in=numbers) | Q(email_norm=mail)
    return people.filter(asked, deleted_at=None)


def _patients_at(first: str, second: str, mail: str):
    rows = _reached_at(Patient.objects.only(*NAMED_BY, "segment", "erased_at"), first, second, mail)
    return rows.order_by("-created_at", "-pk")[: 2 * AT_MOST]


def _leads_at(first: str, second: str, mail: str):
    rows = _reached_at(Lead.objects.only(*NAMED_BY, "converted_to_patient"), first, second, mail)
    return rows.order_by("-captured_at", "-pk")[: 2 * AT_MOST]


PATIENTS_AT, LEADS_AT = Question(_patients_at), Question(_leads_at)


def where_somebody_is(channel, addresses):
    """Those of some normal addresses at which anybody of the clinic's people can be reached."""
    addresses = set(addresses)
    if not addresses or channel not in (*PHONE_CHANNELS, Channel.EMAIL):
        return set()
    fields = ("phone_e164", "phone_alt_e164") if channel in PHONE_CHANNELS else ("email_norm",)
    found = set()
    for model in (Patient, Lead):
        for field in fields:
            rows = model.objects.order_by().filter(**{f"{field}__in": addresses}, deleted_at=None)
            found |= set(rows.values_list(field, flat=True))
    return found


def address_of(person, channel):
    """Where a patient or lead is reached on a channel by what is known of them; "" if nowhere."""
    if channel in PHONE_CHANNELS:
        return person.phone_e164 or person.phone_alt_e164
    return person.email_norm if channel == Channel.EMAIL else ""
