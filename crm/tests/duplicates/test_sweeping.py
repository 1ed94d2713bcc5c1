import pytest

from clinics.jobs import run_job, start_job
from clinics.same_person.words import in_words
from conftest import next_door, no_clinic
from crm.duplicates import sweeping
from crm.duplicates.reviewing import dismiss_pair, keep_as_household, next_open, pair_of, reopen_pair
from crm.duplicates.rules import PairIsDecided
from crm.editing import edit_lead
from crm.intake import capture_lead
from crm.models import DuplicatePair, Lead


@pytest.fixture
def sweep(clinic):
    def run(**options):
        with no_clinic():
            return sweeping.sweep_duplicates(clinic, **options)

    return run


def enter(clinic, member, first_name, last_name="Vega", **facts):
    values = {"first_name": first_name, "last_name": last_name} | facts
    return capture_lead(clinic, values, by=member, channel="STAFF")


def test_a_sweep_queues_who_is_here_twice_and_leaves_families_alone(clinic, coordinator, sweep):
    enter(clinic, coordinator, "Robert", phone="212 555 0101")
    enter(clinic, coordinator, "Bob", phone="212 555 0101")
    enter(clinic, coordinator, "Ana", phone="212 555 0101")

    assert sweep() == {"looked_at": 3, "found": 1}
    pair = DuplicatePair.objects.get()
    assert (str(pair.one), str(pair.other), pair.verdict) == ("Robert Vega", "Bob Vega", "SAME")
    assert next(reason["text"] for reason in in_words(pair.reasons)) == "same phone"


def test_a_sweep_goes_on_where_the_last_one_stopped_and_looks_at_changes_only(clinic, coordinator, sweep, monkeypatch):
    monkeypatch.setattr("clinics.same_person.sweeping.BATCH", 2)
    leads = [enter(clinic, coordinator, name) for name in ("Ana", "Luis", "Noor", "Leo", "Mia")]

    assert sweep(at_most=2)["looked_at"] == 2
    assert sweep()["looked_at"] == 5
    edit_lead(leads[0], {"city": "Chicago"}, version=leads[0].version, by=coordinator)
    assert sweep()["looked_at"] == 1


def test_not_a_duplicate_is_remembered_until_their_facts_change(clinic, coordinator, sweep):
    bob = enter(clinic, coordinator, "Bob", phone="212 555 0101")
    enter(clinic, coordinator, "Robert", phone="212 555 0101")
    sweep()
    dismiss_pair(DuplicatePair.objects.get(), by=coordinator)

    Lead.objects.filter(pk=bob.pk).update(lost_notes="touched")
    bob = edit_lead(bob, {"preferred_time": "mornings"}, version=bob.version, by=coordinator)
    assert sweep()["found"] == 0
    edit_lead(bob, {"postal_code": "60601"}, version=bob.version, by=coordinator)
    assert sweep()["found"] == 1
    assert DuplicatePair.objects.get().status == "OPEN"


def test_a_pair_that_was_corrected_leaves_the_queue(clinic, coordinator, sweep):
    bob = enter(clinic, coordinator, "Bob", phone="212 555 0101")
    enter(clinic, coordinator, "Robert", phone="212 555 0101")
    sweep()
    edit_lead(bob, {"first_name": "Ana"}, version=bob.version, by=coordinator)
    sweep()

    assert DuplicatePair.objects.count() == 0


def test_a_common_name_alone_queues_nobody(clinic, coordinator, sweep):
    for _each in range(4):
        enter(clinic, coordinator, "Maria", "Garcia")

    assert sweep()["found"] == 0


def test_a_rare_name_alone_is_looked_at(clinic, coordinator, sweep):
    enter(clinic, coordinator, "Fatoumata", "Diallo", phone="212 555 0101")
    enter(clinic, coordinator, "Fatoumata", "Diallo", email="fatou@example.com")

    assert sweep()["found"] == 1


def test_a_sweep_asked_for_reports_its_progress(clinic, coordinator):
    enter(clinic, coordinator, "Ana")
    job = start_job("crm.duplicate_sweep", title="Looking", by=coordinator)
    with no_clinic():
        run_job(clinic, job.pk)

    job.refresh_from_db()
    assert (job.status, job.result) == ("DONE", {"looked_at": 1, "found": 0})


def test_a_sweep_sees_nothing_of_the_clinic_next_door(clinic, other_clinic, coordinator, stranger, sweep):
    enter(clinic, coordinator, "Ana", phone="212 555 0101")
    with next_door(other_clinic):
        enter(other_clinic, stranger, "Ana", phone="212 555 0101")

    assert sweep() == {"looked_at": 1, "found": 0}


def test_the_same_household_puts_both_into_one_and_back(clinic, coordinator):
    ana, luis = (enter(clinic, coordinator, name, phone=f"212 555 010{n}") for n, name in enumerate(("Ana", "Luis")))
    pair = keep_as_household(pair_of(luis, ana), by=coordinator)
    homes = {lead.household_id for lead in Lead.objects.all()}

    reopen_pair(pair, by=coordinator)
    assert len(homes) == 1
    assert [Lead.objects.get(pk=lead.pk).household_id for lead in (ana, luis)] == [ana.household_id, luis.household_id]
    assert next_open() == pair


def test_two_decisions_do_not_fight(clinic, coordinator):
    pair = pair_of(enter(clinic, coordinator, "Ana"), enter(clinic, coordinator, "Luis"))
    dismiss_pair(pair, by=coordinator)

    assert dismiss_pair(pair, by=coordinator).status == "DISMISSED"
    with pytest.raises(PairIsDecided):
        keep_as_household(pair, by=coordinator)
