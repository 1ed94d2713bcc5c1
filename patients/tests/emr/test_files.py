import gzip
import json
import zipfile
from io import BytesIO
from itertools import islice

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from clinics.jobs import run_job
from clinics.models import Location
from clinics.tables.errors import UnreadableFile
from patients.emr.files import uploading
from patients.emr.files.rules import FileAtWork
from patients.emr.files.uploading import accept_files, map_columns
from patients.emr.files.working import start_check, start_import, stream
from patients.emr.sources import Source
from patients.emr.undoing import start_undo
from patients.models import EmrFile, EmrIssue, EmrRecord, Patient, Provider, Visit
from patients.tests.emr.conftest import counts, encounter, patient
from patients.tests.factories import AppointmentFactory


@pytest.fixture
def upload(clinic, owner):
    """upload(name=bytes or text, ...): an EmrFile of these parts."""

    def accept(**parts):
        files = [
            SimpleUploadedFile(name.replace("__", "."), body if isinstance(body, bytes) else body.encode())
            for name, body in parts.items()
        ]
        return accept_files(clinic, files, by=owner)

    return accept


@pytest.fixture
def work_off(clinic):
    def run(emr_file):
        emr_file.refresh_from_db()
        run_job(clinic, emr_file.job_id)
        emr_file.refresh_from_db()
        emr_file.job.refresh_from_db()
        assert emr_file.job.status == "DONE", emr_file.job.error
        return emr_file

    return run


@pytest.fixture
def bring(upload, work_off, owner):
    """bring(name=bytes): upload, try out and import; the file."""

    def run(**parts):
        emr_file = work_off(start_check(upload(**parts), by=owner))
        return work_off(start_import(emr_file, by=owner))

    return run


def lines(*resources):
    return "\n".join(map(json.dumps, resources))


def result(emr_file):
    return counts(emr_file.runs.get(is_trial=False))


def test_ndjson_is_tried_out_imported_and_changes_nothing_the_second_time(bring):
    text = lines(encounter(), patient(), {"resourceType": "Observation", "id": "o1"})

    first = bring(all__ndjson=gzip.compress(text.encode()))
    second = bring(all__ndjson=text)

    assert result(first) == {"taken": 2, "left_out": 1}
    assert result(second) == {"unchanged": 2, "left_out": 1}
    assert (Patient.objects.count(), Visit.objects.count()) == (1, 1)


def test_a_trial_writes_nothing_and_says_what_would_not_be_taken(upload, work_off, owner):
    text = lines(patient(), encounter(status="planned"), encounter("e2", of="Patient/unknown")) + "\n{broken"

    emr_file = work_off(start_check(upload(x__ndjson=text), by=owner))

    run = emr_file.runs.get()
    assert counts(run) == {"taken": 1, "refused": 2, "waiting": 1}
    assert sorted(run.issues.values_list("code", flat=True)) == ["not_happened", "patient_unknown", "row_unreadable"]
    assert (Patient.objects.count(), EmrRecord.objects.count(), EmrIssue.objects.open().count()) == (0, 0, 0)


def test_a_second_press_is_the_first_and_somebody_else_is_told(upload, owner, receptionist):
    emr_file = upload(x__ndjson=lines(patient()))

    first, again = start_check(emr_file, by=owner), start_check(emr_file, by=owner)

    assert first.job_id == again.job_id
    with pytest.raises(FileAtWork):
        start_check(emr_file, by=receptionist)


def test_a_bundle_is_read_entry_by_entry_and_known_by_its_addresses(bring):
    person = patient()
    del person["id"]
    bundle = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [
            {"fullUrl": "urn:uuid:p1", "resource": person},
            {"fullUrl": "urn:uuid:e1", "resource": encounter(of="urn:uuid:p1")},
            {"request": {"method": "GET"}},
        ],
    }

    emr_file = bring(bundle__json=json.dumps(bundle, indent=1))

    assert result(emr_file) == {"taken": 2, "refused": 1}
    assert Visit.objects.get().patient.external_id == "p1"


def test_a_table_is_mapped_by_its_headings_and_by_hand(bring, upload, owner):
    headings = "Expediente;Nombre;Apellidos;Fecha de nacimiento;Celular;Última visita"
    table = f"{headings}\n7;Ana;Vega;2010-03-04;+1 212 555 0100;2026-01-05\n"
    emr_file = upload(pacientes__csv=table)
    columns = emr_file.parts[0]["columns"]
    assert columns == ["id", "first_name", "last_name", "birth_date", "phone", "visit_date"]

    mapped = map_columns(emr_file, [["id", "first_name", "last_name", "", "", ""]], by=owner)

    assert mapped.recognised == {"Patient": 1}
    assert result(bring(pacientes__csv=table)) == {"taken": 2}
    assert Patient.objects.get().phone_e164 == "+12125550100"


def test_a_table_that_tells_of_refusals_says_that_they_are_not_taken(upload, owner, client_of):
    kept = upload(patients__csv="Id,First name,Last name,DoNotText,Opted in\n7,Ana,Vega,Y,N\n")

    page = client_of(owner).get(kept.get_absolute_url()).content.decode()
    assert "seems to be told by: DoNotText, Opted in." in page


