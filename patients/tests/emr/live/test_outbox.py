from datetime import timedelta

import pytest
from django.utils import timezone

from clinics.models import AuditLog, StaffNotification
from patients.attendance import cancel_appointment
from patients.emr import outbox
from patients.emr.outbox import plan_write, send_again, tell_emrs
from patients.emr.syncing import start_sync
from patients.models import Appointment, EmrConnection, EmrIssue, EmrRecord, EmrWrite, Patient
from patients.scheduling import book_appointment, move_appointment
from patients.tasks import note_for_emrs
from patients.tests.conftest import at
from patients.tests.emr.live.resources import appointment as remote_appointment
from patients.tests.emr.live.resources import patient
from tests.doubles.fhir import BROKEN, CUT_OFF, outcome, too_many


@pytest.fixture
def writable(emr, connection, work, owner, now):
    """An EMR that may be written to, and knows one patient, who is here, too."""
    emr.store.put(patient("1"))
    EmrConnection.objects.update(may_write=True)
    work(start_sync(connection, by=owner).job)
    emr.asked.clear()
    return emr


@pytest.fixture
def known(writable):
    return Patient.objects.get()


@pytest.fixture
def booked(known, provider, receptionist):
    """A booking for the patient whom the EMR knows."""
    values = {"patient": known, "provider": provider, "starts_at": at(10), "duration_minutes": 30}
    return book_appointment(values, by=receptionist, anyway=True)


def react():
    """Run what the last event of an appointment asks for."""
    event = AuditLog.objects.filter(action__startswith="patients.appointment.").order_by("-pk").first()
    note_for_emrs.run(event.clinic, event.pk)


@pytest.fixture
def tell(clinic):
    def run():
        EmrWrite.objects.filter(due_at__isnull=False).update(due_at=timezone.now())
        return tell_emrs(clinic)

    return run


def there(emr):
    return emr.store.of("Appointment")


def state():
    return EmrWrite.objects.values_list("status", flat=True).get()


def methods(emr):
    return [asked.method for asked in emr.asked if asked.path.startswith("/Appointment")]


def test_a_booking_is_made_in_the_emr_once_however_often_it_is_told(writable, booked, tell):
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


def test_moving_and_cancelling_change_what_was_made(writable, booked, tell, receptionist):
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


def test_what_was_told_does_not_come_back_as_a_change(writable, booked, tell, connection, owner, work):
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
    writable, booked, tell, connection, owner, work, clinic
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


def test_an_answer_that_never_came_is_looked_up_before_anything_is_sent_again(writable, booked, tell, monkeypatch):
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


def test_a_row_that_a_worker_holds_is_left_alone_until_its_lease_ends(writable, booked, clinic):
    react()
    EmrWrite.objects.update(status="SENDING", attempts=1, due_at=timezone.now() + outbox.LEASE)

    assert tell_emrs(clinic) == 0
    EmrWrite.objects.update(due_at=timezone.now())
    assert tell_emrs(clinic) == 1
    assert state() == "SENT"


def test_what_changed_while_it_was_sent_is_sent_next(writable, booked, tell, receptionist, monkeypatch):
    react()
    exchange = outbox._exchange

    def move_meanwhile(*arguments):
        answer = exchange(*arguments)
        monkeypatch.setattr(outbox, "_exchange", exchange)
        values = {"starts_at": at(12), "ends_at": at(12, 30)}
        move_appointment(booked, values, version=1, by=receptionist, anyway=True)
        react()
        return answer

    monkeypatch.setattr(outbox, "_exchange", move_meanwhile)
    tell()
    assert state() == "PENDING"
    tell()

    assert there(writable)[0]["start"] == "2026-12-07T17:00:00Z"
    assert state() == "SENT"


