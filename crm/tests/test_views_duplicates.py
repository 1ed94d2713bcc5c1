import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm.duplicates.merging import merge_leads
from crm.duplicates.reviewing import pair_of
from crm.intake import capture_lead
from crm.models import DuplicatePair, Lead, LeadMerge
from crm.tests.factories import LeadFactory

LIST = "/duplicates/"


@pytest.fixture
def pair(clinic, coordinator):
    leads = [
        capture_lead(
            clinic, {"first_name": name, "last_name": "Vega", "phone": "212 555 0101"}, by=coordinator, channel="STAFF"
        )
        for name in ("Robert", "Bob")
    ]
    return pair_of(*leads)


def page_of(name, pair):
    return reverse(f"crm:{name}", args=[pair.pk])


def test_duplicate_list_shows_whom_to_look_at_with_reasons(client_of, coordinator, pair):
    content = client_of(coordinator).get(LIST).content.decode()

    assert "Robert Vega" in content
    assert "same phone" in content


@pytest.mark.parametrize(
    ("asked", "found"),
    [("?reason=phone_shared", 1), ("?reason=birth_same", 0), ("?verdict=SAME", 1), ("?status=DISMISSED", 0)],
)
def test_duplicate_list_is_narrowed(client_of, coordinator, pair, asked, found):
    response = client_of(coordinator).get(LIST + asked)

    assert response.context["page"].paginator.count == found


def test_duplicate_list_costs_the_same_with_three_pairs(client_of, coordinator, pair):
    browser = client_of(coordinator)

    def statements():
        with CaptureQueriesContext(connection) as queries:
            browser.get(LIST)
        return len(queries)

    browser.get(LIST)
    one = statements()
    for _each in range(2):
        pair_of(LeadFactory(), LeadFactory())
    assert statements() == one


def test_duplicate_detail_shows_both_side_by_side_and_what_differs(client_of, coordinator, pair):
    content = client_of(coordinator).get(pair.get_absolute_url()).content.decode()

    assert 'name="take_first_name" value="other"' in content
    assert 'name="take_last_name"' not in content
    assert "short form of the first name" in content


def test_duplicate_merge_merges_as_chosen_and_can_be_undone(client_of, coordinator, pair):
    browser = client_of(coordinator)
    sent = {"keep": pair.one_id, "take_first_name": "other", "versions": f"{pair.one.version}-{pair.other.version}"}
    response = browser.post(page_of("duplicate_merge", pair), sent)

    assert (response.status_code, response["Location"]) == (302, LIST)
    assert [str(lead) for lead in Lead.objects.present()] == ["Bob Vega"]
    browser.post(reverse("crm:lead_merge_undo", args=[LeadMerge.objects.get().pk]))
    assert [str(lead) for lead in Lead.objects.present().order_by("pk")] == ["Robert Vega", "Bob Vega"]


def test_duplicate_merge_tells_whoever_was_slower(client_of, coordinator, owner, pair):
    merge_leads(pair.other, pair.one, by=owner)
    response = client_of(coordinator).post(page_of("duplicate_merge", pair), {"keep": pair.one_id})

    assert response.status_code == 409
    assert "Olga Vasquez has merged one of these leads meanwhile" in response.content.decode()


@pytest.mark.parametrize(("name", "status"), [("duplicate_dismiss", "DISMISSED"), ("duplicate_household", "HOUSEHOLD")])
def test_a_decision_goes_on_to_the_next_pair_and_can_be_taken_back(client_of, coordinator, pair, name, status):
    following = pair_of(LeadFactory(), LeadFactory())
    browser = client_of(coordinator)
    response = browser.post(page_of(name, pair))
    pair.refresh_from_db()
    assert (response["Location"], pair.status) == (following.get_absolute_url(), status)

    browser.post(page_of("duplicate_reopen", pair))
    pair.refresh_from_db()
    assert pair.status == "OPEN"


def test_duplicate_sweep_starts_a_job(client_of, coordinator, pair):
    response = client_of(coordinator).post("/duplicates/sweep/")

    assert (response.status_code, "/jobs/" in response["Location"]) == (302, True)


def test_lead_merge_offers_who_is_near_and_puts_two_side_by_side(client_of, coordinator, pair):
    browser, page = client_of(coordinator), reverse("crm:lead_merge", args=[pair.one_id])

    assert "Bob Vega" in browser.get(page).content.decode()
    assert browser.post(page, {"other": pair.other_id})["Location"] == pair.get_absolute_url()


def test_the_address_of_a_merged_lead_leads_to_the_one_that_is_left(client_of, coordinator, pair):
    merge_leads(pair.one, pair.other, by=coordinator)

    response = client_of(coordinator).get(pair.other.get_absolute_url())
    assert (response.status_code, response["Location"]) == (302, pair.one.get_absolute_url())
    assert client_of(coordinator).post(reverse("crm:lead_note", args=[pair.other_id]), {}).status_code == 404


def test_duplicates_are_not_found_by_the_clinic_next_door(client_of, stranger, pair):
    browser = client_of(stranger)

    assert browser.get(pair.get_absolute_url()).status_code == 404
    assert browser.post(page_of("duplicate_merge", pair), {}).status_code == 404
    assert DuplicatePair.objects.get().status == "OPEN"


def test_duplicates_are_closed_to_the_front_desk(client_of, receptionist, pair):
    assert client_of(receptionist).get(LIST).status_code == 403


def test_a_lead_that_became_a_patient_is_shown_but_not_merged(client_of, owner, pair, stages):
    Lead.objects.filter(pk=pair.one_id).update(status="CONVERTED", converted_at=pair.created_at)

    content = client_of(owner).get(pair.get_absolute_url()).content.decode()
    assert "cannot be merged" in content
    assert "merge-form" in content
    assert client_of(owner).post(page_of("duplicate_merge", pair), {"keep": pair.one_id}).status_code == 409
