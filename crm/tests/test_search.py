import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conftest import next_door
from crm.models import Lead, LeadWord
from crm.search import MOST_FOUND, search_leads
from crm.tests.factories import LeadFactory


@pytest.fixture
def lead(clinic):
    return LeadFactory(
        first_name="Adaeze", last_name="Okonkwo", phone="(312) 555-0131", email="ada@example.com", external_id="HS-77"
    )


def found(member, text):
    return [item["label"] for item in search_leads(member, text)["items"]]


@pytest.mark.parametrize("text", ["ada", "ADAEZE ok", "okonkwo", "3125550131", "555-013", "ada@exa", "HS-77"])
def test_search_finds_a_lead_by_name_phone_email_and_id(lead, viewer, text):
    LeadFactory(first_name="Somebody", last_name="Else", phone="+12025550100", email="else@example.org")

    assert found(viewer, text) == ["Adaeze Okonkwo"]


@pytest.mark.parametrize("text", ["garcía", "jose", "brien maria", "vega", "o'b", "0131", "5550131", "+1 (312) 555"])
def test_search_finds_whichever_word_begins_so(clinic, viewer, text):
    LeadFactory(first_name="María José", last_name="García O'Brien", phone="+13125550131", email="m.vega@example.com")

    assert found(viewer, text) == ["María José García O'Brien"]
    assert found(viewer, f"{text} nobody") == []


@pytest.mark.parametrize("few", [1, 2, 30_000])
def test_search_of_several_words_finds_the_same_whether_they_are_rare_or_common(clinic, viewer, monkeypatch, few):
    monkeypatch.setattr("clinics.search_words.FEW", few)
    LeadFactory(first_name="Ana", last_name="Okafor", email="ana7@example.com")
    LeadFactory(first_name="Ana", last_name="Silva", email="ana71@example.com")
    LeadFactory(first_name="Ben", last_name="Okafor", email="ben@example.com")

    assert found(viewer, "ana7 ok") == ["Ana Okafor"]
    assert found(viewer, "an ok ana7") == ["Ana Okafor"]
    assert found(viewer, "ana7 ana7") == ["Ana Silva", "Ana Okafor"]


def test_search_follows_a_lead_that_is_written_anew_taken_away_and_brought_back(lead, viewer):
    Lead.objects.filter(pk=lead.pk).update(name_key="grace hopper", phone_e164="+13125559999")
    assert (found(viewer, "okonkwo"), found(viewer, "0131")) == ([], [])
    assert found(viewer, "hopper") == found(viewer, "9999") == ["Adaeze Okonkwo"]

    Lead.objects.filter(pk=lead.pk).update(deleted_at=timezone.now())
    assert LeadWord.objects.count() == 0
    Lead.objects.filter(pk=lead.pk).update(deleted_at=None)
    assert found(viewer, "hopper") == ["Adaeze Okonkwo"]

    Lead.objects.filter(pk=lead.pk).delete()
    assert LeadWord.objects.count() == 0


def test_search_item_says_whom_it_leads_to(lead, viewer):
    [item] = search_leads(viewer, "adaeze")["items"]

    assert (item["url"], item["person"], item["note"]) == (
        lead.get_absolute_url(),
        lead.pk,
        f"(312) 555-0131 · {lead.stage.name}",
    )


def test_search_finds_no_deleted_lead_and_none_of_next_door(lead, viewer, other_clinic):
    LeadFactory(first_name="Adaora", deleted_at=timezone.now())
    with next_door(other_clinic):
        LeadFactory(first_name="Adaline")

    assert found(viewer, "ada") == ["Adaeze Okonkwo"]


def test_search_shows_the_newest_few_in_one_query(clinic, viewer):
    for number in range(MOST_FOUND + 3):
        LeadFactory(first_name=f"Ana{number}")

    with CaptureQueriesContext(connection) as queries:
        names = found(viewer, "ana")

    assert (names[0], len(names), len(queries)) == (f"Ana{MOST_FOUND + 2} Sample", MOST_FOUND, 1)


def test_search_puts_those_that_fit_by_name_before_newer_ones(lead, viewer):
    LeadFactory(first_name="Zoe", last_name="Quist", email="adaeze@example.org")

    assert found(viewer, "adaeze") == ["Adaeze Okonkwo", "Zoe Quist"]


def test_search_is_nothing_for_whom_may_not_read_leads(lead, marketer):
    assert search_leads(marketer, "ada") is None


@pytest.mark.parametrize("text", ["%", "_", "\\", "''", "١٢٣", "🦷🦷"])
def test_search_takes_any_text_as_text(lead, viewer, text):
    assert found(viewer, text) == []
