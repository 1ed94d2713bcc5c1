"""Appointments as calendars read them (RFC 5545): the event itself, and the file that whoever comes is sent.

The file says when, where and with whom, never what for: it passes through mailboxes and onto phones. Its UID stays that
of the appointment and its SEQUENCE rises with each change, so that a calendar moves or removes what it has already.
"""

from datetime import UTC

from django.conf import settings
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, vCalAddress, vText

from patients.models import AppointmentStatus

GIVEN_UP = (AppointmentStatus.CANCELLED, AppointmentStatus.RESCHEDULED, AppointmentStatus.NO_SHOW)
PUBLISH, REQUEST, CANCEL = "PUBLISH", "REQUEST", "CANCEL"


def event_of(appointment):
    """The event of an appointment with its time, state and version, and nothing of who comes or what for."""
    event = Event()
    event.add("uid", f"{appointment.pk}@recare")
    event.add("dtstamp", appointment.updated_at.astimezone(UTC))
    event.add("dtstart", appointment.starts_at.astimezone(UTC))
    event.add("dtend", appointment.ends_at.astimezone(UTC))
    event.add("sequence", appointment.version)
    state = "CANCELLED" if appointment.status in GIVEN_UP else "TENTATIVE" if appointment.is_request else "CONFIRMED"
    event.add("status", state)
    return event


def method_of(appointment):
    """What a calendar is to do with an appointment that somebody is told of: put it in, or take it out."""
    return CANCEL if appointment.status in GIVEN_UP else REQUEST


def appointment_file(appointment, *, method=PUBLISH):
    """The iCalendar file of an appointment for whoever comes, as bytes."""
    clinic, place = appointment.clinic, appointment.location
    calendar = Calendar()
    calendar.add("prodid", "-//Recare//Schedule//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    event = event_of(appointment)
    event.add("summary", _("Appointment at %(clinic)s") % {"clinic": clinic.name})
    if place:
        event.add("location", ", ".join(filter(None, [place.name, place.address])))
    about = [appointment.provider.name if appointment.provider else "", place.phone_number if place else ""]
    event.add("description", "\n".join(filter(None, about)))
    organizer = vCalAddress(f"mailto:{clinic.email or settings.DEFAULT_FROM_EMAIL}")
    organizer.params["cn"] = vText(clinic.name)
    event.add("organizer", organizer)
    if method != PUBLISH:
        attendee = vCalAddress(f"mailto:{appointment.mail_address}")
        attendee.params["cn"] = vText(appointment.who)
        attendee.params["partstat"] = vText("NEEDS-ACTION")
        event.add("attendee", attendee)
    calendar.add_component(event)
    return calendar.to_ical()
