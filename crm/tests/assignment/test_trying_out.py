from datetime import timedelta

import pytest
from django.utils import timezone

from clinics.models import Role
from clinics.tests.factories import away
from conftest import last_audit, member_of
from crm.assignment.ruling import rules_with, set_rule
from crm.assignment.trying_out import try_rules
from crm.assignment.turns import read_rules
from crm.models import AssignmentChange, AssignmentRule, AssignmentShare
from crm.tests.factories import AssignmentRuleFactory, LeadFactory


@pytest.fixture
def dana(clinic):
    return member_of(Role.TREATMENT_COORDINATOR, "Dana")


def lead_of(member, days_ago, **facts):
    return LeadFactory(assigned_to=member, captured_at=timezone.now() - timedelta(days=days_ago), **facts)


def test_a_trial_says_who_would_have_got_each_lead_and_why_not_somebody_else(clinic, coordinator, dana):
    AssignmentRuleFactory(name="Invisalign", interests=["INVISALIGN"], people=[dana])
    AssignmentRuleFactory(name="Turn", people=[coordinator])
    wanted = lead_of(coordinator, 1, treatment_interest=["INVISALIGN"])
    other = lead_of(coordinator, 2)
    lead_of(coordinator, 9)

    trial = try_rules(clinic, read_rules())

    assert [(each.lead, each.member, each.is_other) for each in trial.tries] == [
        (wanted, dana, True),
        (other, coordinator, False),
    ]
    assert list(map(str, trial.tries[1].reasons)) == ["Invisalign: another interest"]
    assert trial.by_rule == [("Invisalign", 1), ("Turn", 1), ("No rule: fewest open leads", 0)]
    assert trial.by_person == [(dana, 1, 0), (coordinator, 1, 2)]
    assert not AssignmentChange.objects.exists()
    assert set(AssignmentShare.objects.values_list("credit", flat=True)) == {0}


def test_a_trial_asks_who_was_away_at_the_time_and_who_stood_in_then(clinic, coordinator, dana, owner):
    AssignmentRuleFactory(way="LISTED", people=[dana])
    today = timezone.now().astimezone(clinic.zone).date()
    for days_ago, deputy in ((5, owner), (3, coordinator), (-3, owner)):
        away(dana, first=today - timedelta(days=days_ago), last=today - timedelta(days=days_ago), deputy=deputy)
    for days_ago in (5, 3, 1):
        lead_of(None, days_ago)

    assert [each.member for each in try_rules(clinic, read_rules()).tries] == [dana, coordinator, owner]


def test_a_rule_can_be_tried_before_it_is_saved(clinic, coordinator, dana):
    AssignmentRuleFactory(name="Turn", order=5, people=[coordinator])
    lead_of(coordinator, 1)
    unsaved = AssignmentRule(name="First", order=1)

    trial = try_rules(clinic, rules_with(unsaved, {dana: 1}))

    assert trial.tries[0].rule == unsaved
    assert AssignmentRule.objects.count() == 1


def test_set_rule_keeps_what_it_owes_those_who_stay(clinic, coordinator, dana, owner):
    rule = AssignmentRuleFactory(people=[coordinator, dana])
    AssignmentShare.objects.filter(member=dana).update(credit=3)

    set_rule(rule, {"name": "Invisalign"}, {dana: 2, owner: 1}, by=owner)

    shares = AssignmentShare.objects.filter(rule=rule).values_list("member_id", "weight", "credit")
    assert set(shares) == {(dana.pk, 2, 3), (owner.pk, 1, 0)}
    assert last_audit(rule).action == "crm.assignment_rule.set"


def test_a_trial_of_a_week_asks_the_database_as_often_for_three_leads_as_for_one(
    clinic, coordinator, django_assert_num_queries
):
    AssignmentRuleFactory(people=[coordinator])
    for count in (1, 2):
        for _lead in range(count):
            lead_of(coordinator, 1)
        rules = read_rules()
        with django_assert_num_queries(2):
            try_rules(clinic, rules)


def test_a_day_of_the_trial_begins_with_nothing_new(clinic, coordinator, dana):
    dana.new_leads_a_day = 1
    dana.save()
    AssignmentRuleFactory(way="LISTED", people=[dana, coordinator])
    for days in (2, 2, 1):
        lead_of(None, days)

    owners = [each.member for each in try_rules(clinic, read_rules()).tries]

    assert sorted(owners, key=str) == sorted([dana, dana, coordinator], key=str)
