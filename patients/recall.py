"""Asking patients to come again: who is due, family by family, and whom one has asked already.

A family is a household, or a patient alone. One message goes to a family; whoever was asked rests for as long as the
clinic says, and is on the list again if they have not booked by then.
"""

import uuid
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Case, IntegerField, Min, UUIDField, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from clinics.audit import record
from clinics.live import publish
from patients.models import ContactPriority, Patient, RecallContact
from patients.rules import NobodyDue, NothingToUndo

URGENCY = {ContactPriority.RED: 0, ContactPriority.YELLOW: 1, ContactPriority.GREEN: 2}


@dataclass(frozen=True)
class Family:
    """Those of one household who are due."""

    key: uuid.UUID
    patients: list
    last: RecallContact = None  # the last time that one of them was asked

    @property
    def contact(self):
        """Whom to write to: who pays for the most of them, or the first who can be reached."""
        payers = [patient.responsible_party for patient in self.patients if patient.responsible_party]
        reachable = [each for each in (*payers, *self.patients) if each.phone_e164 or each.email]
        return reachable[0] if reachable else self.patients[0]

    @property
    def is_several(self):
        return len(self.patients) > 1


def due_families(patients):
    """Keys of the families of due `patients` (a QuerySet), the most urgent and longest overdue first, to be paged."""
    rank = Case(*[When(contact_priority=level, then=Value(rank)) for level, rank in URGENCY.items()], default=Value(3))
    rows = patients.annotate(family=Coalesce("household_id", "id", output_field=UUIDField()))
    rows = rows.order_by().values("family")
    rows = rows.annotate(rank=Min(rank, output_field=IntegerField()), since=Min("recall_due_on"))
    return rows.order_by("rank", "since", "family").values_list("family", flat=True)


def families_of(keys, patients):
    """The families of some keys, in their order, each with its due patients and when they were asked last.

    Two queries.
    """
    rows = patients.annotate(family=Coalesce("household_id", "id", output_field=UUIDField())).filter(family__in=keys)
    rows = rows.select_related("responsible_party", "last_service", "location").order_by("recall_due_on", "pk")
    members = {}
    for patient in rows:
        members.setdefault(patient.family, []).append(patient)
    asked = RecallContact.objects.last_of([patient.pk for family in members.values() for patient in family])
    return [Family(key, members[key], _last(members[key], asked)) for key in keys if key in members]


def _last(patients, asked):
    known = [asked[patient.pk] for patient in patients if patient.pk in asked]
    return max(known, key=lambda contact: contact.contacted_at, default=None)


@transaction.atomic
def mark_asked(key, *, channel, by, outcome="", message=None):
    """Write down that a family was asked to come again, and how it went (`outcome`).

    Returns the rows, one for each of them who was due. They leave the list for the days that the clinic has set. The
    same `message` id twice is one. Records "patients.recall.asked" for each. Raises NobodyDue if somebody was faster or
    they have booked.
    """
    message, today = message or uuid.uuid4(), timezone.localdate()
    known = list(RecallContact.objects.filter(family=message).select_related("patient"))
    if known:
        return known
    due = Patient.objects.due_again(today).select_for_update(of=("self",)).select_related("clinic")
    mine = due.annotate(group=Coalesce("household_id", "id", output_field=UUIDField())).filter(group=key)
    patients = list(mine.order_by("pk"))
    if not patients:
        raise NobodyDue
    rests_until = today + timedelta(days=patients[0].clinic.patient_recall_rest_days)
    asked = [_ask(patient, message, (channel, outcome), rests_until, by=by) for patient in patients]
    publish("recall", *[f"patient-{patient.pk}" for patient in patients])
    return asked


def _ask(patient, message, how, rests_until, *, by):
    channel, outcome = how
    contact = RecallContact.objects.create(
        patient=patient,
        family=message,
        channel=channel,
        outcome=outcome,
        contacted_at=timezone.now(),
        rests_until=rests_until,
        rested_until_before=patient.recall_rests_until,
        by=by,
    )
    patient.recall_rests_until = rests_until
    patient.save(update_fields=["recall_rests_until", "updated_at"])
    record(
        "patients.recall.asked",
        patient,
        by=by,
        after={"channel": channel, "outcome": outcome, "rests_until": rests_until},
    )
    return contact


@transaction.atomic
def undo_asked(message, *, by):
    """Put a family back on the list as if nobody had asked them. Records "patients.recall.undone".

    Twice is once. Raises NothingToUndo if one of them was asked again since.
    """
    contacts = list(RecallContact.objects.select_for_update().filter(family=message, undone_at=None).order_by("pk"))
    patients = Patient.objects.select_for_update().in_bulk([contact.patient_id for contact in contacts])
    if any(patients[each.patient_id].recall_rests_until != each.rests_until for each in contacts):
        raise NothingToUndo
    for contact in contacts:
        patient = patients[contact.patient_id]
        patient.recall_rests_until = contact.rested_until_before
        patient.save(update_fields=["recall_rests_until", "updated_at"])
        contact.undone_at = timezone.now()
        contact.save(update_fields=["undone_at", "updated_at"])
        record("patients.recall.undone", patient, by=by)
    publish("recall")
    return [patients[contact.patient_id] for contact in contacts]