def test_what_a_large_file_holds_is_counted_by_its_trial(upload, work_off, owner, monkeypatch):
    monkeypatch.setattr(uploading, "COUNTED_AT_ONCE", 10)
    kept = upload(x__ndjson=lines(patient(), encounter()))
    assert kept.recognised == {}

    tried = work_off(start_check(kept, by=owner))
    assert tried.recognised == {"Patient": 1, "Encounter": 1}


def test_an_import_is_undone_but_for_what_people_touched(bring, work_off, owner, clinic):
    emr_file = bring(x__ndjson=lines(patient(), patient("p2", given="Luz", family="Mora"), encounter()))

    undone = work_off(start_undo(emr_file, by=owner))

    assert undone.status == "UNDONE"
    assert undone.job.result == {"removed": 3, "restored": 0, "kept": 0}
    assert (Patient.objects.present().count(), Visit.objects.count(), EmrRecord.objects.count()) == (0, 0, 0)
    assert result(bring(x__ndjson=lines(patient(), encounter()))) == {"taken": 2}


def test_undoing_an_import_takes_the_providers_and_locations_that_it_made_unless_they_are_used(bring, work_off, owner):
    people = [{"resourceType": "Practitioner", "id": f"d{n}", "name": [{"family": f"Doctor{n}"}]} for n in (1, 2)]
    place = {"resourceType": "Location", "id": "l1", "name": "Uptown"}
    emr_file = bring(x__ndjson=lines(*people, place, patient(), encounter()))
    used = Provider.objects.get(name__contains="Doctor2")
    AppointmentFactory(provider=used)

    undone = work_off(start_undo(emr_file, by=owner))

    assert list(Provider.objects.all()) == [used]
    assert not Location.objects.filter(name="Uptown").exists()
    assert undone.job.result == {"removed": 4, "restored": 0, "kept": 1}


def zipped(**files):
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in files.items():
            archive.writestr(name.replace("__", "."), body)
    return packed.getvalue()


def test_the_files_of_a_zip_are_taken_and_what_is_none_is_left_out(bring):
    packed = zipped(ana__ndjson=lines(patient()), notes__md="hello", allergies__csv="START,STOP\n1,2\n", luz__csv="x\n")

    emr_file = bring(all__zip=packed, more__json=json.dumps(encounter()))

    assert [part["name"] for part in emr_file.parts] == ["ana.ndjson", "more.json"]
    assert result(emr_file) == {"taken": 2}


@pytest.mark.parametrize(
    ("packed", "why"),
    [
        (lambda: zipped(bomb__ndjson=b" " * (260 << 20)), "far more than it says"),
        (lambda: zipped(notes__md="hello"), "Nothing in this ZIP"),
        (lambda: zipped(x__ndjson="{}")[:40], "damaged"),
    ],
    ids=["bomb", "nothing", "damaged"],
)
def test_a_zip_that_cannot_be_unpacked_says_why_and_nothing_is_kept(upload, packed, why):
    with pytest.raises(UnreadableFile, match=why):
        upload(all__zip=packed())

    assert not EmrFile.objects.exists()


def test_the_examples_of_hl7_load_and_each_that_is_not_taken_says_why(bring, shared):
    folder = shared("fhir")
    parts = {path.name.replace(".", "__"): path.read_bytes() for path in sorted(folder.glob("*.json"))}

    run = bring(**parts).runs.get(is_trial=False)

    reasons = dict(run.issues.values_list("external_id", "code"))
    assert reasons["animal"] == "animal"
    assert reasons["pat3"] == reasons["pat4"] == "has_died"
    assert reasons["examplereq"] == "not_booked"
    twins = EmrRecord.objects.filter(external_id__in=["infant-twin-1", "infant-twin-2"])
    assert len(set(twins.values_list("patient_id", flat=True))) == 2  # nobody takes one for the other
    settled = run.taken_count + run.unchanged_count
    assert settled + run.refused_count + run.waiting_count + run.left_out_count == len(parts)
    told = run.issues.exclude(kind="REMARK").filter(resolution="").count()
    assert told == run.refused_count + EmrIssue.objects.open().count()


def test_the_tables_of_synthea_load_and_load_again_without_a_change(bring, take, shared):
    parts = {
        name.replace(".", "__"): shared(f"synthea/{name}").read_bytes()
        for name in ("encounters.csv.gz", "patients.csv.gz")
    }

    emr_file = bring(**parts)
    run = emr_file.runs.get(is_trial=False)
    again = take(*islice(stream(emr_file), 2000), source=Source.of_file(emr_file))

    dead = run.issues.filter(code="has_died").count()
    assert run.by_type["Patient"] == {"taken": Patient.objects.count(), "refused": dead}
    assert run.taken_count + run.refused_count + run.unchanged_count == 129 + 11501
    assert counts(again) == {"unchanged": 2000}
