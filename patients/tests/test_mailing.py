"""Whoever comes learns by e-mail how their appointment stands, with a file for their calendar."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import transaction
from icalendar import Calendar

from patients.attendance import cancel_appointment, confirm_appointment, undo_change
from patients.calendar_files import appointment_file
from patients.mailing import mail_appointment
from patients.models import Appointment
from patients.scheduling import book_appointment, move_appointment
from patients.tests.conftest import at
from patients.tests.factories import AppointmentFactory

pytestmark = pytest.mark.usefixtures("now")


@pytest.fixture
def booked(provider, location, adjustment, receptionist):
    values = {"contact_name": "Ana Vega", "contact_email": "ana@example.com", "wants_mail": True, "type": adjustment}
    return book_appointment(values | {"starts_at": at(9, day=9), "provider": provider}, by=receptionist)


def letters(appointment):
    """(method, sequence, status, start) of every letter about an appointment, after one more look whether to write."""
    mail_appointment(appointment.pk)
    return [_told(letter) for letter in mail.outbox]


def _told(letter):
    part = letter.attachments[0]
    event = Calendar.from_ical(part.get_payload(decode=True)).walk("VEVENT")[0]
    start = event.decoded("dtstart").astimezone(at(9).tzinfo)
    return part.get_param("method"), event["sequence"], str(event["status"]), f"{start:%d %H:%M}"


def test_each_change_is_told_once_with_its_number(booked, receptionist):
    assert letters(booked) == letters(booked) == [("REQUEST", 1, "CONFIRMED", "09 09:00")]

    move_appointment(booked, {"starts_at": at(11, day=9), "ends_at": at(11, 20, day=9)}, version=1, by=receptionist)
    assert letters(booked)[1:] == [("REQUEST", 2, "CONFIRMED", "09 11:00")]

    cancelled = cancel_appointment(booked, reason="ILLNESS", by=receptionist)
    assert letters(booked)[2:] == [("CANCEL", 3, "CANCELLED", "09 11:00")]

    undo_change(cancelled.event, by=receptionist)
    assert letters(booked)[3:] == [("REQUEST", 4, "CONFIRMED", "09 11:00")]
    assert len({letter.attachments[0].get_payload(decode=True).count(b"UID") for letter in mail.outbox}) == 1


def test_two_quick_changes_are_one_letter(booked, receptionist):
    move_appointment(booked, {"starts_at": at(11, day=9), "ends_at": at(11, 20, day=9)}, version=1, by=receptionist)
    confirm_appointment(booked, by=receptionist)

    assert letters(booked) == letters(booked) == [("REQUEST", 3, "CONFIRMED", "09 11:00")]


def test_of_what_they_never_heard_of_they_hear_no_cancellation(booked, receptionist):
    cancel_appointment(booked, reason="MISTAKE", by=receptionist)

    assert letters(booked) == []


@pytest.mark.parametrize("facts", [{"wants_mail": False}, {"contact_email": ""}])
def test_who_wants_no_mail_or_has_no_address_gets_none(booked, facts):
    Appointment.objects.filter(pk=booked.pk).update(**facts)

    assert letters(booked) == []


def test_a_letter_that_could_not_go_is_tried_again(booked, monkeypatch):
    def refuse(*_args, **_kwargs):
        raise OSError("no connection")

    monkeypatch.setattr("patients.mailing.send_mail", refuse)
    with pytest.raises(OSError), transaction.atomic():
        mail_appointment(booked.pk)
    monkeypatch.undo()

    assert len(letters(booked)) == 1


def test_the_letter_speaks_their_language_and_not_of_what_it_is_for(booked):
    Appointment.objects.filter(pk=booked.pk).update(mail_language="es")

    letters(booked)

    (letter,) = mail.outbox
    said = letter.body + letter.alternatives[0][0] + letter.attachments[0].get_payload(decode=True).decode()
    assert "miércoles" in said and "Downtown" in said
    assert "Adjustment" not in said


def test_the_file_tells_the_same_moment_on_both_sides_of_a_change_of_clocks(location):
    nine = [at(9).replace(month=3, day=day) for day in (7, 8)]
    rows = [AppointmentFactory(location=location, starts_at=each, ends_at=each + timedelta(hours=1)) for each in nine]

    starts = [line for each in rows for line in appointment_file(each).decode().split() if "DTSTART" in line]

    assert starts == ["DTSTART:20260307T140000Z", "DTSTART:20260308T130000Z"]
