"""Months beside each other, how fast leads turn into money, and periods that begin in the midst: worked out by hand.

Leads first asked: 2 in May 2025; in 2026 4 in April, 6 in May on the 1st, 2nd, 3rd, 20th, 30th and 31st, 3 in June.
"""

from datetime import date, datetime, timedelta

import pytest
from django.utils import timezone

from crm.figures.cohort import Period
from crm.figures.pictures.sources import draw_mix
from crm.figures.pictures.times import draw_velocity
from crm.figures.reading import Reading
from crm.models import ConvertedPatient, LeadConversion, LeadStatus
from crm.tests.factories import LeadFactory, LeadSourceFactory
from patients.tests.factories import PatientFactory, PaymentFactory

ASKED = {(2025, 5): (4, 5), (2026, 4): (1, 2, 29, 30), (2026, 5): (1, 2, 3, 20, 30, 31), (2026, 6): (1, 2, 28)}


@pytest.fixture
def leads(stages):
    """Of those of May 2026 the first two started, after 10 and 30 days, worth 3,000 and 5,000; one had paid 700."""
    web, fair = LeadSourceFactory(name="Web", monthly_cost_cents=6_200), LeadSourceFactory(name="Fair")
    made = {}
    for (year, month), days in ASKED.items():
        for number, day in enumerate(days):
            moment = timezone.make_aware(datetime(year, month, day, 12))
            facts = {"captured_at": moment, "first_contacted_at": moment + timedelta(minutes=day)}
            made[year, month, day] = LeadFactory(source=fair if number % 3 == 2 else web, **facts)
    for day, after, cents in ((1, 10, 300_000), (2, 30, 500_000)):
        lead = made[2026, 5, day]
        lead.status, lead.stage, lead.expected_value_cents = LeadStatus.CONVERTED, stages["treatment_started"], cents
        lead.converted_at = lead.captured_at + timedelta(days=after)
        lead.save()
    patient = PatientFactory()
    conversion = LeadConversion.objects.create(lead=lead, converted_at=lead.converted_at)
    ConvertedPatient.objects.create(conversion=conversion, patient=patient)
    PaymentFactory(patient=patient, amount_cents=70_000, paid_on=date(2026, 6, 20))
    return made


def test_each_month_stands_beside_the_one_before_and_the_year_before(leads):
    reading = Reading(Period(date(2026, 5, 1), date(2026, 6, 30)))

    months = {month.first: month for month in reading.trend}
    may = months[date(2026, 5, 1)]
    assert (may.leads, may.leads_a_year_before, may.converted, may.rate) == (6, 2, 2, pytest.approx(1 / 3))
    assert (may.collected_cents, may.cost_cents) == (70_000, 6_200)
    growth = {row[0]: row[2] for row in draw_velocity(reading).sheet.rows}
    # From 4 in April to 6 in May to 3 in June.
    assert (growth["May 2026"], growth["June 2026"]) == (0.5, -0.5)


def test_the_month_in_which_a_period_ends_counts_up_to_its_day(leads):
    last = Reading(Period(date(2026, 5, 1), date(2026, 6, 2))).trend[-1]

    assert (last.first, last.leads, last.leads_a_year_before) == (date(2026, 6, 1), 2, 0)


def test_the_pipeline_turns_so_much_into_treatment_a_day(leads):
    # 8,000 were won by leads that took 20 days on average: 400 a day.
    assert Reading(Period(date(2026, 5, 1), date(2026, 5, 31))).cents_per_day == 40_000


def test_the_mix_is_the_share_of_each_source(leads):
    rows = draw_mix(Reading(Period(date(2026, 5, 1), date(2026, 5, 31)))).sheet.rows

    assert {row[0]: row[2:4] for row in rows} == {"Web": (4, 4 / 6), "Fair": (2, 2 / 6)}


@pytest.mark.parametrize(
    ("since", "until"),
    [
        (date(2026, 5, 3), date(2026, 6, 27)),  # the whole of both months less their ends
        (date(2026, 4, 30), date(2026, 6, 1)),  # May and a day on either side
        (date(2026, 5, 2), date(2026, 5, 30)),  # May less two days
        (date(2026, 5, 30), date(2026, 5, 31)),  # two days
        (date(2025, 5, 5), date(2026, 5, 1)),
    ],
)
def test_a_period_that_begins_in_the_midst_of_a_month_counts_its_days_alone(leads, since, until):
    within = [lead for day, lead in leads.items() if since <= date(*day) <= until]
    waits = sorted((lead.first_contacted_at - lead.captured_at).total_seconds() for lead in within)

    reading = Reading(Period(since, until))

    assert (reading.total.leads, reading.funnel.leads) == (len(within), len(within))
    assert reading.total.converted == sum(lead.status == LeadStatus.CONVERTED for lead in within)
    spans = reading.waits[None]
    assert spans.number == len(within)
    assert spans.quantiles([0, 1]) == pytest.approx([waits[0], waits[-1]])
