"""A month of a whole team, worked out by hand: provider, referrer, coordinator and closer; each kind of rule."""

from datetime import date

import pytest

from crm.commissions.statements import lines_of, totals_of
from crm.models import CommissionRule, ConvertedPatient, LeadConversion, LeadStatus, ReferringProvider
from crm.tests.factories import LeadFactory
from patients.tests.factories import PatientFactory, PaymentFactory, ProviderFactory, VisitFactory

MAY = date(2026, 5, 1)
RULES = {
    "Surgeons": {"pays": "percent", "percent": 4, "procedures": {"BTX": 7.5}, "split": {"provider": 100}},
    "Team": {"pays": "percent", "percent": 10, "split": {"coordinator": 50, "closer": 30, "referrer": 20}},
    "Each": {"pays": "flat", "flat_cents": 250, "per": "payment", "split": {"coordinator": 100}},
    "New": {"pays": "flat", "flat_cents": 4_000, "per": "patient", "split": {"closer": 100}},
    "Steps": {"pays": "tiers", "tiers": [[0, 1], [30_000, 2]], "split": {"closer": 100}},
}


@pytest.fixture
def surgeon(clinic, coordinator, owner):
    """Two payments of 300 for visits of a surgeon, the second one for botox, by somebody whom a doctor sent."""
    for name, rule in RULES.items():
        CommissionRule.objects.create(name=name, rule=rule, effective_from=MAY)
    CommissionRule.objects.filter(name="Surgeons").update(provider_role="SURGEON")
    doctor = ReferringProvider.objects.create(name="Dr. Sender")
    lead = LeadFactory(
        assigned_to=coordinator,
        referring_provider=doctor,
        status=LeadStatus.CONVERTED,
        converted_at="2026-04-01T12:00Z",
    )
    conversion = LeadConversion.objects.create(lead=lead, by=owner, converted_at=lead.converted_at)
    patient = PatientFactory()
    ConvertedPatient.objects.create(conversion=conversion, patient=patient)
    surgeon = ProviderFactory(role="SURGEON")
    for day, procedures in ((4, []), (5, ["BTX"])):
        visit = VisitFactory(patient=patient, provider=surgeon, procedures=procedures)
        PaymentFactory(patient=patient, visit=visit, amount_cents=30_000, paid_on=MAY.replace(day=day))
    return surgeon


def test_each_of_a_team_earns_what_is_theirs(surgeon, coordinator, owner):
    totals = {total.name: total.cents for total in totals_of(lines_of(MAY))}

    assert totals == {
        surgeon.name: 1_200 + 2_250,  # 4% of 300, 7.5% of 300
        "Dr. Sender": 2 * 600,  # a fifth of 10% of 300, twice
        str(coordinator): 2 * 1_500 + 2 * 250,  # half of it, and 2.50 for each payment
        str(owner): 2 * 900 + 4_000 + 300 + 600,  # 30% of it, the new patient, 1% of the first 300 and 2% beyond
    }


def test_a_provider_has_a_statement_of_their_own(surgeon, owner, client_of):
    asked = {"month": "2026-05", "who": f"provider:{surgeon.pk}"}

    statement = client_of(owner).get("/commissions/statement/", asked)

    assert [why for _line, _payer, why in statement.context["lines"]] == [
        "Surgeons: 4% of $300, as provider.",
        "Surgeons: 7.5% of $300 for this procedure, as provider.",
    ]
