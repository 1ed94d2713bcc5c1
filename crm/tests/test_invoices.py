"""Commissions of what other programs told, of roles, of closers, and of payments that are gone."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from conftest import last_audit
from crm.commissions.locking import lock_month, unlock_month
from crm.commissions.reasons import reason_in_words
from crm.commissions.statements import lines_of
from crm.conversion import name_closer
from crm.models import CommissionRule, ConvertedPatient, KpiEvent, LeadConversion, LeadStatus
from crm.tests.factories import LeadFactory
from patients.models import Payment
from patients.tests.factories import PatientFactory, PaymentFactory, ProviderFactory, VisitFactory

MAY, JUNE, JULY = date(2026, 5, 1), date(2026, 6, 1), date(2026, 7, 1)
PERCENT = {"pays": "percent", "percent": 10, "split": {"coordinator": 60, "closer": 40}}


@pytest.fixture
def patient(clinic, coordinator, owner):
    """Somebody who came as a lead of the coordinator and was made a patient by the owner; a rule pays both."""
    CommissionRule.objects.create(name="Both", rule=PERCENT, effective_from=MAY)
    lead = LeadFactory(
        assigned_to=coordinator, status=LeadStatus.CONVERTED, converted_at=datetime(2026, 4, 1, tzinfo=UTC)
    )
    patient = PatientFactory()
    patient.conversion = LeadConversion.objects.create(lead=lead, by=owner, converted_at=lead.converted_at)
    ConvertedPatient.objects.create(conversion=patient.conversion, patient=patient)
    return patient


def invoice(patient, cents, day, number=None):
    moment = datetime(2026, 5, day, 15, tzinfo=UTC)
    lead = patient.conversion.lead
    return KpiEvent.objects.create(
        kind="invoice_paid", lead=lead, value_cents=cents, occurred_at=moment, external_id=number
    )


def earned(month):
    return sum(line.cents for line in lines_of(month))


def test_a_paid_invoice_counts_where_no_payment_stands_for_it(patient):
    invoice(patient, 30_000, day=5)
    invoice(patient, 20_000, day=9)
    invoice(patient, 70_000, day=20, number="INV-7")
    PaymentFactory(patient=patient, amount_cents=20_000, paid_on=date(2026, 5, 11))
    PaymentFactory(patient=patient, amount_cents=69_000, paid_on=date(2026, 5, 28), external_id="INV-7")

    lines = lines_of(MAY)

    # The payments of 200 and 690, and the invoice of 300 that nothing else tells of.
    assert earned(MAY) == 2_000 + 6_900 + 3_000
    told = [line for line in lines if line.paid.event]
    assert sorted(line.cents for line in told) == [1_200, 1_800]
    assert "another program told of" in reason_in_words(told[0])


def test_an_invoice_counts_in_the_month_that_it_is_in_the_zone_of_the_clinic(patient, clinic):
    for moment in (datetime(2026, 6, 1, 3, 59, tzinfo=UTC), datetime(2026, 6, 1, 4, 1, tzinfo=UTC)):
        lead = patient.conversion.lead
        KpiEvent.objects.create(kind="invoice_paid", lead=lead, value_cents=10_000, occurred_at=moment)

    # New York: one minute before midnight of 31 May, and one after.
    with timezone.override(clinic.zone):
        assert [line.paid.paid_on for line in lines_of(MAY)] == [date(2026, 5, 31)] * 2
        assert [line.paid.paid_on for line in lines_of(JUNE)] == [date(2026, 6, 1)] * 2


def test_each_payment_stands_for_one_invoice(patient):
    for day in (5, 6):
        invoice(patient, 20_000, day=day)
    PaymentFactory(patient=patient, amount_cents=20_000, paid_on=date(2026, 5, 6))

    assert earned(MAY) == 4_000


def test_a_payment_that_comes_after_its_invoice_was_locked_is_not_paid_for_again(patient, owner):
    with time_machine.travel("2026-06-05T12:00:00Z"):
        invoice(patient, 20_000, day=9)
        lock_month(MAY, by=owner)
    with time_machine.travel("2026-06-20T12:00:00Z"):
        PaymentFactory(patient=patient, amount_cents=20_000, paid_on=date(2026, 5, 10))

    assert (earned(MAY), earned(JUNE)) == (2_000, 0)


def refunded(payment, cents):
    return PaymentFactory(
        patient=payment.patient, kind="REFUND", refunds=payment, amount_cents=cents, paid_on=date(2026, 6, 22)
    )


def test_a_refund_takes_back_what_its_invoice_had_earned_in_a_locked_month_once(patient, coordinator, owner):
    with time_machine.travel("2026-06-05T12:00:00Z"):
        invoice(patient, 20_000, day=9)
        lock_month(MAY, by=owner)
    with time_machine.travel("2026-06-22T12:00:00Z"):
        refunded(PaymentFactory(patient=patient, amount_cents=20_000, paid_on=date(2026, 5, 10)), 5_000)

    back = lines_of(JUNE)

    # A quarter of the 20 that the invoice of 200 had earned: 3 of the coordinator's 12, 2 of the closer's 8.
    assert {line.who: line.cents for line in back} == {f"member:{coordinator.pk}": -300, f"member:{owner.pk}": -200}
    assert "200" in reason_in_words(back[0])
    lock_month(JUNE, by=owner)
    assert (earned(MAY), earned(JUNE), earned(JULY)) == (2_000, -500, 0)


def test_a_refund_takes_back_of_a_payment_that_was_written_down_after_its_month_was_locked(patient, owner):
    with time_machine.travel("2026-06-05T12:00:00Z"):
        lock_month(MAY, by=owner)
        late = PaymentFactory(patient=patient, amount_cents=20_000, paid_on=date(2026, 5, 10))
    with time_machine.travel("2026-07-05T12:00:00Z"):
        lock_month(JUNE, by=owner)
        PaymentFactory(patient=patient, kind="REFUND", refunds=late, amount_cents=20_000, paid_on=date(2026, 7, 4))

    assert (earned(MAY), earned(JUNE), earned(JULY)) == (0, 2_000, -2_000)


def test_what_was_earned_of_a_deleted_payment_goes_back_in_the_first_open_month_once(patient, owner):
    payment = PaymentFactory(patient=patient, amount_cents=10_000, paid_on=date(2026, 5, 10))
    lock_month(MAY, by=owner)
    Payment.objects.filter(pk=payment.pk).delete()

    assert (earned(MAY), earned(JUNE), earned(JULY)) == (1_000, -1_000, 0)
    assert "deleted after its month was locked" in reason_in_words(lines_of(JUNE)[0])
    june = lock_month(JUNE, by=owner)
    assert (earned(JUNE), earned(JULY)) == (-1_000, 0)
    unlock_month(june, by=owner)
    assert earned(JUNE) == -1_000


def test_a_rule_of_one_role_is_for_visits_of_that_role(patient):
    rule = {"pays": "percent", "percent": 10, "split": {"provider": 100}}
    CommissionRule.objects.update(rule=rule, provider_role="SURGEON")
    for role in ("SURGEON", "NURSE", ""):
        visit = VisitFactory(patient=patient, provider=ProviderFactory(role=role))
        PaymentFactory(patient=patient, visit=visit, amount_cents=10_000, paid_on=date(2026, 5, 10))

    [line] = lines_of(MAY)

    assert line.cents == 1_000


def test_who_won_them_over_is_said_on_the_page_of_the_lead(patient, coordinator, owner, client_of):
    PaymentFactory(patient=patient, amount_cents=10_000, paid_on=date(2026, 5, 10))
    conversion = patient.conversion
    address = f"/leads/{conversion.lead_id}/convert/{conversion.pk}/closer/"

    named = client_of(owner).post(address, {"member": coordinator.pk})
    refused = client_of(coordinator).post(address, {"member": owner.pk})

    assert (named.status_code, refused.status_code) == (302, 403)
    assert {line.who for line in lines_of(MAY)} == {f"member:{coordinator.pk}"}
    assert last_audit(conversion.lead).action == "crm.lead.closer_named"
    assert "Won over by" in client_of(owner).get(f"/leads/{conversion.lead_id}/").text
    conversion.refresh_from_db()
    assert name_closer(conversion, coordinator, by=owner).closed_by == coordinator


def test_a_statement_is_cut_into_pages(patient, owner, coordinator, client_of):
    for day in range(1, 31):
        for part in (1, 2):
            PaymentFactory(patient=patient, amount_cents=1_000 * part, paid_on=MAY + timedelta(days=day - 1))
    lock_month(MAY, by=owner)
    asked = {"month": "2026-05", "who": f"member:{coordinator.pk}"}

    first = client_of(owner).get("/commissions/statement/", asked)
    second = client_of(owner).get("/commissions/statement/", asked | {"page": 2})

    assert first.context["page"].paginator.count == 60
    assert len(first.context["lines"]) + len(second.context["lines"]) == 60
    assert first.context["sum"] == 30 * 3_000 * 6 // 100
    assert client_of(owner).get("/commissions/export/", asked).text.count("\n") == 61
