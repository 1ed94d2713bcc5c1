"""Booking pages: what visitors ask for is kept as it came, their time is held, and they become known.

Keeping and holding are one transaction. If the time went to somebody faster, what was typed is kept all the same: it
waits a while for another choice, and then becomes an inquiry like any other, for a person to call.
"""

from contextlib import contextmanager
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language, gettext

from clinics.audit import record
from clinics.background import wake
from clinics.errors import RuleBroken
from crm.models import LeadForm, LeadSubmission, PipelineStage
from crm.pipeline import check_move, lock_lead, move_lead
from crm.public_forms import as_sent, open_door
from crm.submissions import key_of, write_submission
from patients.duplicates.people import person_of
from patients.matching import find_patients
from patients.models import Appointment, Patient
from patients.registration import normalise
from patients.rules import NotOfferedOnline, TimeTaken
from patients.scheduling import lock_appointment
from patients.visitors import give_to_patient, request_appointment

CHANGES_MIND = timedelta(minutes=15)  # so long somebody whose time was taken may choose another
Channel, Status = LeadSubmission.Channel, LeadSubmission.Status


@contextmanager
def open_visit(token):
    """Open the clinic of a visitor's address and yield (the LeadForm they booked by, their Appointment).

    Raises Http404 for what is unknown or no token at all.
    """
    with open_door(token, Appointment.objects.of_visitor) as appointment:
        submission = LeadSubmission.objects.of_appointment(appointment)
        form = submission.form if submission else None
        yield form or LeadForm(clinic=appointment.clinic, location=appointment.location), appointment


def notice_of(form):
    """How long before it a visitor may no longer book, move or cancel."""
    return timedelta(hours=form.notice_hours)


def receive_booking(form, posted, choice, contact, *, referrer=""):
    """Keep what a visitor sent and hold the time that they chose; returns the Appointment.

    `choice` has `type`, `starts_at`, `place` and `providers`; `contact` is what they typed, by field of Lead. The same
    stamp twice books once. Raises TimeTaken or NotOfferedOnline; then what was sent waits for another choice.
    """
    payload, facts = as_sent(form, posted, referrer=referrer)
    try:
        with transaction.atomic():
            submission = write_submission(Channel.BOOKING, payload, **facts)
            appointment = request_appointment(
                form.clinic,
                _wish(form, choice, contact),
                providers=choice.providers,
                notice=notice_of(form),
                key=facts["idempotency_key"],
            )
            LeadSubmission.objects.filter(pk=submission.pk).update(appointment=appointment)
    except (TimeTaken, NotOfferedOnline):
        _keep_for_a_while(payload, facts)
        raise
    _let_go(facts)
    wake("crm.tasks.process_submissions")
    return appointment


def _wish(form, choice, contact):
    name = f"{contact.get('first_name', '')} {contact.get('last_name', '')}".strip()
    return {
        "type": choice.type,
        "starts_at": choice.starts_at,
        "location": form.location or choice.place,
        "contact_name": name,
        "contact_phone": contact.get("phone", ""),
        "contact_email": contact.get("email", ""),
        "notes": contact.get("notes", ""),
        "mail_language": (get_language() or "")[:2],
    }


def _unbooked_key(facts):
    return f"{facts['idempotency_key']}:unbooked"


def _keep_for_a_while(payload, facts):
    """Once for each page: whoever chooses again has said everything already."""
    again = facts | {"idempotency_key": _unbooked_key(facts), "due_at": timezone.now() + CHANGES_MIND}
    write_submission(Channel.BOOKING, payload, **again)


def _let_go(facts):
    """What waited for another choice has been answered by it."""
    waiting = LeadSubmission.objects.waiting().filter(idempotency_key=key_of(Channel.BOOKING, _unbooked_key(facts)))
    waiting.update(status=Status.IGNORED, error=gettext("They chose another time, which is booked."))


def booking_patient(submission, values):
    """The patient who booked online, known by name and number or e-mail; None for anybody else."""
    if submission.appointment_id is None:
        return None
    names = ("first_name", "last_name", "phone", "email")
    probe = Patient(**{name: values.get(name, "") for name in names})
    normalise(probe, region=submission.clinic.phone_region)
    found = find_patients(person_of(probe))
    same = [match.patient for match in found if match.is_same_person and match.by != "name"]
    return same[0] if len(same) == 1 else None


def tie_to_patient(submission, patient, *, by):
    """A booked time is that of a patient who is here already. Records "patients.appointment.matched"."""
    appointment = lock_appointment(submission.appointment)
    return appointment if appointment.patient_id else give_to_patient(appointment, patient, by=by)


def tie_to_lead(submission, lead, *, by):
    """A booked time is the consultation of a lead, whose card moves to where consultations are booked, if it may.

    Records "crm.lead.booked_online", and what moving records.
    """
    appointment = submission.appointment
    if appointment is not None:
        record("crm.lead.booked_online", lead, by=by, after={"appointment": str(appointment.pk)})
    if appointment is None or not appointment.is_open:
        return
    lead = lock_lead(lead)
    if lead.consultation is not None and lead.consultation.is_open:
        return
    lead.consultation = appointment
    lead.save(update_fields=["consultation", "updated_at"])
    stage = PipelineStage.objects.filter(asks_on_entry=PipelineStage.Asks.APPOINTMENT).order_by("order").first()
    if stage is None or stage.pk == lead.stage_id:
        return
    try:
        check_move(lead, stage)
    except RuleBroken:
        return  # it stands further on already
    move_lead(lead, stage, by=by)
