import pytest

from clinics.tests.factories import ClinicUserFactory
from conftest import next_door
from patients.emr.reviewing import AlreadyDecided, NotAnAnswer, decide
from patients.emr.undoing import undo_run
from patients.models import Appointment, EmrIssue, EmrRecord, Patient, Visit
from patients.registration import register_patient
from patients.tests.emr.conftest import appointment, counts, encounter, patient

ANA = {"first_name": "Ana", "last_name": "Vega"}


@pytest.fixture
def neighbour(other_clinic):
    """The admin of the clinic next door."""
    with next_door(other_clinic):
        return ClinicUserFactory(role="CLINIC_ADMIN")


@pytest.fixture
def ana(clinic, owner):
    """A patient who is here already, of whom the birth date is not known."""
    return register_patient(clinic, ANA | {"phone": "+1 212 555 0100", "email": "ana@example.com"}, by=owner)


def test_whoever_is_surely_here_already_is_found_and_filled_in(take, ana):
    run = take(patient(phone="+1 212 555 0100"))

    ana.refresh_from_db()
    assert counts(run) == {"changed": 1}
    assert (ana.external_id, str(ana.date_of_birth), ana.version) == ("p1", "2010-03-04", 2)
    assert Patient.objects.count() == 1


def test_whoever_may_be_here_waits_and_is_linked_by_a_person_with_all_that_waited_for_them(take, clinic, owner):
    here = register_patient(clinic, ANA, by=owner)
    take(patient(), encounter())
    issue = EmrIssue.objects.open().get(resource_type="Patient")
    assert (issue.code, issue.candidates) == ("may_be_known", [str(here.pk)])

    run = decide([issue], "link", by=owner, patient=here)

    issue.refresh_from_db()
    assert (issue.resolution, issue.resolved_by, EmrIssue.objects.open().count()) == ("LINKED", owner, 0)
    assert Visit.objects.get().patient == here

    undo_run(run, by=owner)

    assert Visit.objects.count() == 0
    assert EmrIssue.objects.open().count() == 2
    assert EmrRecord.objects.get(resource_type="Patient").patient is None


def test_whoever_may_be_here_can_be_taken_as_new_and_that_be_taken_back(take, clinic, owner):
    here = register_patient(clinic, ANA, by=owner)
    take(patient())

    run = decide([EmrIssue.objects.open().get()], "create", by=owner)
    assert Patient.objects.present().count() == 2

    undo_run(run, by=owner)
    assert list(Patient.objects.present()) == [here]
    assert EmrIssue.objects.open().count() == 1


def test_what_both_sides_changed_waits_and_theirs_or_ours_is_taken(take, owner):
    take(patient(email="old@example.com", version="1"))
    mine = Patient.objects.get()
    Patient.objects.update(email="ours@example.com", email_norm="ours@example.com")
    run = take(patient(email="theirs@example.com", version="2"))
    issue = EmrIssue.objects.open().get()
    assert (counts(run), issue.fields) == ({"waiting": 1}, ["patient.email"])

    run = decide([issue], "theirs", by=owner)
    mine.refresh_from_db()
    assert mine.email == "theirs@example.com"

    undo_run(run, by=owner)
    mine.refresh_from_db()
    assert mine.email == "ours@example.com"

    decide([EmrIssue.objects.open().get()], "ours", by=owner)
    assert counts(take(patient(email="theirs@example.com", version="3"))) == {"unchanged": 1}
    mine.refresh_from_db()
    assert (mine.email, EmrIssue.objects.open().count()) == ("ours@example.com", 0)


def test_what_is_left_out_stays_out_until_that_is_taken_back(take, owner):
    take(encounter(of="Patient/gone"))
    run = decide([EmrIssue.objects.open().get()], "ignore", by=owner)

    assert counts(take(encounter(of="Patient/gone", version="2"))) == {"unchanged": 1}
    undo_run(run, by=owner)
    assert EmrIssue.objects.open().get().code == "patient_unknown"


