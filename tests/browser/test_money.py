"""A month of commissions: a rule by its form, what it would have paid, the lock, a refund, the statement."""

from datetime import timedelta

from django.utils import timezone

from clinics.models import Role
from clinics.tenancy import clinic_scope
from crm.models import CommissionRule, ConvertedPatient, LeadConversion
from crm.tests.factories import LeadFactory
from patients.tests.factories import PatientFactory, PaymentFactory


def test_a_rule_pays_a_month_that_is_locked_and_a_refund_takes_its_part_back(window_of, member_of, practice):
    olga, now = member_of(Role.CLINIC_ADMIN, "Olga"), timezone.now()
    month = (timezone.localdate().replace(day=1) - timedelta(days=1)).replace(day=1)
    with clinic_scope(practice):
        lead = LeadFactory(assigned_to=olga, status="CONVERTED", converted_at=now - timedelta(days=90))
        conversion = LeadConversion.objects.create(lead=lead, by=olga, converted_at=lead.converted_at)
        patient = PatientFactory(first_name="Iris", last_name="Falk")
        ConvertedPatient.objects.create(conversion=conversion, patient=patient)
        PaymentFactory(patient=patient, amount_cents=50_000, paid_on=month)

    # By its form: only the fields of the chosen way of paying are in sight, and what is missing is said in words.
    page = window_of(olga, "/commissions/rules/new/")
    page.get_by_label("Name").fill("Team")
    page.locator("[name=effective_from]").fill(f"{month:%Y-%m-%d}")
    page.get_by_label("Percent of each payment").wait_for()
    page.get_by_label("Pays").select_option("tiers")
    page.get_by_label("Percent of each payment").wait_for(state="hidden")
    page.get_by_label("Tier 1: percent").fill("10")
    page.get_by_label("Tier 2: collected from").fill("400")
    page.keyboard.press("Control+Enter")
    page.get_by_text("Say the percentage of this tier.").first.wait_for()
    page.get_by_label("Tier 2: percent").fill("12.5")
    page.get_by_label("Coordinator").fill("60")
    page.get_by_label("Closer").fill("40")
    page.get_by_role("button", name="What would it have paid last month?").click()
    page.get_by_role("status").get_by_role("row", name="Olga Vasquez $0 $52.50 $52.50").wait_for()
    page.get_by_role("button", name="Save").dblclick()
    page.get_by_text("10%, 12.5% above $400 · coordinator 60%, closer 40%").wait_for()
    with clinic_scope(practice):
        assert CommissionRule.objects.count() == 1

    # Final; a fifth of the payment is given back, and the part of it in the month that is open.
    page.get_by_role("button", name="Lock this month").click()
    page.get_by_text("Final since").wait_for()
    page.goto(patient.get_absolute_url())
    page.keyboard.press("y")
    page.locator("#dialog").get_by_label("Amount").fill("100")
    page.locator("#dialog").get_by_label("Kind").select_option("REFUND")
    page.locator("#dialog").get_by_role("button", name="Save").click()
    page.get_by_text("−$100 is written down.").wait_for()
    page.goto(f"/commissions/?month={timezone.localdate():%Y-%m}")
    page.get_by_role("link", name="Olga Vasquez").click()
    page.get_by_text("$100 of $500 was given back: that part of $31.50 goes back too.").wait_for()
    page.locator("dd", has_text="−$10.50").last.wait_for()
    page.get_by_role("link", name="The month").click()
    page.get_by_role("link", name="The month before").click()
    page.get_by_role("cell", name="$52.50").first.wait_for()
