from patients.models import EmrIssue, EmrRecord, Patient, Visit
from patients.tests.emr.conftest import counts, encounter, patient


def test_a_patient_and_an_encounter_are_taken_in_one_batch_whatever_their_order(take):
    run = take(encounter(), patient())

    visit = Visit.objects.get()
    taken = Patient.objects.get()
    assert counts(run) == {"taken": 2}
    assert (visit.patient, visit.visit_type, visit.source, visit.emr_system) == (taken, "Check", "EMR", "EPIC")
    assert (taken.display_name, taken.external_id, taken.visit_count) == ("Ana Vega", "p1", 1)
    assert taken.last_visit_at == visit.visit_date


def test_saying_the_same_again_changes_nothing(take):
    take(patient(), encounter())
    before = list(Patient.objects.values()), list(Visit.objects.values()), list(EmrRecord.objects.values())

    run = take(patient(), encounter())

    assert counts(run) == {"unchanged": 2}
    assert (list(Patient.objects.values()), list(Visit.objects.values()), list(EmrRecord.objects.values())) == before


def test_an_older_version_never_overwrites_a_newer_one(take):
    take(patient(family="New", version="10"))

    run = take(patient(family="Old", version="9"))

    assert counts(run) == {"unchanged": 1}
    assert Patient.objects.get().last_name == "New"


def test_an_encounter_waits_for_its_patient_and_says_for_whom(take):
    run = take(encounter())

    issue = EmrIssue.objects.open().get()
    assert counts(run) == {"waiting": 1}
    assert (issue.code, issue.wants) == ("patient_unknown", "Patient/p1")
    assert Visit.objects.count() == 0
