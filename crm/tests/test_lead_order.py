import pytest

from crm.lead_order import SORTS, in_order, sort_asked
from crm.models import Lead
from crm.tests.factories import LeadFactory


@pytest.fixture
def leads(clinic, stages, coordinator, owner):
    """Seven leads over three stages, with and without a coordinator and a value."""
    where = [stages["contacted"], stages["new_lead"], stages["pending_decision"]]
    who = [coordinator, owner, None]
    for n in range(7):
        LeadFactory(
            first_name="GFEDCBA"[n],
            stage=where[n % 3],
            assigned_to=who[n % 3],
            expected_value_cents=[None, 300, 100][n % 3],
        )
    return Lead.objects.present()


@pytest.mark.parametrize("sort", [*SORTS, *(f"-{name}" for name in SORTS)])
@pytest.mark.parametrize("size", [1, 2, 3, 50])
def test_pages_put_together_are_the_whole_once(leads, sort, size):
    ordered = in_order(leads, sort)

    whole = [pk for start in range(0, 7, size) for pk in ordered[start : start + size]]
    assert whole == ordered[0:50]
    assert sorted(whole) == sorted(leads.values_list("pk", flat=True))
    assert ordered.count() == 7


def values(leads, sort, read):
    by_id = {lead.pk: lead for lead in leads.select_related("stage", "assigned_to__user")}
    return [read(by_id[pk]) for pk in in_order(leads, sort)[0:50]]


def test_stages_stand_in_the_order_of_the_way(leads):
    found = values(leads, "stage", lambda lead: lead.stage.slug)

    assert found == ["new_lead"] * 2 + ["contacted"] * 3 + ["pending_decision"] * 2


def test_what_is_missing_comes_last_either_way(leads):
    cents = values(leads, "value", lambda lead: lead.expected_value_cents)
    assert cents == [100, 100, 300, 300, None, None, None]
    assert values(leads, "-value", lambda lead: lead.expected_value_cents) == [300, 300, 100, 100, None, None, None]

    names = values(leads, "-coordinator", lambda lead: lead.assigned_to and lead.assigned_to.short_name)
    assert names == ["Renata"] * 3 + ["Olga"] * 2 + [None] * 2


def test_names_go_from_a_to_z(leads):
    assert "".join(values(leads, "name", lambda lead: lead.first_name)) == "ABCDEFG"


def test_filtered_leads_stay_filtered(leads, coordinator):
    assert in_order(leads.owned_by(coordinator), "stage").count() == 3


@pytest.mark.parametrize("asked", ["", "password", "--name"])
def test_sort_asked_falls_back_to_the_newest(asked):
    assert sort_asked({"sort": asked}) == "-captured"
