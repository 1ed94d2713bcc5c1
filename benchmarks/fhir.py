"""What an EMR says, taken in: 1,000 patients with 20,000 encounters as NDJSON, beside parsing and copying the same."""

import json
import random
import time
import tracemalloc
from datetime import UTC, datetime, timedelta
from itertools import islice

from django.db import connection, transaction
from django.utils import timezone

from benchmarks.bulk import BulkCases
from benchmarks.timing import Result, Timing
from clinics.copying import copy_in
from clinics.models import ClinicUser, Role
from clinics.tenancy import clinic_scope
from patients.emr.applying import BATCH, apply_resources
from patients.emr.runs import start_run
from patients.emr.sources import Source
from patients.models import EmrConnection, EmrRecord, Patient, Visit, VisitSource

PATIENTS, ENCOUNTERS, SEED = 1000, 20_000, 7
MOST_TIMES, LEAST_A_SECOND, MOST_MEGABYTES = 10, 1500, 64
GIVEN = ("Ana", "Luis", "Eva", "Hugo", "Mia", "Leo", "Nora", "Iris", "Omar", "Zoe", "Ruth", "Ivan", "Lena", "Paul")
FAMILY = ("Vega", "Mora", "Rios", "Lang", "Kim", "Ortiz", "Diaz", "Weber", "Novak", "Silva", "Costa", "Park", "Reyes")
KNOWN = {"versionId": "1", "lastUpdated": "2026-01-01T00:00:00Z"}


class FhirCases(BulkCases):
    """One more case: a full load of an EMR, into a connection that is taken away again."""

    def fhir_import(self):
        """Apply all of it twice: the second time nothing may change."""
        lines = [json.dumps(resource) for resource in resources()]
        floor = self._floor(lines)
        took, peak, first = self._load(lines)
        _again, _peak, second = self._load(lines, connection=first.connection)
        rate, ratio = len(lines) / took, took / floor
        unchanged = second.unchanged_count
        self._take_away(first.connection)
        passed = ratio <= MOST_TIMES and rate >= LEAST_A_SECOND and peak <= MOST_MEGABYTES and unchanged == len(lines)
        target = f"≤ {MOST_TIMES} times the floor, ≥ {LEAST_A_SECOND} a second, ≤ {MOST_MEGABYTES} MB, again: no change"
        name = f"fhir, {rate:.0f} a second, {peak:.0f} MB"
        yield Result(name, _timing(took), target, passed, floor=_timing(floor))

    def _load(self, lines, connection=None):
        """(seconds, megabytes at most, the run) of applying the lines batch by batch."""
        with clinic_scope(self.clinic):
            by = ClinicUser.objects.filter(role=Role.CLINIC_ADMIN).first()
            name = f"Measured {time.time_ns()}"
            connection = connection or EmrConnection.objects.create(name=name, system="OTHER", base_url="https://emr")
            run = start_run("FULL", by=by, connection=connection)
        tracemalloc.start()
        started, todo = time.perf_counter(), iter(lines)
        while batch := list(islice(todo, BATCH)):
            with clinic_scope(self.clinic):
                apply_resources(Source.of(connection), run, map(json.loads, batch), by=by)
                if tracemalloc.is_tracing() and run.seen_count >= 4 * BATCH:
                    peak = tracemalloc.get_traced_memory()[1] / 1024 / 1024
                    tracemalloc.stop()  # looking at memory takes time of its own: a few batches tell enough
                    started, measured = time.perf_counter(), run.seen_count
        took = (time.perf_counter() - started) * len(lines) / (len(lines) - measured)
        return took, peak, run

    def _floor(self, lines):
        """Seconds for parsing the lines and copying the rows that they become, in one transaction, taken back."""
        with clinic_scope(self.clinic), transaction.atomic():
            started = time.perf_counter()
            parsed = [json.loads(line) for line in lines]
            people = {each["id"]: _patient(each) for each in parsed if each["resourceType"] == "Patient"}
            visits = [_visit(each, people) for each in parsed if each["resourceType"] == "Encounter"]
            records = [_record(each) for each in parsed]
            for model, rows in ((Patient, people.values()), (Visit, visits), (EmrRecord, records)):
                copy_in(model, rows)
            took = time.perf_counter() - started
            transaction.set_rollback(True)
        return took

    def _take_away(self, emr):
        with clinic_scope(self.clinic):
            records = EmrRecord.objects.of_source(emr)
            people = list(records.filter(resource_type="Patient").values_list("patient_id", flat=True))
            Visit.objects.filter(patient_id__in=people).delete()
            emr.delete()
            Patient.objects.filter(pk__in=people).delete()
        connection.close()


def resources():
    """The seeded load: patients first, then their encounters in no order."""
    dice = random.Random(SEED)  # noqa: S311 - a draw that is the same each time
    for number in range(PATIENTS):
        family = dice.choice(FAMILY) + dice.choice(FAMILY).lower()
        phone = f"+1 212 {dice.randrange(200, 999)} {dice.randrange(10**4):04d}"
        street = f"{dice.randrange(9999)} {dice.choice(FAMILY)}{dice.choice(GIVEN).lower()} St"
        city, code = f"{dice.choice(FAMILY)}ville", f"{dice.randrange(10**5):05d}"
        born = datetime(1940, 1, 1, tzinfo=UTC) + timedelta(days=dice.randrange(28_000))
        yield {
            "resourceType": "Patient",
            "id": f"p{number}",
            "meta": KNOWN,
            "active": True,
            "name": [
                {
                    "use": "official",
                    "family": family,
                    "given": [dice.choice(GIVEN)],
                }
            ],
            "telecom": [
                {
                    "system": "phone",
                    "use": "mobile",
                    "value": phone,
                },
                {"system": "email", "value": f"person{number}@example.com"},
            ],
            "gender": dice.choice(["female", "male"]),
            "birthDate": born.date().isoformat(),
            "address": [
                {
                    "use": "home",
                    "line": [street],
                    "city": city,
                    "postalCode": code,
                }
            ],
        }
    for number in range(ENCOUNTERS):
        begins = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=dice.randrange(3_000_000))
        yield {
            "resourceType": "Encounter",
            "id": f"e{number}",
            "meta": KNOWN,
            "status": "finished",
            "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
            "type": [{"coding": [{"system": "http://snomed.info/sct", "code": "185349003"}], "text": "Check-up"}],
            "subject": {"reference": f"Patient/p{dice.randrange(PATIENTS)}"},
            "participant": [{"individual": {"display": "Dr. Careful"}}],
            "period": {"start": begins.isoformat(), "end": (begins + timedelta(minutes=30)).isoformat()},
        }


def _timing(seconds):
    return Timing(seconds * 1000, seconds * 1000, 1)


def _patient(resource):
    name = resource["name"][0]
    return Patient(first_name=name["given"][0], last_name=name["family"], phone=resource["telecom"][0]["value"])


def _visit(resource, people):
    begins = datetime.fromisoformat(resource["period"]["start"])
    return Visit(patient=people[resource["subject"]["reference"][8:]], visit_date=begins, source=VisitSource.EMR)


def _record(resource):
    updated = timezone.now()
    return EmrRecord(
        resource_type=resource["resourceType"], external_id=resource["id"], digest="0" * 64, last_updated=updated
    )
