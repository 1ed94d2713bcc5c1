import json
from datetime import date

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile

from clinics.audit_reading import read_entries
from clinics.models import BackgroundJob
from conftest import last_audit
from patients.attendance import cancel_appointment
from patients.dossier import dossier
from patients.duplicates.merging import merge_patients
from patients.editing import delete_patient, edit_patient, erase_patient, restore_patient
from patients.models import Appointment, AppointmentStatus, Patient, PaymentImport, WaitlistEntry
from patients.rules import NameNotTyped, NobodyNamed, PatientIsBooked, PatientIsErased, PaysForSelf, SomebodyWasFaster
from patients.tests.factories import (
    AppointmentFactory,
    PatientConsentFactory,
    PatientFactory,
    PaymentFactory,
    VisitFactory,
    WaitlistEntryFactory,
)


def test_edit_patient_changes_what_people_are_found_by_and_says_what_changed(patient, receptionist):
    edit_patient(patient, {"last_name": "Núñez", "date_of_birth": date(2010, 1, 2)}, version=1, by=receptionist)

    patient.refresh_from_db()
    assert (patient.name_key, patient.version) == ("iris nunez", 2)
    event = last_audit(patient)
    assert event.action == "patients.patient.edited"
    told = {change.label: change.after for change in read_entries([event])[0].changes}
    assert told == {"Last name": "Núñez", "Birth date": "•••"}
    assert "Núñez" not in json.dumps(event.after, ensure_ascii=False)


def test_edit_patient_over_a_newer_change_is_refused_with_both_versions(patient, receptionist, owner):
    edit_patient(patient, {"city": "Berwyn"}, version=1, by=owner)

    with pytest.raises(SomebodyWasFaster) as faster:
        edit_patient(patient, {"city": "Cicero"}, version=1, by=receptionist)

    assert faster.value.current.city == "Berwyn"


def test_edit_patient_refuses_nobody_and_a_payer_of_themselves(patient, receptionist):
    with pytest.raises(NobodyNamed):
        edit_patient(patient, dict.fromkeys(["first_name", "last_name", "phone", "email"], ""), version=1, by=None)
    with pytest.raises(PaysForSelf):
        edit_patient(patient, {"responsible_party": patient}, version=1, by=receptionist)


def test_delete_patient_and_restore_patient(patient, coordinator):
    delete_patient(patient, by=coordinator)
    assert not Patient.objects.present().exists()

    restore_patient(patient, by=coordinator)
    assert Patient.objects.present().get() == patient
    assert last_audit(patient).action == "patients.patient.restored"


def test_delete_patient_refuses_while_somebody_would_come(patient, coordinator):
    AppointmentFactory(patient=patient)

    with pytest.raises(PatientIsBooked):
        delete_patient(patient, by=coordinator)


def test_erase_patient_leaves_figures_of_nobody(patient, owner):
    edit_patient(patient, {"date_of_birth": date(2010, 1, 2), "notes": "Afraid of needles"}, version=1, by=owner)
    AppointmentFactory(patient=patient, status=AppointmentStatus.COMPLETED, notes="Iris came alone")
    VisitFactory(patient=patient, notes="Iris cried")
    PaymentFactory(patient=patient, note="paid by Iris")
    PatientConsentFactory(patient=patient, wording="Iris may be called", address="555")
    for who in ({"patient": patient}, {"patient": None, "contact_name": "Iris Falk", "contact_phone": "+13125550101"}):
        WaitlistEntryFactory(note="Iris would come at once", **who)

    erase_patient(patient, typed_name=" Iris  Falk ", by=owner)

    patient.refresh_from_db()
    kept = dossier(patient)
    assert not any(word in kept for word in ("Iris", "Falk", "needles", "2010-01-02", "555"))
    assert (patient.display_name, patient.birth_digest) == ("Erased patient", "")
    assert json.loads(kept)["payments"][0]["amount_cents"] == 18_000
    emptied = {"appointments": 1, "visits": 1, "payments": 1, "waiting": 2, "consents": 1}
    emptied |= {"documents": 0, "emr_records": 0, "files": 0}
    assert last_audit(patient).metadata == emptied
    assert not WaitlistEntry.objects.filter(note="Iris would come at once").exists()


