import pytest
from django.utils import timezone

from clinics.models import StaffNotification
from patients.emr import outbox
from patients.emr.outbox import send_again, tell_emrs
from patients.emr.reviewing import decide
from patients.models import EmrConnection, EmrIssue, EmrWrite
from patients.scheduling import move_appointment
from patients.tests.conftest import at
from tests.doubles.fhir import BROKEN, CUT_OFF, outcome, too_many


def there(emr):
    return emr.store.of("Appointment")


def state():
    return EmrWrite.objects.values_list("status", flat=True).get()


def methods(emr):
    return [asked.method for asked in emr.asked if asked.path.startswith("/Appointment")]


def test_a_row_that_a_worker_holds_is_left_alone_until_its_lease_ends(react, writable, booked, clinic):
    react()
    EmrWrite.objects.update(status="SENDING", attempts=1, due_at=timezone.now() + outbox.LEASE)

    assert tell_emrs(clinic) == 0
    EmrWrite.objects.update(due_at=timezone.now())
    assert tell_emrs(clinic) == 1
    assert state() == "SENT"


def test_what_changed_while_it_was_sent_is_sent_next(react, writable, booked, tell, receptionist, monkeypatch):
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


def test_a_change_on_both_sides_waits_for_a_person_whose_answer_is_told_by_itself(
    react, writable, booked, tell, receptionist, owner
):
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

    decide([issue], "ours", by=owner)
    tell()
    assert state() == "SENT"
    assert there(writable)[0]["start"] == "2026-12-07T17:00:00Z"


def test_where_recare_wins_ours_is_written_over_theirs(react, writable, booked, tell, receptionist):
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
    react, writable, booked, tell, receptionist
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
def test_trouble_that_may_pass_is_tried_again_later(react, writable, booked, tell, fault, status, monkeypatch):
    monkeypatch.setattr("patients.emr.client._backoff", lambda attempt: 0)
    react()
    writable.fail(*[fault] * 8)

    tell()
    assert state() == status
    writable.faults.clear()
    tell()

    assert state() == "SENT"
    assert len(there(writable)) == 1


def test_what_the_emr_does_not_accept_is_shown_told_to_admins_and_can_be_sent_again(
    react, writable, booked, tell, owner
):
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
