"""What an EMR tells by itself: named once or five times, in any order, or by somebody who is not the EMR."""

import json
import random
from datetime import timedelta

import pytest
from django.utils import timezone

from clinics.models import WebhookConnection, WebhookLog, WebhookSecret
from clinics.webhook_connections import connect_service, run_test, start_test
from clinics.webhook_processing import process_webhooks
from conftest import Browser
from patients.emr.syncing import start_sync
from patients.models import Appointment, EmrConnection, EmrIssue, EmrRun, Patient
from patients.tests.emr.live.resources import appointment, patient
from tests.doubles.fhir import BROKEN, TOO_MANY, merged


@pytest.fixture
def subscription(connection, owner):
    """The address of the EMR's subscription here."""
    settings = {"connection": str(connection.pk)}
    return connect_service("fhir", label="Epic tells", settings=settings, secrets={}, by=owner)


@pytest.fixture
def tell(subscription):
    """tell(body): post as the EMR does; returns the answer."""

    def post(body, token=None):
        token = token or WebhookSecret.objects.get(connection=subscription).value
        headers = {"HTTP_AUTHORIZATION": f"Bearer {token}"}
        return Browser().post(subscription.get_path(), body, content_type="application/fhir+json", **headers)

    return post


@pytest.fixture
def work_off(clinic):
    def work():
        due = list(WebhookLog.objects.due(timezone.now()).values_list("pk", flat=True))
        process_webhooks(clinic, due)

    return work


def statuses():
    return sorted(WebhookLog.objects.values_list("status", flat=True))


def test_what_is_named_is_fetched_and_taken_in(emr, tell, work_off):
    emr.store.put(patient("1"))
    emr.store.put(appointment("a1", "1"))

    answer = tell(emr.notification("Patient/1", "Appointment/a1"))
    work_off()

    assert answer.status_code == 200
    assert (Patient.objects.count(), Appointment.objects.count()) == (1, 1)
    assert statuses() == ["PROCESSED", "PROCESSED"]
    assert WebhookLog.objects.first().source == "EPIC"
    assert EmrRun.objects.filter(kind="HOOK", status="DONE").count() == 2


def test_told_five_times_in_any_order_each_has_its_effect_once(emr, tell, work_off):
    bodies = []
    for number in range(1, 6):
        emr.store.put(patient(str(number)))
        bodies += [emr.notification(f"Patient/{number}", number=number)] * 5
    random.Random(3).shuffle(bodies)

    for body in bodies:
        assert tell(body).status_code == 200
    work_off()

    assert Patient.objects.count() == 5
    assert statuses() == ["PROCESSED"] * 5


def test_an_older_version_that_comes_late_is_no_change(emr, tell, work_off):
    emr.store.put(patient("1", telecom=[{"system": "phone", "value": "+13125550001"}]), version=7)
    tell(emr.notification("Patient/1", number=1))
    work_off()
    emr.store.put(patient("1", telecom=[{"system": "phone", "value": "+13125550999"}]), version=6)

    tell(emr.notification("Patient/1", number=2))
    work_off()

    assert Patient.objects.get().phone_e164 == "+13125550001"


@pytest.mark.parametrize("token", ["wrong", "x" * 5000, "é"])
def test_whoever_has_not_the_token_is_refused_and_nothing_is_kept(emr, tell, token):
    assert tell(emr.notification("Patient/1"), token=token).status_code == 401
    assert not WebhookLog.objects.exists()


def test_a_body_is_not_believed_only_its_name_is_followed(emr, tell, work_off):
    emr.store.put(patient("1"))
    forged = patient("1", name=[{"family": "Forged"}], meta={"versionId": "99"})

    tell(json.dumps(forged))
    work_off()

    assert "Forged" not in Patient.objects.get().last_name


@pytest.mark.parametrize(
    "reference",
    [
        "https://169.254.169.254/Patient/1",
        "http://127.0.0.1:1/Patient/1",
        "https://fhir.epic.com/Patient/1",
        "Patient/../../token",
        "Patient/1?x=y",
        "Binary/1",
        "Patient/",
        "",
    ],
)
def test_a_name_that_leads_elsewhere_is_not_followed(emr, tell, work_off, reference):
    body = json.loads(emr.notification("Patient/1"))
    body["entry"][0]["resource"]["parameter"][2]["part"][1]["valueReference"]["reference"] = reference

    assert tell(json.dumps(body)).status_code == 200
    work_off()

    assert not WebhookLog.objects.exists()
    assert emr.asked == []


