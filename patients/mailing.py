"""Telling whoever comes by e-mail what has become of their appointment, with a file for their calendar.

Only of appointments that want it: asked for online, or ticked by whoever booked. Each state is told once, as it stands
when the letter is written, so that two quick changes are one letter.
"""

from django.db.models import F
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from clinics.mail import absolute, send_mail
from patients.calendar_files import CANCEL, appointment_part, method_of
from patients.models import Appointment


def mail_appointment(appointment_id):
    """Write to whoever comes how their appointment stands, unless they know it already.

    Raises SMTPException or OSError if it cannot go now; then it was not sent.
    """
    appointment = Appointment.objects.for_list().select_related("clinic").filter(pk=appointment_id).first()
    if appointment is None or not appointment.wants_mail or not appointment.mail_address:
        return
    untold = Appointment.objects.filter(pk=appointment.pk, mailed_version__lt=F("version"))
    was_told = appointment.mailed_version > 0
    if not untold.update(mailed_version=appointment.version):
        return
    if method_of(appointment) == CANCEL and not was_told:
        return  # they never heard of it
    language = appointment.mail_language or appointment.clinic.language
    with translation.override(language):
        _send(appointment, language, was_told)


def _send(appointment, language, was_told):
    clinic, place = appointment.clinic, appointment.location
    start = appointment.local_start
    when = f"{date_format(start, _('l, F j, Y'))}, {date_format(start, 'TIME_FORMAT')}"
    token = appointment.visitor_token
    link = absolute(reverse("crm:booking_visit", args=[token])) if token else ""
    send_mail(
        "appointment",
        appointment.mail_address,
        subject=_("%(clinic)s: your appointment") % {"clinic": clinic.name},
        language=language,
        parts=[appointment_part(appointment)],
        clinic_name=clinic.name,
        clinic_address=place.address if place else "",
        clinic_phone=place.phone_number if place else "",
        text=words_of(appointment, was_told),
        when=when,
        provider=appointment.provider,
        place=place,
        button_url=link if appointment.is_open else "",
        button_label=_("See, move or cancel it"),
        reason=_("This address was given for an appointment at this clinic. If it was not you, tell the clinic."),
    )


def words_of(appointment, was_told):
    """The one sentence that a letter about an appointment begins with."""
    if method_of(appointment) == CANCEL:
        return _("This appointment does not take place. Your calendar takes it out by the attached file.")
    if appointment.is_request:
        return _("We hold this time for you and confirm it shortly.")
    if was_told:
        return _("This is how your appointment stands now.")
    return _("Your appointment is booked.")
