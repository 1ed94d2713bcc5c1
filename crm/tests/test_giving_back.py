"""Refunds and what they take back of commissions, worked out by hand."""

from datetime import date

import pytest
import time_machine
from django.db import connection

from crm.commissions.giving_back import parts_of
from crm.commissions.locking import lock_month
from crm.commissions.reckoning import Paid, Terms, reckon, take_back
from crm.commissions.statements import lines_of
from crm.models import CommissionRule, ConvertedPatient, LeadConversion, LeadStatus
from crm.tests.factories import LeadFactory
from patients.books import BESIDE_OTHERS, close_books
from patients.tests.factories import PatientFactory, PaymentFactory, VisitFactory

MAY, JUNE, JULY = date(2026, 5, 1), date(2026, 6, 1), date(2026, 7, 1)
NOW = date(2026, 6, 10)


def refund(patient, cents, *, refunds=None, visit=None, day=NOW):
    facts = {"refunds": refunds, "visit": visit, "paid_on": day}
    return PaymentFactory(patient=patient, kind="REFUND", amount_cents=cents, **facts)


def told(rows):
    return {pk: [(part.payment.pk, part.cents, part.before) for part in parts] for pk, parts in parts_of(rows).items()}


def test_several_refunds_take_back_what_was_earned_to_the_cent_and_no_more():
    rule = {"pays": "percent", "percent": 1, "split": {"coordinator": 50, "closer": 50}}
    people = {"coordinator": "member:c", "closer": "member:k"}
    lines = reckon([Terms("r", "Rule", rule, None, MAY, None)], [Paid("a", MAY, 10_000, "p", people)])

    back = []
    for number, (cents, before) in enumerate([(3_333, 0), (3_333, 3_333), (3_334, 6_666), (5_000, 10_000)]):
        paid = Paid(f"r{number}", NOW, -cents, "p", {}, refunds="a", refunded_cents=10_000, given_before=before)
        back.append([line.cents for line in take_back(paid, lines)])

    # Of 50 cents each: 16.665, 33.33 and 50 in all, so 17, 16 and 17; then nothing is left to take.
    assert back == [[-17, -17], [-16, -16], [-17, -17], []]


def test_a_refund_that_names_no_payment_gives_back_the_visit_then_the_amount_then_the_newest(clinic):
    patient = PatientFactory()
    visit = VisitFactory(patient=patient)
    of_visit = PaymentFactory(patient=patient, visit=visit, amount_cents=700, paid_on=MAY)
    alike = PaymentFactory(patient=patient, amount_cents=300, paid_on=date(2026, 5, 2))
    newest = PaymentFactory(patient=patient, amount_cents=900, paid_on=date(2026, 5, 3))
    later = PaymentFactory(patient=patient, amount_cents=900, paid_on=date(2026, 6, 30))
    rows = [of_visit, alike, newest, later]

    by_visit, by_amount, rest = refund(patient, 500, visit=visit), refund(patient, 300), refund(patient, 1_200)

    assert told([*rows, rest, by_amount, by_visit]) == {
        by_visit.pk: [(of_visit.pk, 500, 0)],
        by_amount.pk: [(alike.pk, 300, 0)],
        rest.pk: [(newest.pk, 900, 0), (of_visit.pk, 200, 500)],
    }


def test_a_refund_of_more_than_its_payment_goes_on_with_the_newest_one(clinic):
    patient = PatientFactory()
    one, two = (PaymentFactory(patient=patient, amount_cents=500, paid_on=MAY.replace(day=day)) for day in (1, 2))
    more = refund(patient, 1_400, refunds=one)

    assert told([one, two, more]) == {more.pk: [(one.pk, 500, 0), (two.pk, 500, 0)]}


@pytest.fixture
def patient(clinic, coordinator, owner):
    """Somebody new of the coordinator, for whom a bonus of 40 is paid, and 10% of each payment."""
    for name, rule in {
        "Bonus": {"pays": "flat", "flat_cents": 4_000, "per": "patient", "split": {"coordinator": 100}},
        "Tenth": {"pays": "percent", "percent": 10, "split": {"coordinator": 100}},
    }.items():
        CommissionRule.objects.create(name=name, rule=rule, effective_from=MAY)
    lead = LeadFactory(assigned_to=coordinator, status=LeadStatus.CONVERTED, converted_at="2026-04-01T12:00Z")
    conversion = LeadConversion.objects.create(lead=lead, by=owner, converted_at=lead.converted_at)
    patient = PatientFactory()
    ConvertedPatient.objects.create(conversion=conversion, patient=patient)
    return patient


def earned(month):
    return sum(line.cents for line in lines_of(month))


def test_a_bonus_goes_back_with_the_payment_although_the_refund_does_not_name_it(patient, owner):
    PaymentFactory(patient=patient, amount_cents=20_000, paid_on=date(2026, 5, 10))
    lock_month(MAY, by=owner)
    refund(patient, 5_000)
    refund(patient, 15_000)

    assert (earned(MAY), earned(JUNE)) == (6_000, -6_000)


def test_a_refund_of_what_was_paid_before_the_rules_takes_nothing_back(patient):
    PaymentFactory(patient=patient, amount_cents=20_000, paid_on=date(2026, 4, 10))
    refund(patient, 20_000)

    assert earned(JUNE) == 0


def test_a_bonus_is_paid_once_although_an_earlier_payment_is_told_after_the_lock(patient, owner):
    with time_machine.travel("2026-06-05T12:00:00Z"):
        PaymentFactory(patient=patient, amount_cents=20_000, paid_on=date(2026, 5, 10))
        lock_month(MAY, by=owner)
    with time_machine.travel("2026-06-06T12:00:00Z"):
        PaymentFactory(patient=patient, amount_cents=10_000, paid_on=date(2026, 5, 2))

    # 40 and a tenth of 200 in May; a tenth of 100 in June.
    assert (earned(MAY), earned(JUNE)) == (6_000, 1_000)


def test_a_refund_told_after_the_lock_of_its_month_says_so_and_goes_back_later(patient, owner):
    with time_machine.travel("2026-07-05T12:00:00Z"):
        PaymentFactory(patient=patient, amount_cents=20_000, paid_on=date(2026, 5, 10))
        lock_month(MAY, by=owner)
        lock_month(JUNE, by=owner)
    with time_machine.travel("2026-07-06T12:00:00Z"):
        refund(patient, 20_000)

    lines = lines_of(JULY)
    assert (earned(JUNE), [line.cents for line in lines], lines[0].reason["late"]) == (0, [-4_000, -2_000], True)


def test_whoever_writes_money_down_waits_for_the_close_of_a_month(clinic):
    other = connection.copy()

    close_books()

    with other.cursor() as cursor:
        cursor.execute(BESIDE_OTHERS.replace("pg_", "pg_try_", 1), [str(clinic.pk)])
        assert cursor.fetchone() == (False,)
    other.close()