def test_a_change_on_both_sides_waits_for_a_person_and_nothing_is_written_over(writable, booked, tell, receptionist):
    react()
    tell()
    [made] = there(writable)
    writable.store.put(made | {"start": "2026-12-07T20:00:00Z", "end": "2026-12-07T20:30:00Z"})
    booked.refresh_from_db()
    values = {"starts_at": at(12), "ends_at": at(12, 30)}
    move_appointment(booked, values, version=booked.version, by=receptionist, anyway=True)
    react()

    tell()

    assert state() == "CONFLICT"
    assert there(writable)[0]["start"] == "2026-12-07T20:00:00Z"
    issue = EmrIssue.objects.open().get()
    assert (issue.kind, issue.fields) == ("CONFLICT", ["appointment.time"])


def test_where_recare_wins_ours_is_written_over_theirs(writable, booked, tell, receptionist):
    EmrConnection.objects.update(field_policy={"appointment.time": "RECARE"})
    react()
    tell()
    [made] = there(writable)
    writable.store.put(made | {"start": "2026-12-07T20:00:00Z", "end": "2026-12-07T20:30:00Z"})
    booked.refresh_from_db()
    values = {"starts_at": at(12), "ends_at": at(12, 30)}
    move_appointment(booked, values, version=booked.version, by=receptionist, anyway=True)
    react()

    tell()
    tell()

    assert there(writable)[0]["start"] == "2026-12-07T17:00:00Z"
    assert state() == "SENT"


def test_a_change_between_our_look_and_our_write_is_refused_there_and_looked_at_again(
    writable, booked, tell, receptionist
):
    react()
    tell()
    booked.refresh_from_db()
    values = {"starts_at": at(12), "ends_at": at(12, 30)}
    move_appointment(booked, values, version=booked.version, by=receptionist, anyway=True)
    react()
    respond = writable.respond

    def changed(asked):
        if asked.method == "PATCH":
            writable.respond = respond
            return 412, outcome("conflict", "Somebody changed it.")
        return respond(asked)

    writable.respond = changed
    tell()
    assert state() == "PENDING"
    tell()
    assert state() == "SENT"


@pytest.mark.parametrize(("fault", "status"), [(too_many(600), "PENDING"), (CUT_OFF, "UNKNOWN"), (BROKEN, "UNKNOWN")])
def test_trouble_that_may_pass_is_tried_again_later(writable, booked, tell, fault, status, monkeypatch):
    monkeypatch.setattr("patients.emr.client._backoff", lambda attempt: 0)
    react()
    writable.fail(*[fault] * 8)

    tell()
    assert state() == status
    writable.faults.clear()
    tell()

    assert state() == "SENT"
    assert len(there(writable)) == 1


def test_what_the_emr_does_not_accept_is_shown_told_to_admins_and_can_be_sent_again(writable, booked, tell, owner):
    react()
    respond = writable.respond
    writable.respond = lambda asked: (
        (422, outcome("business-rule", "The slot is taken."))
        if asked.method == "POST" and "App" in asked.path
        else respond(asked)
    )
    tell()

    write = EmrWrite.objects.get()
    assert (write.status, "The slot is taken." in write.error, write.due_at) == ("FAILED", True, None)
    assert StaffNotification.objects.filter(kind="emr").count() == 1
    writable.respond = respond
    send_again(write, by=owner)
    tell()
    assert state() == "SENT"


def test_nothing_is_told_where_writing_is_not_allowed_or_nobody_is_known(writable, booked, provider, receptionist):
    EmrConnection.objects.update(may_write=False)
    react()
    EmrConnection.objects.update(may_write=True)
    values = {"contact_name": "Somebody", "provider": provider, "starts_at": at(15), "duration_minutes": 30}
    assert plan_write(book_appointment(values, by=receptionist, anyway=True)) == 0

    assert not EmrWrite.objects.exists()


def test_a_cancelled_booking_that_was_never_told_is_not_made_there(writable, booked, tell, receptionist):
    react()
    cancel_appointment(booked, reason="MISTAKE", note="", by=receptionist)
    react()

    tell()

    assert there(writable) == []
    assert state() == "SENT"


def test_what_the_emr_booked_itself_is_changed_there_when_it_is_changed_here(
    writable, known, tell, connection, owner, work, receptionist
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
