from datetime import date, timedelta

import pytest

from clinics.tenancy import clinic_scope
from patients.emr.applying import apply_resources
from patients.emr.runs import start_run
from patients.emr.sources import Source
from patients.models import EmrConnection


@pytest.fixture
def connection(clinic):
    return EmrConnection.objects.create(name="Epic", system="EPIC", base_url="https://fhir.example/r4")


@pytest.fixture
def take(clinic, connection, owner):
    """take(*resources, **options): apply them as one batch of a run; the run, with its counts."""

    def apply(*resources, source=None, **options):
        with clinic_scope(clinic):
            run = start_run("INCREMENT", by=owner, connection=connection)
            apply_resources(source or Source.of(connection), run, resources, by=owner, **options)
        return run

    return apply


def counts(run):
    """What became of the resources of a run, without what did not occur."""
    names = ("taken", "changed", "unchanged", "refused", "waiting", "left_out")
    return {name: number for name in names if (number := getattr(run, f"{name}_count"))}


def patient(external_id="p1", *, given="Ana", family="Vega", born="2010-03-04", phone="", email="", version="", **more):
    """A FHIR Patient."""
    telecom = [{"system": "phone", "value": phone}] if phone else []
    telecom += [{"system": "email", "value": email}] if email else []
    resource = {
        "resourceType": "Patient",
        "id": external_id,
        "name": [{"use": "official", "family": family, "given": [given]}],
        "birthDate": born,
        "telecom": telecom,
    }
    return _versioned(resource, version) | more


FAMILIES = (
    "Vega", "Moreno", "Katz", "Okafor", "Lindqvist", "Brown", "Ishida", "Petrov", "Haddad", "Ferreira",
    "Nguyen", "Walsh", "Zimmer", "Acosta", "Bergman", "Chaudhry", "Delgado", "Eriksen", "Fontaine", "Gallo",
    "Hurst", "Ivanova", "Jorgensen", "Kimura", "Lombardi", "Mbeki", "Novotny", "Quispe", "Rahman", "Tanaka",
)  # fmt: skip


def crowd(size):
    """Patients p0, p1, ... whom nobody takes for each other; thirty at most."""
    givens = ("Ana", "Luis", "Eva", "Hugo", "Mia", "Omar")
    born = [date(1950, 3, 9) + timedelta(days=431 * number) for number in range(size)]
    return [
        patient(f"p{number}", given=givens[number % 6], family=FAMILIES[number], born=born[number].isoformat())
        for number in range(size)
    ]


def encounter(external_id="e1", *, of="Patient/p1", at="2026-01-15T10:00:00Z", kind="Check", version="", **more):
    """A FHIR Encounter that is over."""
    resource = {
        "resourceType": "Encounter",
        "id": external_id,
        "status": "finished",
        "type": [{"text": kind}],
        "subject": {"reference": of},
        "period": {"start": at},
    }
    return _versioned(resource, version) | more


def appointment(external_id="a1", *, of="Patient/p1", at="2027-01-15T10:00:00Z", status="booked", version="", **more):
    """A FHIR Appointment of half an hour."""
    resource = {
        "resourceType": "Appointment",
        "id": external_id,
        "status": status,
        "start": at,
        "minutesDuration": 30,
        "participant": [{"actor": {"reference": of}, "status": "accepted"}],
    }
    return _versioned(resource, version) | more


def _versioned(resource, version):
    return resource | ({"meta": {"versionId": version}} if version else {})
