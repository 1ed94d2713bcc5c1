"""Workers that are killed while they read an EMR or tell it something: nothing is lost, and nothing done twice."""

import os
import random
import signal
from datetime import timedelta

import pytest
from django.utils import timezone

from clinics.jobs import SILENT_AFTER, run_job
from clinics.models import BackgroundJob, Role
from clinics.tenancy import clinic_scope
from clinics.tests.factories import ClinicFactory, ClinicUserFactory
from patients.emr.connections import connect_emr, resume_emr
from patients.emr.keys import published_keys
from patients.emr.outbox import plan_write, tell_emrs
from patients.emr.syncing import start_sync
from patients.models import Appointment, EmrConnection, EmrRecord, EmrRun, EmrWrite, Patient, Visit
from patients.scheduling import book_appointment
from patients.tests.emr.live.resources import appointment, encounter, patient
from tests.doubles.fhir import FhirDouble
from tests.doubles.fhir_login import TokenDesk
from tests.drills.dying import run_worker

IS_FULL = bool(os.environ.get("DRILL_FULL"))
PEOPLE = 60 if IS_FULL else 6
DEATHS = 25 if IS_FULL else 3
READING, TELLING = ("asked", "applied", "kept"), ("claimed", "told", "settling")


@pytest.fixture
def emr(settings):
    """An EMR that this process runs, and others reach by HTTP: everybody was there once and comes once more."""
    settings.LOCAL = True
    with FhirDouble(desk=TokenDesk(jwks=lambda: {"keys": []})) as double:
        for number in range(PEOPLE):
            double.store.put(patient(str(number)))
            double.store.put(encounter(f"e{number}", str(number)))
            start = (timezone.now() + timedelta(days=2, hours=number)).replace(microsecond=0)
            times = {"start": start.isoformat(), "end": (start + timedelta(minutes=30)).isoformat()}
            double.store.put(appointment(f"a{number}", str(number), **times))
        yield double


@pytest.fixture
def world(transactional_db, emr, monkeypatch):
    """A clinic that is committed, and its connection to the EMR. Nobody is woken: each worker is started here."""
    monkeypatch.setattr("clinics.background._start", lambda *task: None)
    clinic = ClinicFactory(name="Drill Dental", slug="drill")
    with clinic_scope(clinic):
        admin = ClinicUserFactory(role=Role.CLINIC_ADMIN)
        values = {"name": "EMR", "system": "OTHER", "base_url": emr.url, "client_id": "recare-test", "may_write": True}
        connected = connect_emr(values, by=admin)
        EmrConnection.objects.update(system="EPIC")
        keys = published_keys(connected)
        emr.desk.jwks = lambda: keys
        connected = resume_emr(connected, by=admin)
    return clinic, connected, admin


def kill(clinic, job_id, point, number):
    """Let a worker of its own process work until it is killed at a point; whether it came so far."""
    ended = run_worker("tests.drills.emr_link_worker", clinic.pk, job_id, point, number)
    assert ended.returncode in (0, -signal.SIGKILL), ended.stderr[-2000:]
    return ended.returncode != 0


def let_leases_end(clinic):
    with clinic_scope(clinic):
        silent = timezone.now() - SILENT_AFTER - timedelta(seconds=1)
        BackgroundJob.objects.filter(status="RUNNING").update(heartbeat_at=silent)
        # A job that is killed five times is given up on purpose; here it is killed as often as the drill wants.
        BackgroundJob.objects.filter(status="RUNNING", attempts__gt=3).update(attempts=1)
        EmrWrite.objects.filter(due_at__isnull=False).update(due_at=timezone.now())


def test_a_reading_that_is_killed_again_and_again_brings_everything_once(world, emr, record_property):
    clinic, connected, admin = world
    chance, deaths = random.Random(11), 0
    with clinic_scope(clinic):
        run = start_sync(connected, by=admin)
    for turn in range(DEATHS):
        deaths += kill(clinic, run.job_id, READING[turn % len(READING)], chance.randint(2, 4))
        let_leases_end(clinic)

    run_job(clinic, run.job_id)

    with clinic_scope(clinic):
        run = EmrRun.objects.select_related("job").get()
        found = {
            "patients": Patient.objects.count(),
            "visits": Visit.objects.count(),
            "appointments": Appointment.objects.count(),
            "records": EmrRecord.objects.count(),
            "taken": run.taken_count,
            "counted": run.seen_count,
            "run": run.status,
        }
    record_property("drill", f"reading an EMR: {deaths} workers killed: {found}")
    assert deaths == DEATHS
    assert found == {
        "patients": PEOPLE,
        "visits": PEOPLE,
        "appointments": PEOPLE,
        "records": 3 * PEOPLE,
        "taken": 3 * PEOPLE,
        "counted": 3 * PEOPLE,
        "run": "DONE",
    }


def test_a_booking_whose_worker_is_killed_is_made_in_the_emr_once(world, emr, record_property):
    clinic, connected, admin = world
    with clinic_scope(clinic):
        run = start_sync(connected, by=admin)
    run_job(clinic, run.job_id)
    there = len(emr.store.of("Appointment"))
    with clinic_scope(clinic):
        for number, known in enumerate(Patient.objects.order_by("pk")[:DEATHS]):
            starts_at = timezone.now() + timedelta(days=9, hours=number)
            values = {"patient": known, "starts_at": starts_at, "duration_minutes": 30}
            plan_write(book_appointment(values, by=admin, anyway=True))
    deaths = 0
    for turn in range(DEATHS):
        deaths += kill(clinic, "-", TELLING[turn % len(TELLING)], 1)
        let_leases_end(clinic)

    while tell_emrs(clinic):
        let_leases_end(clinic)

    with clinic_scope(clinic):
        made = emr.store.of("Appointment")[there:]
        names = [row["identifier"][0]["value"] for row in made]
        found = {
            "made": len(made),
            "named": len(set(names)),
            "sent": EmrWrite.objects.filter(status="SENT").count(),
            "linked": Appointment.objects.filter(external_appointment_id__in=[row["id"] for row in made]).count(),
        }
    record_property("drill", f"telling an EMR: {deaths} workers killed: {found}")
    assert deaths >= min(DEATHS, len(TELLING))
    assert found == {"made": DEATHS, "named": DEATHS, "sent": DEATHS, "linked": DEATHS}
