"""Commissions worked out by hand, cent by cent."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
import time_machine
from django.utils import timezone

from conftest import last_audit
from crm.commission_rules import RuleIsUsed, change_rule
from crm.commissions.locking import (
    LaterMonthIsLocked,
    MonthIsLocked,
    MonthIsOpen,
    MonthNotOver,
    lock_month,
    unlock_month,
)
from crm.commissions.reasons import reason_in_words
from crm.commissions.reckoning import Paid, Terms, reckon, take_back
from crm.commissions.rules import faults_of
from crm.commissions.statements import lines_of, totals_of
from crm.models import Commission, CommissionMonth, CommissionRule, ConvertedPatient, LeadConversion, LeadStatus
from crm.tests.factories import LeadFactory
from patients.tests.factories import PatientFactory, PaymentFactory

MAY, JUNE = date(2026, 5, 1), date(2026, 6, 1)
COORDINATOR = {"coordinator": 100}


def terms(rule, **facts):
    return Terms("rule", "Rule", rule, facts.get("provider"), facts.get("since", MAY), facts.get("until"))


def paid(cents, *, day=10, pk="a", **facts):
    people = {"coordinator": "member:c", "closer": "member:k"}
    return Paid(pk, date(2026, 5, day), cents, "patient", people, **facts)


def cents(lines):
    return [(line.who, line.cents) for line in lines]


# Pure arithmetic -------------------------------------------------------------------------------------


def test_a_percentage_is_shared_and_no_cent_is_lost():
    rule = {"pays": "percent", "percent": 5, "split": {"coordinator": 50, "closer": 50}}

    # 5% of 100.10 is 5.005, which is 5.01; halves of it are 2.505 each, and one has the odd cent.
    assert sum(amount for _who, amount in cents(reckon([terms(rule)], [paid(10_010)]))) == 501
    assert cents(reckon([terms(rule)], [paid(10_010)])) == [("member:c", 250), ("member:k", 251)]


def test_tiers_pay_each_part_of_the_month_at_its_own_percentage():
    rule = {"pays": "tiers", "tiers": [[0, 2], [100_000, 10]], "split": COORDINATOR}

    first, second = reckon([terms(rule)], [paid(80_000, day=3), paid(50_000, day=4, pk="b")])

    assert first.cents == 1_600
    assert second.cents == 20_000 * 2 // 100 + 30_000 * 10 // 100


def test_a_tier_begins_with_the_cent_after_its_bound():
    rule = {"pays": "tiers", "tiers": [[0, 2], [100_000, 10]], "split": COORDINATOR}

    on_it, above = reckon([terms(rule)], [paid(100_000, day=3), paid(100, day=4, pk="b")])

    assert (on_it.cents, on_it.reason["parts"]) == (2_000, [[100_000, 2]])
    assert (above.cents, above.reason["parts"]) == (10, [[100, 10]])


def test_thirds_of_a_share_lose_no_cent():
    split = {"coordinator": 33.33, "closer": 33.33, "referrer": 33.34}
    people = {"coordinator": "member:c", "closer": "member:k", "referrer": "referrer:r"}
    rule, each = {"pays": "percent", "percent": 12.25, "split": split}, replace(paid(99_999), earners=people)

    lines = reckon([terms(rule)], [each])

    # 12.25% of 999.99 is 122.498775, so 122.50: 40.829..., 40.829... and 40.8415.
    assert cents(lines) == [("member:c", 4_083), ("member:k", 4_083), ("referrer:r", 4_084)]
    assert "12.25% of $999.99, 33.33% of it as coordinator." in reason_in_words(lines[0])


def test_a_fixed_amount_is_for_the_first_payment_of_a_patient():
    rule = {"pays": "flat", "flat_cents": 4_000, "per": "patient", "split": COORDINATOR}

    assert cents(reckon([terms(rule)], [paid(9_000, is_first=True), paid(9_000, pk="b")])) == [("member:c", 4_000)]


def test_a_procedure_has_a_percentage_of_its_own():
    rule = {"pays": "percent", "percent": 5, "procedures": {"BTX": 20}, "split": COORDINATOR}

    assert cents(reckon([terms(rule)], [paid(10_000, procedures=("BTX",))])) == [("member:c", 2_000)]


def test_a_rule_pays_within_its_days_and_for_its_provider():
    rule = {"pays": "percent", "percent": 5, "split": COORDINATOR}

    assert reckon([terms(rule, until=date(2026, 5, 9))], [paid(10_000)]) == []
    assert reckon([terms(rule, provider="p")], [paid(10_000)]) == []
    assert len(reckon([terms(rule, provider="p")], [paid(10_000, provider="p")])) == 1


def test_the_part_of_a_role_that_nobody_had_is_not_paid():
    rule = {"pays": "percent", "percent": 10, "split": {"coordinator": 60, "referrer": 40}}

    assert cents(reckon([terms(rule)], [paid(10_000)])) == [("member:c", 600)]


def test_a_refund_takes_back_its_part():
    rule = {"pays": "percent", "percent": 10, "split": COORDINATOR}
    lines = reckon([terms(rule)], [paid(10_000)])
    refund = paid(-2_500, pk="r", refunds="a", refunded_cents=10_000)

    [back] = take_back(refund, lines)

    assert back.cents == -250
    assert "goes back" in reason_in_words(back)


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        ({"pays": "magic", "split": COORDINATOR}, "pays"),
        ({"pays": "percent", "percent": 120, "split": COORDINATOR}, "percent"),
        ({"pays": "flat", "flat_cents": 0, "per": "patient", "split": COORDINATOR}, "flat"),
        ({"pays": "tiers", "tiers": [[5, 2]], "split": COORDINATOR}, "tiers"),
        ({"pays": "percent", "percent": 5, "split": {"coordinator": 60}}, "split"),
        ({"pays": "percent", "percent": 5, "split": COORDINATOR, "procedures": {"X": 5}}, "procedures"),
        ({"pays": "percent", "percent": 5, "split": COORDINATOR, "procedures": [5]}, "procedures"),
        ({"pays": "percent", "percent": 5, "split": COORDINATOR, "more": 1}, "pays"),
    ],
)
def test_a_faulty_rule_is_named_by_its_field(rule, field):
    assert [name for name, _words in faults_of(rule, ["BTX"])] == [field]


# A clinic --------------------------------------------------------------------------------------------


@pytest.fixture
def rule(clinic):
    return CommissionRule.objects.create(
        name="Coordinators",
        rule={"pays": "percent", "percent": 10, "split": {"coordinator": 60, "closer": 40}},
        effective_from=MAY,
    )


@pytest.fixture
def patient(rule, coordinator, owner):
    lead = LeadFactory(
        assigned_to=coordinator, status=LeadStatus.CONVERTED, converted_at=timezone.now() - timedelta(days=300)
    )
    conversion = LeadConversion.objects.create(lead=lead, by=owner, converted_at=lead.converted_at)
    patient = PatientFactory()
    ConvertedPatient.objects.create(conversion=conversion, patient=patient)
    return patient


def test_the_month_pays_coordinator_and_closer_and_takes_back_what_was_refunded(patient, coordinator, owner):
    payment = PaymentFactory(patient=patient, amount_cents=100_000, paid_on=date(2026, 5, 10))
    PaymentFactory(patient=patient, amount_cents=50_000, kind="REFUND", refunds=payment, paid_on=date(2026, 6, 2))

    may = {total.name: total.cents for total in totals_of(lines_of(MAY))}
    june = {total.name: total.cents for total in totals_of(lines_of(JUNE))}

    assert may == {str(coordinator): 6_000, str(owner): 4_000}
    assert june == {str(coordinator): -3_000, str(owner): -2_000}


def test_a_locked_month_stays_and_what_is_told_later_counts_later(patient, owner, rule):
    with time_machine.travel("2026-06-05T12:00:00Z"):
        PaymentFactory(patient=patient, amount_cents=10_000, paid_on=date(2026, 5, 10))
        lock = lock_month(MAY, by=owner)
    with time_machine.travel("2026-06-20T12:00:00Z"):
        PaymentFactory(patient=patient, amount_cents=90_000, paid_on=date(2026, 5, 11))

    assert last_audit(lock).action == "crm.commission.locked"
    assert sum(line.cents for line in lines_of(MAY)) == 1_000
    late = lines_of(JUNE)
    assert sum(line.cents for line in late) == 9_000
    assert "after its own month was locked" in reason_in_words(late[0])
    with pytest.raises(MonthIsLocked):
        lock_month(MAY, by=owner)
    with pytest.raises(RuleIsUsed):
        change_rule(rule, {"rule": {"pays": "percent", "percent": 1, "split": COORDINATOR}}, seen=None, by=owner)


def test_only_the_last_locked_month_is_opened_again_and_only_a_past_one_locked(patient, owner):
    first, second = lock_month(MAY, by=owner), lock_month(JUNE, by=owner)

    with pytest.raises(LaterMonthIsLocked):
        unlock_month(first, by=owner)
    stale = CommissionMonth.objects.get(month=JUNE)
    unlock_month(second, by=owner)
    with pytest.raises(MonthIsOpen):
        unlock_month(stale, by=owner)
    with pytest.raises(MonthNotOver):
        lock_month(timezone.localdate().replace(day=1), by=owner)
    assert not Commission.objects.filter(month__month=JUNE).exists()


# Pages -----------------------------------------------------------------------------------------------


def test_the_statement_gives_a_reason_for_each_line_and_is_a_file(client_of, rule, patient, owner, coordinator):
    PaymentFactory(patient=patient, amount_cents=100_000, paid_on=date(2026, 5, 10))
    asked = {"month": "2026-05", "who": f"member:{coordinator.pk}"}

    text = client_of(owner).get("/commissions/statement/", asked).content.decode()
    file = client_of(owner).get("/commissions/export/", asked).content.decode()

    assert "10% of $1,000, 60% of it as coordinator." in text
    assert "60.00" in file
    assert client_of(owner).get("/commissions/statement/", asked | {"who": "member:x"}).status_code == 404
    assert client_of(coordinator).get("/commissions/").status_code == 403


def test_a_month_is_locked_from_its_page_and_opened_by_the_undo_of_its_toast(client_of, patient, owner):
    browser = client_of(owner)

    browser.post("/commissions/lock/", {"month": "2026-05"})
    lock = Commission._meta.get_field("month").related_model.objects.get()
    browser.post(f"/commissions/{lock.pk}/unlock/")

    assert not type(lock).objects.exists()
    assert browser.get("/commissions/", {"month": "2026-05"}).status_code == 200
