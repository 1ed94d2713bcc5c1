import pytest

from clinics.jobs import run_job, start_job
from conftest import no_clinic
from crm.duplicates.finding import named_alike, same_person_as
from crm.duplicates.indexing import index_lead, index_leads
from crm.duplicates.people import person_of
from crm.editing import edit_lead
from crm.intake import capture_lead
from crm.models import LeadMatchKey
from crm.tests.factories import LeadFactory


@pytest.fixture
def robert(clinic):
    lead = LeadFactory(first_name="Robert", last_name="Kowalski", phone="+12125550101")
    index_lead(lead)
    return lead


@pytest.mark.parametrize(
    "name", [("Bob", "Kowalski"), ("Robert", "Kowlaski"), ("Kowalski", "Roberto"), ("robert", "KOWALSKY")]
)
def test_named_alike_finds_a_name_written_differently(robert, name):
    assert named_alike(*name) == [robert.pk]


def test_named_alike_finds_nobody_of_another_name(robert):
    assert named_alike("Ana", "Kowalski") == named_alike("Robert", "Vega") == []


def test_a_captured_lead_is_found_and_an_edited_one_by_its_new_name_only(clinic, coordinator):
    lead = capture_lead(clinic, {"first_name": "Ana", "last_name": "Vega"}, by=coordinator, channel="STAFF")
    edit_lead(lead, {"last_name": "Okonkwo"}, version=lead.version, by=coordinator)

    assert named_alike("Anna", "Okonkwo") == [lead.pk]
    assert named_alike("Ana", "Vega") == []


def test_named_alike_finds_the_patient_of_a_lead(clinic):
    lead = LeadFactory(first_name="Rosa", last_name="Diaz", patient_first_name="Ana", patient_last_name="Vega")
    lead.patient_relationship = "CHILD"
    index_lead(lead)

    assert named_alike("Ana", "Vega") == [lead.pk]


def test_index_leads_leaves_each_key_once(robert):
    before = set(LeadMatchKey.objects.values_list("key", flat=True))
    index_leads([robert])

    assert sorted(LeadMatchKey.objects.values_list("key", flat=True)) == sorted(before)


def test_backfill_gives_keys_to_leads_without_any(clinic, robert, owner):
    LeadFactory(first_name="Ana", last_name="Vega")
    job = start_job("crm.match_keys", title="Match keys", by=owner)
    with no_clinic():
        run_job(clinic, job.pk)

    job.refresh_from_db()
    assert job.result == {"indexed": 1}
    assert named_alike("Ana", "Vega") != []


def test_same_person_as_knows_somebody_by_phone_and_name_and_no_relative(clinic, robert):
    bob = LeadFactory.build(first_name="Bob", last_name="Kowalski", phone_e164="+12125550101", clinic=clinic)
    ana = LeadFactory.build(first_name="Ana", last_name="Kowalski", phone_e164="+12125550101", clinic=clinic)

    assert same_person_as(person_of(bob)) == robert
    assert same_person_as(person_of(ana)) is None