@pytest.mark.parametrize("body", [b"[1, 2]", b'"x"', b"{", b"\xff", b"7"])
def test_a_body_that_is_no_notification_is_refused(tell, body):
    assert tell(body).status_code == 400


@pytest.mark.parametrize("kind", ["handshake", "heartbeat"])
def test_a_handshake_and_a_heartbeat_are_answered_and_tell_nothing(emr, tell, kind):
    assert tell(emr.notification(kind=kind)).status_code == 200
    assert not WebhookLog.objects.exists()


def test_a_hook_without_a_body_makes_us_look_for_ourselves(tell, work_off, connection):
    EmrConnection.objects.update(next_sync_at=timezone.now() + timedelta(hours=1))

    tell(b"")
    work_off()

    connection.refresh_from_db()
    assert connection.next_sync_at <= timezone.now()


def test_a_hole_in_the_numbers_makes_us_look_for_what_was_missed(emr, tell, work_off, connection):
    EmrConnection.objects.update(next_sync_at=timezone.now() + timedelta(hours=1))
    emr.store.put(patient("1"))
    for number, is_missed in ((4, False), (5, False), (4, False), (8, True)):
        tell(emr.notification("Patient/1", number=number))
        work_off()
        connection.refresh_from_db()
        assert (connection.next_sync_at <= timezone.now()) == is_missed


def test_what_was_deleted_there_goes_and_a_patient_waits_for_a_person(emr, tell, work_off):
    emr.store.put(patient("1"))
    emr.store.put(appointment("a1", "1"))
    tell(emr.notification("Patient/1", "Appointment/a1", number=1))
    work_off()
    emr.store.delete("Appointment", "a1")
    emr.store.delete("Patient", "1")

    tell(emr.notification("Appointment/a1", "Patient/1", number=3))
    work_off()

    assert Appointment.objects.get().status == "CANCELLED"
    assert Patient.objects.get().deleted_at is None
    assert EmrIssue.objects.open().get().code == "deleted_there"


def test_a_merged_patient_is_told_as_one(emr, tell, work_off):
    for number in "12":
        emr.store.put(patient(number))
        tell(emr.notification(f"Patient/{number}", number=int(number)))
    work_off()
    emr.store.put(merged(patient("1"), "2"))

    tell(emr.notification("Patient/1", number=3))
    work_off()

    assert EmrIssue.objects.open().filter(code="merged_there").exists()


def test_a_busy_or_broken_emr_is_asked_again_and_a_paused_one_waits(emr, tell, work_off, connection, monkeypatch):
    monkeypatch.setattr("patients.emr.client._backoff", lambda attempt: 0)
    emr.store.put(patient("1"))
    emr.fail(BROKEN, *[TOO_MANY] * 12)
    tell(emr.notification("Patient/1"))
    work_off()
    assert statuses() == ["RETRY"]
    emr.faults.clear()
    EmrConnection.objects.update(is_active=False)
    WebhookLog.objects.update(due_at=timezone.now())
    work_off()
    assert statuses() == ["RETRY"]
    assert "paused" in WebhookLog.objects.get().error_message

    EmrConnection.objects.update(is_active=True)
    WebhookLog.objects.update(due_at=timezone.now())
    work_off()

    assert statuses() == ["PROCESSED"]
    assert Patient.objects.count() == 1


def test_the_test_of_a_subscription_says_what_is_missing(subscription, clinic, owner):
    job = start_test(subscription, by=owner)

    checks = run_test(clinic, job)["checks"]

    assert [check["passed"] for check in checks] == [True, True, False]


def test_a_subscription_and_a_run_do_not_double_what_both_tell(emr, tell, work_off, connection, owner, work):
    emr.store.put(patient("1"))
    tell(emr.notification("Patient/1"))
    work(start_sync(connection, by=owner).job)

    work_off()

    assert Patient.objects.count() == 1
    assert WebhookConnection.objects.get().received_count == 1
