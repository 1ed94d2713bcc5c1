"""What people are told of an appointment: when, where and with whom, never what for."""

from dataclasses import dataclass

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from clinics.mail import absolute
from clinics.templatetags.ui import phone
from inbox.models import AppointmentNotice, Channel

Kind = AppointmentNotice.Kind


@dataclass(frozen=True)
class Telling:
    """What is to be told: a Kind, and whether they had heard of the appointment before."""

    kind: str
    was_told: bool = False


def visit_url(appointment):
    """The page on which whoever asked online sees, moves and cancels it; "" for an appointment made by staff."""
    if not appointment.visitor_token or not appointment.is_open:
        return ""
    return absolute(reverse("crm:booking_visit", args=[appointment.visitor_token]))


def subject_of(appointment, telling):
    """The subject of the letter, in the language that is set."""
    said = {"clinic": appointment.clinic.name}
    if telling.kind == Kind.REMINDER:
        return _("%(clinic)s: we see you soon") % said
    return _("%(clinic)s: your appointment") % said


def sentence_of(appointment, telling, *, is_letter):
    """The one sentence that a message about an appointment begins with."""
    if telling.kind == Kind.CANCELLED:
        if is_letter:
            return _("This appointment does not take place. Your calendar takes it out by the attached file.")
        return _("Your appointment does not take place.")
    if telling.kind == Kind.REMINDER:
        return _("We look forward to seeing you.")
    if appointment.is_request:
        return _("We hold this time for you and confirm it shortly.")
    return _("This is how your appointment stands now.") if telling.was_told else _("Your appointment is booked.")


def text_of(appointment, telling):
    """The whole of a text message."""
    place, url = appointment.location, visit_url(appointment)
    sentence = sentence_of(appointment, telling, is_letter=False)
    parts = [f"{appointment.clinic.name}: {sentence}", f"{when(appointment).rstrip('.')}."]
    if place and telling.kind != Kind.CANCELLED:
        parts.append(f"{place}.")
    if url:
        parts.append(_("See, move or cancel it: %(url)s") % {"url": url})
    elif place and place.phone_number:
        parts.append(_("Questions? Call %(number)s.") % {"number": phone(place.phone_number)})
    parts.append(_("STOP ends these texts."))
    return " ".join(parts)


def letter_of(appointment, telling, *, preferences_url=""):
    """(text, html) of the letter."""
    place = appointment.location
    context = {
        "title": subject_of(appointment, telling),
        "subject": subject_of(appointment, telling),
        "LANGUAGE_CODE": get_language(),
        "clinic_name": appointment.clinic.name,
        "clinic_address": place.address if place else "",
        "clinic_phone": place.phone_number if place else "",
        "text": sentence_of(appointment, telling, is_letter=True),
        "when": when(appointment),
        "provider": appointment.provider,
        "place": place,
        "button_url": visit_url(appointment),
        "button_label": _("See, move or cancel it"),
        "reason": _("This address was given for an appointment at this clinic. If it was not you, tell the clinic."),
        "preferences_url": preferences_url,
    }
    return render_to_string("email/appointment.txt", context).strip(), render_to_string(
        "email/appointment.html", context
    )


def when(appointment):
    """The day and the hour by the clock of the place."""
    start = appointment.local_start
    return f"{date_format(start, _('l, F j, Y'))}, {date_format(start, 'TIME_FORMAT')}"


def words_of(appointment, telling, channel):
    """(subject, text, html) of a message about an appointment on a channel; a letter's html comes with its links."""
    if channel != Channel.EMAIL:
        return "", text_of(appointment, telling), ""
    text, html = letter_of(appointment, telling)
    return subject_of(appointment, telling), text, html
