"""The consultation that a move books: tied to its lead, and taken back with the move."""

from crm.models import Lead
from patients.attendance import cancel_appointment
from patients.models import Appointment, CancellationReason
from patients.scheduling import book_appointment


def book_consultation(lead, values, *, by, key=None, anyway=False):
    """Book the consultation of a locked lead and tie it to the lead; returns the appointment.

    `values` and `anyway` are those of book_appointment; who comes is the patient that the lead speaks of.
    """
    who = lead.patient_name or lead.display_name
    contact = {"contact_name": who, "contact_phone": lead.phone_e164 or lead.phone, "contact_email": lead.email}
    values = contact | {"location": lead.location} | values
    lead.consultation = book_appointment(values, by=by, key=f"{lead.pk}-{key}" if key else None, anyway=anyway)
    lead.save(update_fields=["consultation", "updated_at"])
    return lead.consultation


def remember_booking(change, appointment, *, replaced_id):
    """Keep beside a move what it booked, and which consultation (`replaced_id`, or None) the lead had before."""
    booked = {"appointment": str(appointment.pk), "version": appointment.version, "replaced": replaced_id}
    change.before |= {"booked": booked}
    change.save(update_fields=["before", "updated_at"])


def take_back_booking(lead, change, *, by):
    """Cancel what an undone move had booked; an appointment that somebody has touched since stays in the schedule.

    The lead has again the consultation that it had before. Records "patients.appointment.cancelled".
    """
    booked = change.before.get("booked")
    if not booked:
        return
    appointment = Appointment.objects.filter(pk=booked["appointment"]).first()
    if appointment is not None and appointment.is_open and appointment.version == booked["version"]:
        cancel_appointment(appointment, reason=CancellationReason.MISTAKE, by=by)
        Lead.objects.filter(pk=lead.pk, consultation=appointment).update(consultation=booked["replaced"])


def booking_of(change):
    """The appointment that a move booked, as it stands now, or None."""
    booked = change.before.get("booked")
    return Appointment.objects.for_list().filter(pk=booked["appointment"]).first() if booked else None
