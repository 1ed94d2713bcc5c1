from datetime import timedelta

import pytest
from django.utils import timezone

from patients.attendance import cancel_appointment
from patients.emr import outbox
from patients.emr.outbox import plan_write, tell_emrs
from patients.emr.syncing import start_sync
from patients.models import Appointment, EmrConnection, EmrRecord, EmrWrite
from patients.scheduling import book_appointment, move_appointment
from patients.tests.conftest import at
from patients.tests.emr.live.resources import appointment as remote_appointment
from tests.doubles.fhir import outcome


def there(emr):
    return emr.store.of("Appointment")


def state():
    return EmrWrite.objects.values_list("status", flat=True).get()


def methods(emr):
    return [asked.method for asked in emr.asked if asked.path.startswith("/Appointment")]


def test_a_booking_is_made_in_the_emr_once_however_often_it_is_told(react, writable, booked, tell):
    react()
    react()
    tell()
    tell()

    [made] = there(writable)
    assert (made["status"], made["start"], made["minutesDuration"]) == ("booked", "2026-12-07T15:00:00Z", 30)
    assert made["participant"][0]["actor"]["reference"] == "Patient/1"
    booked.refresh_from_db()
    assert (booked.emr_system, booked.external_appointment_id) == ("EPIC", made["id"])
    assert state() == "SENT"
    assert methods(writable) == ["GET", "POST"]


def test_moving_and_cancelling_change_what_was_made(react, writable, booked, tell, receptionist):
    react()
    tell()
    booked.refresh_from_db()

    moved = move_appointment(
        booked, {"starts_at": at(11), "ends_at": at(11, 45)}, version=booked.version, by=receptionist, anyway=True
    )
    react()
    tell()
    [made] = there(writable)
    assert (made["start"], made["minutesDuration"]) == ("2026-12-07T16:00:00Z", 45)

    cancel_appointment(moved, reason="ILLNESS", note="secret", by=receptionist)
    react()
    tell()
    [made] = there(writable)
    assert (made["status"], made["cancelationReason"]) == ("cancelled", {"text": "Illness"})
    assert "secret" not in str(made)
    assert [row["If-Match"] for row in (asked.headers for asked in writable.asked) if "If-Match" in row] == [
        'W/"1"',
        'W/"2"',
    ]


def test_what_was_told_does_not_come_back_as_a_change(react, writable, booked, tell, connection, owner, work):
    react()
    tell()
    before = Appointment.objects.values("version", "updated_at").get()

    run = start_sync(connection, by=owner, is_full=True)
    work(run.job)

    run.refresh_from_db()
    assert (run.changed_count, run.taken_count, run.unchanged_count) == (0, 0, 2)
    assert Appointment.objects.values("version", "updated_at").get() == before
    react()
    assert not EmrWrite.objects.unfinished().exists()


def test_a_booking_that_comes_back_before_its_answer_is_known_to_be_ours(
    react, writable, booked, tell, connection, owner, work, clinic
):
    react()
    taken_in = outbox.note_known
    try:
        outbox.note_known = lambda *arguments, **how: 1 / 0
        with pytest.raises(ZeroDivisionError):
            tell()
    finally:
        outbox.note_known = taken_in
    assert len(there(writable)) == 1

    work(start_sync(connection, by=owner, is_full=True).job)

    assert Appointment.objects.count() == 1
    assert EmrRecord.objects.get(resource_type="Appointment").appointment_id == booked.pk
    tell()
    assert state() == "SENT"
    assert methods(writable).count("POST") == 1


def test_an_answer_that_never_came_is_looked_up_before_anything_is_sent_again(
    react, writable, booked, tell, monkeypatch
):
    react()
    respond = writable.respond

    def accepts_and_breaks_off(asked):
        answer = respond(asked)
        if asked.method == "POST" and asked.path == "/Appointment":
            writable.respond = respond
            return 504, outcome("timeout", "No answer.")
        return answer

    writable.respond = accepts_and_breaks_off
    tell()
    assert state() == "UNKNOWN"
    assert EmrWrite.objects.get().due_at >= timezone.now() + timedelta(minutes=2)

    tell()

    assert state() == "SENT"
    assert len(there(writable)) == 1
    assert methods(writable).count("POST") == 1


def test_what_the_emr_booked_itself_is_changed_there_when_it_is_changed_here(
    react, writable, known, tell, connection, owner, work, receptionist
):
    writable.store.put(remote_appointment("a1", "1"), updated=timezone.now())
    work(start_sync(connection, by=owner).job)
    booked = Appointment.objects.get()
    react()
    assert not EmrWrite.objects.exists()  # what it said itself is not told back

    cancel_appointment(booked, reason="PATIENT", note="", by=receptionist)
    react()
    tell()

    assert writable.store.get("Appointment", "a1")["status"] == "cancelled"


def test_nothing_is_told_where_writing_is_not_allowed_or_nobody_is_known(
    react, writable, booked, provider, receptionist
):
    EmrConnection.objects.update(may_write=False)
    react()
    EmrConnection.objects.update(may_write=True)
    values = {"contact_name": "Somebody", "provider": provider, "starts_at": at(15), "duration_minutes": 30}
    assert plan_write(book_appointment(values, by=receptionist, anyway=True)) == 0

    assert not EmrWrite.objects.exists()


def test_what_is_booked_while_a_connection_is_paused_waits_until_it_is_resumed(react, writable, booked, clinic):
    EmrConnection.objects.update(is_active=False)
    react()
    assert tell_emrs(clinic) == 0
    assert state() == "PENDING"

    EmrConnection.objects.update(is_active=True)

    assert tell_emrs(clinic) == 1
    assert state() == "SENT"


def test_a_cancelled_booking_that_was_never_told_is_not_made_there(react, writable, booked, tell, receptionist):
    react()
    cancel_appointment(booked, reason="MISTAKE", note="", by=receptionist)
    react()

    tell()

    assert there(writable) == []
    assert state() == "SENT"
