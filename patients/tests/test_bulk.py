import pytest

from clinics import bulk
from clinics.bulk import FilterNotUnderstood, NobodyChosen
from clinics.jobs import run_job
from clinics.models import AuditLog
from conftest import next_door
from patients.bulk import Chosen, start_bulk, undo_bulk
from patients.bulk_acts import Kind
from patients.editing import edit_patient
from patients.models import Patient, PatientActRow
from patients.tests.conftest import at
from patients.tests.factories import AppointmentFactory, PatientFactory, TagFactory

FACTS = {
    Kind.PRIORITY: {"contact_priority": "RED"},
    Kind.CHANNEL: {"preferred_channel": "EMAIL"},
    Kind.SILENCE: {},
    Kind.UNSILENCE: {},
    Kind.DELETE: {},
}


def state(patient):
    patient.refresh_from_db()
    tags = sorted(patient.tag_links.values_list("tag__name", flat=True))
    facts = (patient.contact_priority, patient.preferred_channel, patient.location_id, patient.provider_id)
    return (*facts, patient.do_not_contact, patient.deleted_at is not None, tags)


@pytest.fixture
def people(clinic, location):
    return [
        PatientFactory(first_name="Plain", contact_priority="YELLOW"),
        PatientFactory(first_name="Silent", do_not_contact=True, contact_priority="RED", preferred_channel="EMAIL"),
    ]


def chosen(people):
    return Chosen(ids=tuple(patient.pk for patient in people))


@pytest.mark.parametrize(
    ("kind", "done"),
    [
        (Kind.TAG, 2), (Kind.UNTAG, 0), (Kind.PRIORITY, 1), (Kind.CHANNEL, 1), (Kind.LOCATION, 2),
        (Kind.PROVIDER, 2), (Kind.SILENCE, 1), (Kind.UNSILENCE, 1), (Kind.DELETE, 2),
    ],
)  # fmt: skip
def test_start_bulk_does_each_act_and_takes_it_back_whole(people, location, provider, coordinator, kind, done):
    rows = {"TAG": {"tag": TagFactory()}, "UNTAG": {"tag": TagFactory()}}
    rows |= {"LOCATION": {"location": location}, "PROVIDER": {"provider": provider}}
    facts = FACTS.get(kind) or {name: str(row.pk) for name, row in rows.get(kind, {}).items()}
    before = [state(patient) for patient in people]

    act = start_bulk(kind, chosen(people), facts, by=coordinator)
    assert (act.done_count, act.skipped_count) == (done, 2 - done)
    assert sum(state(each) != was for each, was in zip(people, before, strict=True)) == done
    if done:
        assert undo_bulk(act, by=coordinator).undone_count == done
    assert [state(patient) for patient in people] == before


def test_start_bulk_leaves_out_whoever_is_booked_and_says_why(people, coordinator, now, provider):
    AppointmentFactory(patient=people[0], provider=provider, starts_at=at(10), ends_at=at(11))

    act = start_bulk(Kind.DELETE, chosen(people), {}, by=coordinator)
    left_out = PatientActRow.objects.of_act(act).remarkable().get()
    assert (left_out.patient, "appointments ahead" in left_out.reason) == (people[0], True)
    assert AuditLog.objects.about(people[1]).first().action == "patients.patient.deleted"


def test_undo_bulk_keeps_what_somebody_changed_since(people, coordinator, owner):
    act = start_bulk(Kind.PRIORITY, chosen(people), {"contact_priority": "GREEN"}, by=coordinator)
    people[0].refresh_from_db()
    edit_patient(people[0], {"contact_priority": "RED"}, version=people[0].version, by=owner)

    act = undo_bulk(act, by=coordinator)
    assert (act.undone_count, act.kept_count) == (1, 1)
    assert Patient.objects.get(pk=people[0].pk).contact_priority == "RED"


def test_run_bulk_takes_all_that_match_in_the_background_and_next_door_none(
    clinic, other_clinic, coordinator, monkeypatch
):
    monkeypatch.setattr(bulk, "AT_ONCE", 1)
    monkeypatch.setattr(bulk, "BATCH", 2)
    PatientFactory.create_batch(3, segment="DORMANT")
    PatientFactory(segment="ACTIVE")
    with next_door(other_clinic):
        PatientFactory(segment="DORMANT")

    act = start_bulk(Kind.SILENCE, Chosen(query="segment=DORMANT"), {}, by=coordinator)
    run_job(clinic, act.job_id)
    act.refresh_from_db()
    assert (act.status, act.done_count) == ("DONE", 3)
    assert Patient.objects.filter(do_not_contact=True).count() == 3
    with next_door(other_clinic):
        assert not Patient.objects.get().do_not_contact


def test_start_bulk_refuses_nobody_and_a_filter_that_is_gone(people, coordinator):
    with pytest.raises(NobodyChosen):
        start_bulk(Kind.SILENCE, Chosen(), {}, by=coordinator)
    with pytest.raises(FilterNotUnderstood):
        start_bulk(Kind.SILENCE, Chosen(query="tag=gone"), {}, by=coordinator)
