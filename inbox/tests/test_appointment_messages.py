"""Whoever comes learns how their appointment stands, and is reminded of it, by the outbox like everybody else."""

import pytest
from django.core.files.storage import default_storage
from icalendar import Calendar

from crm.tests.factories import LeadFactory
from inbox.appointment_messages import follow_visitor, plan_reminders, tell_of_appointment
from inbox.channels.contract import Enclosure, Outgoing
from inbox.channels.email.adapter import letter_of
from inbox.claiming import claim_due
from inbox.consent import opt_out
from inbox.conversations import conversation_with
from inbox.models import (
    AppointmentNotice,
    Carrier,
    Channel,
    ConsentSource,
    InboxSettings,
    MessageStatus,
    Purpose,
    UnifiedMessage,
)
from inbox.tests.factories import ChannelAccountFactory
from patients.attendance import cancel_appointment, confirm_appointment, undo_change
from patients.models import Appointment
from patients.scheduling import book_appointment, move_appointment
from patients.tests.conftest import adjustment, at, location, now, provider  # noqa: F401
from patients.tests.factories import PatientFactory

pytestmark = pytest.mark.usefixtures("now", "accounts")


@pytest.fixture
def accounts(clinic):
    return [
        ChannelAccountFactory(channel=Channel.EMAIL, address="desk@clinic.example", is_default=True),
        ChannelAccountFactory(channel=Channel.SMS, address="+13125550100", is_default=True),
    ]


@pytest.fixture
def booked(provider, location, adjustment, receptionist):  # noqa: F811
    values = {"contact_name": "Ana Vega", "contact_email": "ana@example.com", "wants_mail": True, "type": adjustment}
    return book_appointment(values | {"starts_at": at(9, day=9), "provider": provider}, by=receptionist)


def told(appointment):
    """What they are told once a worker has looked: (status, method, sequence, status there, start) of each letter."""
    tell_of_appointment(appointment.pk)
    rows = UnifiedMessage.objects.filter(notices__appointment=appointment).order_by("pk")
    return [_told(message) for message in rows]


def _told(message):
    file = message.attachments.get()
    with default_storage.open(file.stored_as) as kept:
        event = Calendar.from_ical(kept.read()).walk("VEVENT")[0]
    start = event.decoded("dtstart").astimezone(at(9).tzinfo)
    method = file.content_type.partition("=")[2]
    return message.status, method, event["sequence"], str(event["status"]), f"{start:%d %H:%M}"


def go():
    """What waits has gone, as far as the rest is concerned."""
    UnifiedMessage.objects.filter(status=MessageStatus.PLANNED).update(status=MessageStatus.SENT)


def test_each_change_is_told_once_with_its_number(booked, receptionist):
    assert told(booked) == told(booked) == [("PLANNED", "REQUEST", 1, "CONFIRMED", "09 09:00")]
    go()

    move_appointment(booked, {"starts_at": at(11, day=9), "ends_at": at(11, 20, day=9)}, version=1, by=receptionist)
    assert told(booked)[1:] == [("PLANNED", "REQUEST", 2, "CONFIRMED", "09 11:00")]
    go()

    cancelled = cancel_appointment(booked, reason="ILLNESS", by=receptionist)
    assert told(booked)[2:] == [("PLANNED", "CANCEL", 3, "CANCELLED", "09 11:00")]
    go()

    undo_change(cancelled.event, by=receptionist)
    assert told(booked)[3:] == [("PLANNED", "REQUEST", 4, "CONFIRMED", "09 11:00")]


def test_what_has_not_gone_is_taken_back_when_it_is_told_anew(booked, receptionist):
    tell_of_appointment(booked.pk)
    confirm_appointment(booked, by=receptionist)

    assert [(row[0], row[2]) for row in told(booked)] == [("CANCELLED", 1), ("PLANNED", 2)]

    cancel_appointment(booked, reason="MISTAKE", by=receptionist)  # and of what they never heard of, nothing is told

    assert [row[0] for row in told(booked)] == ["CANCELLED", "CANCELLED"]


@pytest.mark.parametrize("facts", [{"wants_mail": False}, {"contact_email": ""}])
def test_who_wants_no_word_or_has_no_address_gets_none(booked, facts):
    Appointment.objects.filter(pk=booked.pk).update(**facts)

    assert told(booked) == []


def test_the_letter_speaks_their_language_names_their_page_and_not_what_it_is_for(booked, settings):
    settings.BASE_URL = "https://desk.example"
    Appointment.objects.filter(pk=booked.pk).update(mail_language="es", visitor_token="t" * 43)

    message = tell_of_appointment(booked.pk)

    assert (message.purpose, message.is_automatic, message.address) == (Purpose.CARE, True, "ana@example.com")
    assert "miércoles" in message.text and "Downtown" in message.html
    assert f"https://desk.example/b/visit/{'t' * 43}/" in message.text
    assert "https://desk.example/p/" in message.html
    assert "Adjustment" not in message.text + message.html + message.subject
    assert message.conversation.unknown_address == "ana@example.com"


