"""A lead becomes patients: one person, or a parent and the children they pay for, new here or patients already."""

from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone

from clinics.audit import record
from clinics.live import publish
from clinics.same_person.comparing import Person as SamePerson
from crm.carrying_over import carry_over
from crm.models import ConvertedPatient, LeadConversion, PipelineStage
from crm.pipeline import lock_lead, move_lead
from crm.rules import LeadIsLocked, NobodyToConvert, NoStageToConvertInto, NothingToUndo, SamePersonTwice
from patients.matching import find_patients
from patients.models import Channel, Patient
from patients.registration import register_patient
from patients.scheduling import lock_appointment, tell, touch

FEW = 8
CHANNELS = {"PHONE": Channel.VOICE, "EMAIL": Channel.EMAIL, "TEXT": Channel.SMS}
ADDRESS = ("address_line1", "address_line2", "city", "state", "postal_code", "country")


@dataclass(frozen=True)
class Person:
    """Somebody whom a lead becomes: `known` is a patient who is here already, else `values` are those of a new one."""

    values: dict = field(default_factory=dict)
    known: Patient | None = None


@transaction.atomic
def convert_lead(lead, people, *, by, payer=None, stage=None):
    """Make patients of a lead and lock it; returns the LeadConversion.

    `people` (Persons) are treated, `payer` (a Person) pays for them; `stage` is the won stage, where one was chosen.
    Each new patient gets the lead's address and way of contact, and the consultation of the lead is theirs. A lead that
    was only moved to a won stage gets its patients now. Records "crm.lead.converted" by the move, and
    "crm.lead.became_patients". Raises LeadIsLocked if it has patients already, NobodyToConvert, SamePersonTwice,
    NoStageToConvertInto, and what move_lead and register_patient raise.
    """
    lead = lock_lead(lead)
    if lead.conversions.standing().exists():
        raise LeadIsLocked
    if not people:
        raise NobodyToConvert
    _check_different([*people, *([payer] if payer else [])])

    if not lead.is_locked:
        move_lead(lead, stage or _won_stage(lead), by=by)
        lead = lock_lead(lead)
    conversion = LeadConversion.objects.create(lead=lead, by=by, converted_at=timezone.now())
    paying = _take_in(conversion, payer, by=by, pays=True) if payer else None
    treated = [_take_in(conversion, person, by=by, payer=paying) for person in people]
    lead.converted_to_patient = treated[0]
    lead.version += 1
    lead.save(update_fields=["converted_to_patient", "version", "updated_at"])
    _hand_over_consultation(lead, treated[0], by=by)

    made = conversion.people.filter(was_created=True).values_list("patient_id", flat=True)
    record(
        "crm.lead.became_patients",
        lead,
        by=by,
        before={"converted_to_patient": None},
        after={"patients": treated, "pays": paying, "created": [str(pk) for pk in made]},
    )
    publish("board", f"lead-{lead.pk}")
    return conversion


@transaction.atomic
def name_closer(conversion, member, *, by):
    """Say who won a person over, if it was not whoever made the conversion; returns the LeadConversion.

    Commissions for closing are theirs from then on, in months that are not locked. Records "crm.lead.closer_named".
    Raises NothingToUndo for a conversion that was taken back.
    """
    lock_lead(conversion.lead)
    conversion = LeadConversion.objects.select_for_update(of=("self",)).get(pk=conversion.pk)
    if conversion.undone_at is not None:
        raise NothingToUndo
    before = conversion.closer
    if member == before:
        return conversion
    conversion.closed_by = member
    conversion.save(update_fields=["closed_by", "updated_at"])
    record("crm.lead.closer_named", conversion.lead, by=by, before={"closer": before}, after={"closer": member})
    publish(f"lead-{conversion.lead_id}")
    return conversion


def people_here_already(lead, *, first_name="", last_name="", born_on=None):
    """Patients who may be the person meant: (patient, is the same as far as can be told), the likeliest first.

    Whoever shares a number or e-mail with the lead is one, a family as a rule; so is who bears the name, or one that
    may be meant by it. The same name and a shared address, or the same birth date, tell that it is the same person.
    """
    numbers = tuple(filter(None, (lead.phone_e164, lead.phone_alt_e164)))
    emails = tuple(filter(None, (lead.email_norm,)))
    meant = SamePerson(given=first_name, family=last_name, born_on=born_on, phones=numbers, emails=emails)
    return [(match.patient, match.is_same_person) for match in find_patients(meant, at_most=FEW)]


def values_of_contact(lead):
    """What a new patient has of the lead that they come from: numbers, e-mail, address, location, way of contact."""
    values = {name: getattr(lead, name) for name in ("phone", "phone_alt", "email", "location", *ADDRESS)}
    return values | {"preferred_channel": CHANNELS.get(lead.preferred_contact, Channel.SMS)}


def _check_different(people):
    known = [person.known.pk for person in people if person.known]
    named = [tuple(sorted((name, str(value)) for name, value in person.values.items())) for person in people]
    new = [values for person, values in zip(people, named, strict=True) if person.known is None]
    if len(set(known)) < len(known) or len(set(new)) < len(new):
        raise SamePersonTwice


def _won_stage(lead):
    stages = PipelineStage.objects.in_order().filter(kind=PipelineStage.Kind.WON)
    stage = stages.filter(order__gte=lead.stage.order).first() or stages.last()
    if stage is None:
        raise NoStageToConvertInto
    return stage


def _take_in(conversion, person, *, by, pays=False, payer=None):
    lead, patient, was_created = conversion.lead, person.known, person.known is None
    if was_created:
        values = values_of_contact(lead) | person.values
        if payer is not None:
            values["responsible_party"] = payer
        patient = register_patient(lead.clinic, values, by=by)
    elif payer is not None and patient.responsible_party_id is None and patient.pk != payer.pk:
        patient.responsible_party = payer
        patient.version += 1
        patient.save(update_fields=["responsible_party", "version", "updated_at"])
    ConvertedPatient.objects.create(
        conversion=conversion,
        patient=patient,
        pays=pays,
        was_created=was_created,
        created_version=patient.version if was_created else None,
    )
    carry_over(lead, patient, by=by)
    return patient


def _hand_over_consultation(lead, patient, *, by):
    if lead.consultation_id is None:
        return
    appointment = lock_appointment(lead.consultation)
    if appointment.patient_id is not None:
        return
    appointment.patient = patient
    touch(appointment, by=by)
    appointment.save(update_fields=["patient", "version", "updated_by", "updated_at"])
    tell(appointment)
