"""Commission rules on their pages: made, changed, removed, tried out, and each taken back."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from conftest import last_audit
from crm.commission_rules import RuleChangedSince, RuleIsUsed, change_rule, make_rule, remove_rule, undo_rule
from crm.commissions.locking import lock_month
from crm.commissions.reasons import rule_in_words
from crm.models import CommissionRule, ConvertedPatient, LeadConversion, LeadStatus
from crm.tests.factories import LeadFactory
from patients.tests.factories import PatientFactory, PaymentFactory, ProviderFactory

MAY = date(2026, 5, 1)
FORM = {
    "name": "Coordinators", "effective_from": "2026-05-01", "pays": "percent", "percent": "20",
    "split_coordinator": "100",
}  # fmt: skip
TENTH = {"pays": "percent", "percent": 10, "split": {"coordinator": 100}}
VALUES = {"name": "Coordinators", "rule": TENTH, "effective_from": MAY}
NEW, ALL = "/commissions/rules/new/", "/commissions/"


@pytest.fixture
def rule(clinic):
    return CommissionRule.objects.create(**VALUES)


def pay(coordinator, cents, day):
    """Somebody who came as a lead of the coordinator has paid."""
    lead = LeadFactory(assigned_to=coordinator, status=LeadStatus.CONVERTED, converted_at=timezone.now())
    conversion = LeadConversion.objects.create(lead=lead, by=coordinator, converted_at=lead.converted_at)
    patient = PatientFactory()
    ConvertedPatient.objects.create(conversion=conversion, patient=patient)
    return PaymentFactory(patient=patient, amount_cents=cents, paid_on=day)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ({"procedure_BTX": "12.5"}, {"pays": "percent", "percent": 20, "procedures": {"BTX": 12.5}}),
        ({"pays": "flat", "flat": "40.50", "per": "patient"}, {"pays": "flat", "flat_cents": 4_050, "per": "patient"}),
        (
            {"pays": "tiers", "tier_0_percent": "2", "tier_1_from": "15000", "tier_1_percent": "3", "percent": "900"},
            {"pays": "tiers", "tiers": [[0, 2], [1_500_000, 3]]},
        ),
    ],
)
def test_a_rule_of_each_kind_is_made_by_its_form(client_of, clinic, owner, typed, kept):
    assert client_of(owner).post(NEW, FORM | typed).status_code == 302

    assert CommissionRule.objects.get().rule == kept | {"split": {"coordinator": 100}}


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"split_coordinator": "90"}, "The shares must be 100 percent in all."),
        ({"effective_until": "2026-04-30"}, "The last day comes before the first one."),
        ({"pays": "tiers", "tier_0_percent": "2", "tier_1_from": "100"}, "Say the percentage of this tier."),
        ({"pays": "tiers", "tier_0_percent": "2", "tier_1_percent": "3"}, "Say where this tier begins."),
    ],
)
def test_a_faulty_form_says_where(client_of, clinic, owner, typed, said):
    answer = client_of(owner).post(NEW, FORM | typed)

    assert (answer.status_code, said in answer.text) == (422, True)


def test_a_form_that_is_sent_twice_makes_one_rule(client_of, clinic, owner):
    for _each in range(2):
        client_of(owner).post(NEW, FORM | {"key": "k"})

    assert CommissionRule.objects.count() == 1


def test_what_was_done_to_a_rule_is_taken_back(rule, owner):
    _changed, event = change_rule(rule, {"name": "All", "effective_until": date(2026, 6, 30)}, seen=None, by=owner)
    undo_rule(event, by=owner)
    rule.refresh_from_db()
    assert (rule.name, rule.effective_until) == ("Coordinators", None)

    removal = remove_rule(rule, by=owner)
    assert not CommissionRule.objects.exists()
    undo_rule(removal, by=owner)
    rule = CommissionRule.objects.get()
    assert (rule.rule, rule.effective_from, last_audit(rule).action) == (TENTH, MAY, "crm.commission_rule.created")
    with pytest.raises(RuleChangedSince):
        undo_rule(removal, by=owner)

    made, event = make_rule(VALUES | {"name": "Other"}, by=owner)
    undo_rule(event, by=owner)
    assert not CommissionRule.objects.filter(pk=made.pk).exists()


def test_a_change_over_somebody_elses_newer_one_is_refused(client_of, rule, owner):
    form = FORM | {"seen": rule.updated_at.isoformat()}

    first = client_of(owner).post(rule.get_absolute_url(), form | {"percent": "11"})
    second = client_of(owner).post(rule.get_absolute_url(), form | {"percent": "12"})

    assert (first.status_code, second.status_code) == (302, 409)
    assert "Somebody has changed this rule since." in second.text
    assert CommissionRule.objects.get().rule["percent"] == 11


def test_a_rule_of_a_locked_month_is_ended_and_followed_by_another(client_of, rule, coordinator, owner):
    pay(coordinator, 10_000, date(2026, 5, 10))
    lock_month(MAY, by=owner)

    with pytest.raises(RuleIsUsed):
        remove_rule(rule, by=owner)
    client_of(owner).post(rule.get_absolute_url(), FORM | {"percent": "10", "effective_until": "2026-06-30"})
    form = client_of(owner).get(NEW, {"like": rule.pk}).context["form"]

    assert CommissionRule.objects.get().effective_until == date(2026, 6, 30)
    assert (form["percent"].initial, form["effective_from"].initial, form["effective_until"].initial) == (
        10, date(2026, 7, 1), None,
    )  # fmt: skip
    assert client_of(owner).get(NEW, {"like": "none"}).status_code == 200


def test_a_rule_that_follows_another_ends_it_and_its_undo_lets_it_go_on(client_of, rule, owner):
    browser = client_of(owner)
    browser.post(f"{NEW}?like={rule.pk}", FORM | {"name": "Next", "effective_from": "2026-06-01"})
    made = CommissionRule.objects.get(name="Next")
    rule.refresh_from_db()
    assert (rule.effective_until, list(made.others)) == (date(2026, 5, 31), [])

    browser.post(f"/commissions/rules/{last_audit(made).pk}/undo/")

    rule.refresh_from_db()
    assert (rule.effective_until, CommissionRule.objects.count()) == (None, 1)


def test_rules_that_pay_the_same_people_on_the_same_days_are_named(client_of, rule, owner):
    made, _event = make_rule(VALUES | {"name": "Bonus"}, by=owner)
    later, _event = make_rule(VALUES | {"name": "Later", "effective_from": date(2030, 1, 1)}, by=owner)
    others = {"closer": {"closer": 100}, "surgeon": {"coordinator": 100}}
    make_rule(VALUES | {"name": "Closers", "rule": TENTH | {"split": others["closer"]}}, by=owner)
    one, two = ProviderFactory(), ProviderFactory()
    of_one, _event = make_rule(VALUES | {"name": "One", "provider": one}, by=owner)
    make_rule(VALUES | {"name": "Two", "provider": two}, by=owner)

    rule.effective_until = date(2026, 12, 31)
    assert [each.name for each in rule.others] == ["Bonus", "One", "Two"]
    assert [each.name for each in of_one.others] == ["Bonus", "Coordinators", "Later"]
    assert "Bonus" in client_of(owner).get(rule.get_absolute_url()).text
    assert later in made.others


def test_a_rule_is_tried_on_last_month_and_nothing_is_written(client_of, rule, coordinator, owner):
    pay(coordinator, 100_000, timezone.localdate().replace(day=1) - timedelta(days=1))

    answer = client_of(owner).post(rule.get_absolute_url(), FORM | {"try": "1"})

    assert answer.context["tried"].rows == [(str(coordinator), 10_000, 20_000, 10_000)]
    rule.refresh_from_db()
    assert rule.rule["percent"] == 10


def test_a_rule_is_removed_from_its_page_and_comes_back_by_the_toast(client_of, rule, owner):
    browser = client_of(owner)
    browser.post(f"{rule.get_absolute_url()}remove/")
    assert not CommissionRule.objects.exists()

    browser.post(f"/commissions/rules/{last_audit(rule).pk}/undo/")
    assert "10% of each payment · coordinator" in browser.get(ALL).text


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (TENTH | {"procedures": {"BTX": 12.5}}, "10% of each payment, BTX 12.5% · coordinator"),
        (
            {"pays": "flat", "flat_cents": 4_000, "per": "patient", "split": {"closer": 100}},
            "$40 for each new patient · closer",
        ),
        (
            {"pays": "tiers", "tiers": [[0, 2], [1_500_000, 3.25]], "split": {"closer": 30, "coordinator": 70}},
            "2%, 3.25% above $15,000 · coordinator 70%, closer 30%",
        ),
    ],
)
def test_a_rule_says_what_it_pays(clinic, rule, words):
    assert rule_in_words(rule) == words
