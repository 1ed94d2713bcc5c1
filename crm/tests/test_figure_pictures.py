"""What the pictures of reports say in their tables, worked out by hand; and of clinics with no lead, and with one.

May 2026. Ads: four leads. Two of Renata’s were lost, for money, from the first stage and after the consultation; one of
nobody’s because they moved; the fourth started, worth 3,000, and paid 1,200. The ads cost 600. In April one lead asked.
"""

from datetime import date, datetime, timedelta

import pytest
from django.utils import timezone

from crm.figures.cohort import Period
from crm.figures.pictures import PICTURES
from crm.figures.reading import PERIOD, Reading
from crm.figures.stats import stats_of
from crm.models import AdSpend, ConvertedPatient, LeadConversion, LeadStatus, LostReason
from crm.pipeline import move_lead
from crm.tests.factories import LeadFactory, LeadSourceFactory
from patients.tests.factories import PatientFactory, PaymentFactory

APRIL, MAY = Period(date(2026, 4, 1), date(2026, 4, 30)), Period(date(2026, 5, 1), date(2026, 5, 31))


def asked(month=5, **facts):
    moment = timezone.make_aware(datetime(2026, month, 10, 12))
    return LeadFactory(captured_at=moment, stage_entered_at=moment, **facts)


@pytest.fixture
def reading(stages, coordinator):
    ads = LeadSourceFactory(name="Ads", monthly_cost_cents=None)
    AdSpend.objects.create(month=MAY.since, source=ads, cents=60_000)
    facts = {"source": ads}
    for stage, member, reason in (
        ("new_lead", coordinator, LostReason.COST_FINANCIAL),
        ("consultation_completed", coordinator, LostReason.COST_FINANCIAL),
        ("new_lead", None, LostReason.RELOCATED),
    ):
        lead = asked(stage=stages[stage], assigned_to=member, **facts)
        move_lead(lead, stages["lost"], by=None, lost_reason=reason)
    lead = asked(assigned_to=coordinator, expected_value_cents=300_000, **facts)
    lead.first_contacted_at, lead.converted_at = (lead.captured_at + timedelta(minutes=m) for m in (4, 14_400))
    lead.status, lead.stage = LeadStatus.CONVERTED, stages["treatment_started"]
    lead.save()
    conversion = LeadConversion.objects.create(lead=lead, converted_at=lead.converted_at)
    patient = PatientFactory()
    ConvertedPatient.objects.create(conversion=conversion, patient=patient)
    PaymentFactory(patient=patient, amount_cents=120_000, paid_on=date(2026, 6, 1))
    asked(month=4, source=ads)
    return Reading(MAY, compared=APRIL)


def rows_of(reading, key):
    return PICTURES[key](reading).sheet.rows


def test_losses_are_told_by_source_coordinator_and_stage(reading):
    assert rows_of(reading, "lost-by-source") == (("Ads", 2, 1, 3),)
    assert rows_of(reading, "lost-by-coordinator") == (("Renata Vasquez", 2, 0, 2), ("Nobody", 0, 1, 1))
    assert rows_of(reading, "lost-by-stage") == (("New Lead", 1, 1, 2), ("Consultation Completed", 1, 0, 1))
    assert PICTURES["lost-by-stage"](reading).sheet.header == ["Stage", "Cost or financing", "Moved away", "All"]


def test_the_share_of_each_month_leaves_out_the_young_ones_where_it_sums_up(reading):
    rows = {row[0]: row[1:] for row in rows_of(reading, "monthly-rate")}

    assert (rows["May 2026"], rows["April 2026"]) == ((4, 1, 0.25), (1, 0, 0.0))
    later = PICTURES["monthly-rate"](Reading(Period(date(2026, 5, 1), date(2026, 8, 31))))
    assert later.answer == "20% of the leads of older months: 1 of 5."


def test_the_figures_on_top_stand_beside_those_of_the_period_before(reading):
    told = {stat.label: (stat.value, stat.change, stat.note) for stat in stats_of(reading)}

    assert told["New leads"] == ("4", "300%", "1 before")
    assert told["First human answer"][0] == "4:00"
    assert told["Started"] == ("1", "new", "25% of leads")
    assert told["Collected"] == ("$1,200", "new", "from 1 who started")
    assert told["Cost per patient"] == ("$600", "", "return +100%")
    assert told["Cost per lead"] == ("$150", "", "$600 spent")


@pytest.mark.parametrize("number", [0, 1])
def test_a_clinic_with_hardly_anybody_divides_by_nothing(stages, number):
    for _each in range(number):
        asked(source=LeadSourceFactory(name="A source whose name is longer than any column of any table " * 2))

    for view in (None, PERIOD):
        reading = Reading(MAY, compared=APRIL, view=view)
        pictures = [draw(reading) for draw in PICTURES.values()]
        assert all(len(row) == len(each.sheet.columns) for each in pictures for row in each.sheet.table().rows)
        assert {stat.label: stat.value for stat in stats_of(reading)}["New leads"] == str(number)