def test_who_prefers_texts_gets_one_and_a_real_account_before_a_pretended_one(booked, accounts):
    patient = PatientFactory(first_name="Iris", phone="+13125550101", phone_e164="+13125550101", email="i@example.com")
    Appointment.objects.filter(pk=booked.pk).update(patient=patient)

    message = tell_of_appointment(booked.pk)
    assert (message.channel, message.conversation) == (Channel.SMS, conversation_with(patient))
    assert message.text.startswith(f"{booked.clinic.name}: Your appointment is booked. Wednesday, December 9, 2026")

    ChannelAccountFactory(channel=Channel.EMAIL, carrier=Carrier.MAIL, address="front@clinic.example")
    Appointment.objects.filter(pk=booked.pk).update(version=2)
    message = tell_of_appointment(booked.pk)
    assert (message.channel, message.account.carrier) == (Channel.EMAIL, Carrier.MAIL)

    opt_out(Channel.EMAIL, "i@example.com", source=ConsentSource.PHONE)
    Appointment.objects.filter(pk=booked.pk).update(version=3)
    assert tell_of_appointment(booked.pk).channel == Channel.SMS


def test_a_reminder_is_planned_once_for_a_time_and_taken_back_when_it_changes(booked, receptionist):
    InboxSettings.objects.create(remind_hours_before=24, remind_again_hours_before=2)
    tell_of_appointment(booked.pk)
    go()

    def planned(moment):
        plan_reminders(moment)
        plan_reminders(moment)
        notices = AppointmentNotice.objects.filter(kind="REMINDER").select_related("message").order_by("pk")
        return [(each.hours_before, each.message.status, each.message.not_before) for each in notices]

    assert planned(at(7, day=8)) == []
    day_before = (24, "PLANNED", at(9, day=8))
    assert planned(at(8, 30, day=8)) == [day_before]
    assert planned(at(6, 10, day=9)) == [day_before, (2, "PLANNED", at(7, day=9))]

    booked.refresh_from_db()
    later = {"starts_at": at(11, day=9), "ends_at": at(11, 20, day=9)}
    move_appointment(booked, later, version=booked.version, by=receptionist)
    tell_of_appointment(booked.pk)

    taken_back = [(24, "CANCELLED", at(9, day=8)), (2, "CANCELLED", at(7, day=9))]
    assert planned(at(8, 10, day=9)) == [*taken_back, (24, "PLANNED", at(11, day=8)), (2, "PLANNED", at(9, day=9))]


def test_nobody_is_reminded_who_booked_just_now_or_waits_for_a_word_or_where_the_clinic_does_not(booked):
    assert plan_reminders(at(8, 30, day=8)) == 0

    InboxSettings.objects.create(remind_hours_before=24)
    Appointment.objects.filter(pk=booked.pk).update(requested_at=at(7))
    assert plan_reminders(at(8, 30, day=8)) == 0

    Appointment.objects.filter(pk=booked.pk).update(requested_at=None, created_at=at(10, day=8))
    assert plan_reminders(at(11, day=8)) == 0


def test_a_message_about_a_time_that_is_given_up_does_not_go_even_if_nobody_took_it_back(booked, clinic):
    message = tell_of_appointment(booked.pk)
    Appointment.objects.filter(pk=booked.pk).update(starts_at=at(11, day=9), ends_at=at(11, 20, day=9))

    assert claim_due(clinic)[0] == []

    message.refresh_from_db()
    assert (message.status, message.reason) == (MessageStatus.SUPPRESSED, "appointment_changed")


def test_what_a_visitor_was_told_stands_with_the_lead_they_become(booked):
    message = tell_of_appointment(booked.pk)
    lead = LeadFactory(first_name="Ana", email="ana@example.com", consultation=booked)

    assert (follow_visitor(booked.pk), follow_visitor(booked.pk)) == (1, 0)

    message.refresh_from_db()
    assert message.conversation.lead == lead


def test_the_file_of_a_letter_says_what_a_calendar_is_to_do_with_it(booked, accounts):
    file = Enclosure("appointment.ics", "text/calendar; method=CANCEL", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "")
    letter = letter_of(accounts[0], Outgoing("1", "desk@clinic.example", "a@example.com", "Hello", enclosures=(file,)))

    (part,) = letter.message().get_payload()[1:]
    assert (part.get_content_type(), part.get_param("method")) == ("text/calendar", "CANCEL")
    assert part.get_filename() == "appointment.ics"
