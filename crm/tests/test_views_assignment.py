import pytest
from django.urls import reverse
from django.utils import timezone

from clinics.absence import add_absence
from clinics.models import Role
from conftest import member_of, next_door
from crm.assignment.giving import assign_lead
from crm.models import AssignmentRule, AssignmentShare
from crm.tests.factories import AssignmentRuleFactory, LeadFactory

LIST, CREATE, TRIAL = (reverse(f"crm:assignment_rule_{name}") for name in ("list", "create", "trial"))


@pytest.fixture
def dana(clinic):
    return member_of(Role.TREATMENT_COORDINATOR, "Dana")


@pytest.fixture
def answers(dana):
    return {
        "name": "Invisalign", "order": "5", "is_active": "on", "interests": ["INVISALIGN"],
        "postal_codes": "606, 60701-60712",
        "hours": "ANY", "way": "TURN", "minds_capacity": "on", f"weight_{dana.pk}": "2",
    }  # fmt: skip


def test_assignment_rule_list_says_each_rule_in_plain_words(owner, dana, client_of):
    AssignmentRuleFactory(name="Invisalign", interests=["INVISALIGN"], people={dana: 2})

    page = client_of(owner).get(LIST).content.decode()

    assert "interested in Invisalign" in page
    assert "Dana ×2: in fair turn, by weight" in page


def test_assignment_rule_list_tries_the_rules_out_on_last_week(owner, dana, client_of):
    AssignmentRuleFactory(name="Everybody", people=[dana])
    LeadFactory(first_name="Ana", assigned_to=owner)

    page = client_of(owner).get(LIST + "?try=week").content.decode()

    assert "1 lead of the last 7 days" in page
    assert f"{owner.display_name} has it" in page


def test_assignment_rule_step_changes_the_order_in_which_rules_are_asked(owner, coordinator, dana, htmx_of):
    first, second, third = (AssignmentRuleFactory(name=name, order=7, people=[dana]) for name in "ABC")
    browser = htmx_of(owner)

    page = browser.post(reverse("crm:assignment_rule_step", args=[third.pk]), {"sooner": ""})
    browser.post(reverse("crm:assignment_rule_step", args=[first.pk]), {"sooner": ""})
    browser.post(reverse("crm:assignment_rule_step", args=[first.pk]), {"later": ""})

    assert page.content.decode().index(">C<") < page.content.decode().index(">B<")
    assert list(AssignmentRule.objects.in_order()) == [third, first, second]
    assert htmx_of(coordinator).post(reverse("crm:assignment_rule_step", args=[first.pk])).status_code == 403


def test_assignment_rule_create_saves_the_rule_with_its_people(owner, dana, answers, client_of):
    response = client_of(owner).post(CREATE, answers)

    assert response.url == LIST
    rule = AssignmentRule.objects.get()
    assert (rule.interests, rule.postal_codes) == (["INVISALIGN"], ["606", "60701-60712"])
    assert AssignmentShare.objects.get(rule=rule).weight == 2


@pytest.mark.parametrize(
    "wrong, words",
    [
        ({"postal_codes": "60712-60701"}, "is no postal code"),
        ({"weights": "0"}, "Nobody gets these leads"),
        ({"within_km": "20"}, "Say which location they live near"),
    ],
)
def test_assignment_rule_create_says_what_is_wrong(owner, dana, answers, client_of, wrong, words):
    if wrong.pop("weights", None):
        wrong = {f"weight_{dana.pk}": "0"}

    response = client_of(owner).post(CREATE, answers | wrong)

    assert response.status_code == 422
    assert words in response.content.decode()
    assert not AssignmentRule.objects.exists()


def test_assignment_rule_trial_tries_what_stands_in_the_form_and_saves_nothing(owner, dana, answers, htmx_of):
    LeadFactory(first_name="Ana", assigned_to=owner, treatment_interest=["INVISALIGN"], postal_code="60601")

    page = htmx_of(owner).post(TRIAL, answers).content.decode()

    assert "Dana Vasquez" in page
    assert "<html" not in page
    assert not AssignmentRule.objects.exists()


def test_assignment_rule_edit_is_not_found_next_door(owner, stranger, other_clinic, client_of):
    with next_door(other_clinic):
        rule = AssignmentRuleFactory(people=[stranger])

    assert client_of(owner).get(reverse("crm:assignment_rule_edit", args=[rule.pk])).status_code == 404


def test_assignment_rules_are_not_for_the_front_desk(receptionist, client_of):
    assert client_of(receptionist).get(LIST).status_code == 403


def test_lead_owners_tells_who_had_a_lead_and_why(owner, coordinator, client_of):
    lead = LeadFactory(assigned_to=coordinator)
    assign_lead(lead, owner, by=coordinator)

    page = client_of(coordinator).get(reverse("crm:lead_owners", args=[lead.pk])).content.decode()

    assert "given by hand" in page
    assert f"before that {coordinator.display_name}" in page


def test_the_admin_shows_rules_in_words_and_refuses_one_without_people(owner, dana, client_of):
    AssignmentRuleFactory(name="Invisalign", interests=["INVISALIGN"], people=[dana])
    client = client_of(owner)

    page = client.get(reverse("admin:crm_assignmentrule_changelist")).content.decode()
    answers = {"name": "New", "order": "1", "hours": "ANY", "way": "TURN"}
    rows = {"shares-TOTAL_FORMS": "0", "shares-INITIAL_FORMS": "0"}
    response = client.post(reverse("admin:crm_assignmentrule_add"), answers | rows)

    assert "interested in Invisalign" in page
    assert "Nobody gets these leads" in response.content.decode()
    assert AssignmentRule.objects.count() == 1


def test_the_desk_gives_a_lead_away_only_while_its_coordinator_is_out(receptionist, coordinator, owner, client_of):
    lead = LeadFactory(assigned_to=coordinator)
    desk, address = client_of(receptionist), f"/leads/{lead.pk}/cover/"

    refused = desk.post(address, {"coordinator": owner.pk})
    add_absence(coordinator, first_day=timezone.localdate(), last_day=None, deputy=None, by=owner)
    assert "Give to somebody who is here" in desk.get(f"/leads/{lead.pk}/").text
    given = desk.post(address, {"coordinator": owner.pk})

    lead.refresh_from_db()
    assert (refused.status_code, given.status_code, lead.assigned_to) == (409, 302, owner)
    assignment = lead.activities.get(type="ASSIGNMENT_CHANGE")
    assert client_of(coordinator).post(f"{address}{assignment.pk}/undo/").status_code == 409
    desk.post(f"{address}{assignment.pk}/undo/")
    lead.refresh_from_db()
    assert lead.assigned_to == coordinator