def test_erase_patient_makes_what_the_audit_log_says_of_them_unreadable(patient, owner):
    edit_patient(patient, {"last_name": "Falkenberg"}, version=patient.version, by=owner)
    event = last_audit(patient)
    assert "Falk" not in json.dumps([event.before, event.after])
    told = read_entries([event])[0].changes
    assert [(change.before, change.after) for change in told] == [("Falk", "Falkenberg")]

    erase_patient(patient, typed_name="Iris Falkenberg", by=owner)
    told = read_entries([event])[0].changes
    assert [(change.before, change.after) for change in told] == [("•••", "•••")]


def test_erase_patient_makes_the_notes_of_what_became_of_appointments_unreadable(patient, owner):
    appointment = AppointmentFactory(patient=patient)
    cancel_appointment(appointment, reason="PATIENT", note="Iris is afraid", by=owner)
    event = last_audit(appointment)
    assert "afraid" not in json.dumps([event.before, event.after])
    assert "Iris is afraid" in [change.after for change in read_entries([event])[0].changes]

    erase_patient(patient, typed_name="Iris Falk", by=owner)
    assert "Iris is afraid" not in [change.after for change in read_entries([event])[0].changes]


def test_erase_patient_removes_the_files_that_named_them(patient, owner):
    facts = {"headers": ["patient", "amount"], "samples": [["Iris Falk"], ["180"]], "size_bytes": 1, "status": "DONE"}
    stored_as = default_storage.save("payments/x", SimpleUploadedFile("x", b"Iris Falk"))
    problems = [[3, "Two patients fit: Iris Falk."], [4, "“x” is no day."]]
    file = PaymentImport.objects.create(stored_as=stored_as, problems=problems, created_count=1, **facts)
    PaymentFactory(patient=patient, brought_by=file)
    made = {"rows": 1, "file": default_storage.save("exports/x.csv", SimpleUploadedFile("x", b"Iris"))}
    BackgroundJob.objects.create(kind="patients.export", title="File of patients", status="DONE", result=made)

    erase_patient(patient, typed_name="Iris Falk", by=owner)

    file.refresh_from_db()
    assert (file.samples, file.problems[1], file.stored_as) == ([[], []], [4, "“x” is no day."], "")
    assert "Iris" not in str(file.problems) and not file.may_be_run
    assert BackgroundJob.objects.get().result == {"rows": 1}
    assert last_audit(patient).metadata["files"] == 2


def test_erase_patient_erases_who_was_merged_into_them(patient, coordinator, owner):
    again = PatientFactory(first_name="Irys", last_name="Falk", notes="Afraid of needles")
    merge = merge_patients(patient, again, by=coordinator)
    patient.refresh_from_db()

    erase_patient(patient, typed_name="Iris Falk", by=owner)
    merge.refresh_from_db()
    again.refresh_from_db()
    assert (again.first_name, again.notes, bool(again.erased_at)) == ("", "", True)
    assert (merge.before, merge.after) == ({}, {})


def test_erase_patient_wants_the_name_and_cannot_be_taken_back(patient, owner):
    with pytest.raises(NameNotTyped):
        erase_patient(patient, typed_name="Iris", by=owner)
    erase_patient(patient, typed_name="Iris Falk", by=owner)
    with pytest.raises(PatientIsErased):
        restore_patient(patient, by=owner)


def test_erase_patient_leaves_others_alone(patient, owner):
    other = AppointmentFactory(patient=PatientFactory(), notes="Comes by bus")

    erase_patient(patient, typed_name="Iris Falk", by=owner)

    assert Appointment.objects.get(pk=other.pk).notes == "Comes by bus"
