"""Each kind of resource, one promise at a time."""

from datetime import timedelta

from clinics.models import AuditLog, Location
from patients.editing import erase_patient
from patients.models import Appointment, EmrIssue, EmrRecord, Patient, Provider, Visit
from patients.tests.emr.conftest import appointment, counts, crowd, encounter, patient
from patients.visits import record_visit


def test_a_visit_written_down_here_that_day_is_the_encounter_not_a_second_one(take, clinic, owner):
    take(patient())
    visit_date = Visit._meta.get_field("visit_date").to_python("2026-01-15T08:00:00Z")
    record_visit(Patient.objects.get(), {"visit_date": visit_date, "visit_type": "Check"}, by=owner)

    take(encounter(at="2026-01-15T15:00:00Z"))

    assert Visit.objects.count() == 1
    assert Visit.objects.get().visit_date.hour == 15


def test_an_encounter_entered_by_mistake_goes_again(take):
    take(patient(), encounter())

    take(encounter(status="entered-in-error"))

    assert (Visit.objects.count(), Patient.objects.get().visit_count) == (0, 0)


def test_an_appointment_is_booked_moved_and_cancelled_and_each_is_an_event_of_the_run(take):
    take(patient(), appointment(version="1"))
    take(appointment(at="2027-01-16T10:00:00Z", version="2"))
    take(appointment(at="2027-01-16T10:00:00Z", status="cancelled", version="3"))

    booked = Appointment.objects.get()
    events = list(AuditLog.objects.about(booked).order_by("id"))
    assert [event.action.rpartition(".")[2] for event in events] == ["booked", "moved", "cancelled"]
    assert all(event.metadata["emr_run"] for event in events)
    assert (booked.starts_at.day, booked.status, booked.cancellation_reason) == (16, "CANCELLED", "OTHER")


def test_what_is_booked_over_another_is_taken_as_it_is(take):
    doctor = {"resourceType": "Practitioner", "id": "d1", "name": [{"family": "Careful", "prefix": ["Dr."]}]}
    actors = [{"actor": {"reference": "Practitioner/d1"}}]
    both = [appointment(name, participant=appointment()["participant"] + actors) for name in ("a1", "a2")]

    take(doctor, patient(), *both)

    assert sorted(Appointment.objects.values_list("may_overlap", flat=True)) == [False, True]
    assert set(Appointment.objects.values_list("provider__name", flat=True)) == {"Dr. Careful"}


def test_a_provider_and_a_location_of_the_same_name_are_ours(take, clinic):
    ours = Provider.objects.create(name="Dr. Ada Lin")
    place = Location.objects.create(name="Main Street")

    take(
        {"resourceType": "Practitioner", "id": "d1", "name": [{"text": "ada lin", "prefix": ["Dr."]}]},
        {"resourceType": "Location", "id": "l1", "name": "MAIN STREET"},
        {"resourceType": "Location", "id": "l2", "name": "Ward 3", "physicalType": {"coding": [{"code": "wa"}]}},
    )

    assert EmrRecord.objects.get(external_id="d1").provider == ours
    assert EmrRecord.objects.get(external_id="l1").location == place
    assert EmrIssue.objects.get(external_id="l2").code == "not_a_place"


def test_a_parent_pays_for_a_child_and_shares_the_household(take):
    child = patient(born="2019-03-04")
    parent = {
        "resourceType": "RelatedPerson",
        "id": "r1",
        "patient": {"reference": "Patient/p1"},
        "relationship": [{"coding": [{"code": "MTH"}]}],
        "name": [{"family": "Vega", "given": ["Rosa"]}],
        "telecom": [{"system": "phone", "value": "+1 212 555 0199"}],
    }

    run = take(child, parent, parent | {"id": "r2", "relationship": [{"coding": [{"code": "C"}]}]})

    ana = Patient.objects.get(external_id="p1")
    assert counts(run) == {"taken": 2, "refused": 1}
    assert ana.responsible_party.display_name == "Rosa Vega"
    assert ana.household is not None and ana.household == ana.responsible_party.household


def test_siblings_on_one_phone_are_two_patients_of_one_household(take):
    phone = "+1 212 555 0100"

    run = take(patient(phone=phone), patient("p2", given="Luis", born="2013-03-04", phone=phone))

    assert counts(run) == {"taken": 2}
    assert len(set(Patient.objects.values_list("household_id", flat=True))) == 1


def test_a_patient_merged_there_leads_to_the_one_that_is_left(take):
    take(patient(), patient("p2", given="Luz", family="Mora"))
    replaced = patient(link=[{"type": "replaced-by", "other": {"reference": "Patient/p2"}}])

    run = take(replaced)

    assert counts(run) == {"waiting": 1}
    assert EmrIssue.objects.open().get().code == "merged_there"
    assert Patient.objects.present().count() == 2


def test_a_batch_asks_the_same_number_of_questions_for_few_and_for_many(take, django_assert_max_num_queries):
    people = crowd(30)
    take(*people[:1])

    with django_assert_max_num_queries(75):
        take(*people[1:], *[encounter(f"e{n}", of=f"Patient/p{n % 30}") for n in range(120)])

    assert Visit.objects.count() == 120


def test_whoever_was_erased_here_does_not_come_back_with_the_next_run(take, owner):
    take(patient(version="1"), encounter())
    ana = Patient.objects.get()
    erase_patient(ana, typed_name="Ana Vega", by=owner)

    run = take(patient(version="2", phone="+1 212 555 0100"), encounter("e2"))

    ana.refresh_from_db()
    assert counts(run) == {"unchanged": 1, "refused": 1}
    assert (ana.first_name, ana.phone, Patient.objects.count(), Visit.objects.count()) == ("", "", 1, 1)
    assert set(EmrRecord.objects.filter(patient=ana).values_list("state", "seen")) == {("IGNORED", None)}


def test_last_visit_rhythm_and_segment_follow_the_encounters(take):
    days = [encounter(f"e{n}", at=f"2020-0{n + 1}-10T10:00:00Z") for n in range(4)]

    take(patient(), *days)

    ana = Patient.objects.get()
    assert (ana.visit_count, ana.segment, ana.usual_interval_days) == (4, "DORMANT", 31)
    assert ana.last_visit_at - ana.first_visit_at > timedelta(days=80)