def test_a_decision_is_made_once_and_only_among_the_answers(take, owner):
    take(encounter(of="Patient/gone"))
    issue = EmrIssue.objects.open().get()

    with pytest.raises(NotAnAnswer):
        decide([issue], "theirs", by=owner)
    decide([issue], "ignore", by=owner)
    with pytest.raises(AlreadyDecided):
        decide([issue], "ignore", by=owner)


def test_somebody_who_died_there_waits_and_is_put_away_and_brought_back(take, owner):
    take(patient())
    take(patient(deceasedBoolean=True))
    issue = EmrIssue.objects.open().get()

    run = decide([issue], "theirs", by=owner)
    assert (issue.code, Patient.objects.present().count()) == ("died", 0)

    undo_run(run, by=owner)
    assert Patient.objects.present().count() == 1


def test_an_appointment_without_a_time_waits_and_is_taken_when_it_has_one(take):
    take(patient(), appointment(at=None))
    assert EmrIssue.objects.open().get().code == "no_time"

    run = take(appointment(version="2"))

    assert counts(run) == {"taken": 1}
    assert (Appointment.objects.get().status, EmrIssue.objects.open().count()) == ("SCHEDULED", 0)


def test_pages_of_the_review_open_decide_and_undo(client_of, owner, take, neighbour):
    take(encounter(of="Patient/gone"), appointment("a2", of="Patient/gone"), patient(deceasedBoolean=True))
    issue = EmrIssue.objects.open().get(resource_type="Encounter")
    browser = client_of(owner)

    listed = browser.get("/emr/waiting/").content.decode()
    assert "Its patient is not here: Patient/gone." in listed
    assert browser.get(issue.get_absolute_url()).status_code == 200
    assert client_of(neighbour).get(issue.get_absolute_url()).status_code == 404
    assert (
        browser.post("/emr/waiting/decide/", {"answer": "ignore", "issue": [str(issue.pk), "nonsense"]}).status_code
        == 302
    )
    issue.refresh_from_db()
    assert issue.resolution == "IGNORED"
    assert browser.get("/emr/waiting/?decided").content.decode().count("Left out") >= 1
    browser.post(f"/emr/runs/{issue.decided_in_id}/undo/")
    issue.refresh_from_db()
    assert issue.resolution == ""
    assert browser.get(issue.run.get_absolute_url()).status_code == 200
    csv = b"".join(browser.get(f"{issue.run.get_absolute_url()}not-taken/").streaming_content).decode()
    assert "This patient has died." in csv
    assert client_of(ClinicUserFactory(clinic=owner.clinic, role="DOCTOR")).get("/emr/waiting/").status_code == 403


def test_patients_merged_there_are_merged_here_by_a_person_and_parted_again(take, owner):
    take(patient(), patient("p2", given="Luz", family="Mora"), encounter())
    take(patient(link=[{"type": "replaced-by", "other": {"reference": "Patient/p2"}}]))
    gone, left = Patient.objects.get(first_name="Ana"), Patient.objects.get(first_name="Luz")

    run = decide([EmrIssue.objects.open().get()], "theirs", by=owner)

    assert list(Patient.objects.present()) == [left]
    assert Visit.objects.get().patient == left
    assert set(EmrRecord.objects.filter(resource_type="Patient").values_list("patient", flat=True)) == {left.pk}

    undo_run(run, by=owner)

    assert Patient.objects.present().count() == 2
    assert Visit.objects.get().patient == gone
    assert EmrRecord.objects.get(external_id="p1").patient == gone
    assert EmrIssue.objects.open().count() == 1


def test_a_merge_there_is_left_alone_here_when_a_person_says_that_they_are_two(take, owner):
    take(patient(), patient("p2", given="Luz", family="Mora"))
    take(patient(link=[{"type": "replaced-by", "other": {"reference": "Patient/p2"}}]))

    decide([EmrIssue.objects.open().get()], "ours", by=owner)

    assert Patient.objects.present().count() == 2
    assert EmrIssue.objects.open().count() == 0
