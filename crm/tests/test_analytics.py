"""Figures are checked against cohorts small enough to be counted by hand."""

from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conftest import next_door
from crm.analytics import Period, read_coordinators, read_funnel, read_lost_reasons, read_sources
from crm.models import LeadStatus, LostReason
from crm.pipeline import move_lead
from crm.tests.factories import LeadFactory, LeadSourceFactory

MAY = Period(date(2026, 5, 1), date(2026, 5, 31))


def in_may(day=10, **facts):
    moment = timezone.make_aware(datetime(2026, 5, day, 12))
    return LeadFactory(**{"captured_at": moment, "stage_entered_at": moment} | facts)


def won(stages, *, after, **facts):
    lead = in_may(status=LeadStatus.ACTIVE, **facts)
    lead.status, lead.stage = LeadStatus.CONVERTED, stages["treatment_started"]
    lead.converted_at = lead.captured_at + timedelta(days=after)
    lead.save()
    return lead


def lost(stages, *, from_slug="new_lead", reason=LostReason.COST_FINANCIAL, **facts):
    lead = in_may(stage=stages[from_slug], **facts)
    move_lead(lead, stages["lost"], by=None, lost_reason=reason)
    return lead


# The period ------------------------------------------------------------------------------------------


def test_a_period_holds_both_its_days_in_the_clinics_zone(stages):
    first = LeadFactory(captured_at=timezone.make_aware(datetime(2026, 5, 1, 0, 0)))
    last = LeadFactory(captured_at=timezone.make_aware(datetime(2026, 5, 31, 23, 59)))
    LeadFactory(captured_at=timezone.make_aware(datetime(2026, 6, 1, 0, 0)))
    LeadFactory(captured_at=timezone.make_aware(datetime(2026, 5, 15)), deleted_at=timezone.now())

    assert set(MAY.leads) == {first, last}


@pytest.mark.parametrize(
    ("since", "until", "months"),
    [((2026, 5, 1), (2026, 5, 31), 1), ((2026, 4, 1), (2026, 4, 15), 0.5), ((2026, 1, 1), (2026, 12, 31), 12)],
)
def test_a_period_is_so_many_months(since, until, months):
    assert Period(date(*since), date(*until)).months == pytest.approx(months)


def test_a_period_that_nobody_named_is_the_last_90_days(clinic):
    period = Period.asked()

    assert (period.until, (period.until - period.since).days) == (timezone.localdate(), 89)


# The funnel ------------------------------------------------------------------------------------------


def test_the_funnel_counts_how_far_each_lead_came(stages):
    in_may()
    in_may(stage=stages["pending_decision"], status=LeadStatus.ACTIVE)
    lost(stages, from_slug="consultation_scheduled")
    won(stages, after=10)

    funnel = read_funnel(MAY)

    assert [step.reached for step in funnel.steps] == [4, 3, 3, 2, 2, 1, 1]
    assert [step.now for step in funnel.steps] == [1, 0, 0, 0, 1, 0, 1]
    assert [step.lost_here for step in funnel.steps] == [0, 0, 1, 0, 0, 0, 0]
    assert (funnel.leads, funnel.open, funnel.converted, funnel.lost) == (4, 2, 1, 1)
    assert (funnel.conversion_rate, funnel.average_days_to_convert) == (0.25, 10)
    assert (funnel.steps[1].share_of_all, funnel.steps[3].share_of_previous) == (0.75, pytest.approx(2 / 3))


def test_a_lead_that_came_in_lost_counts_for_the_first_stage_alone(stages):
    in_may(stage=stages["lost"], status=LeadStatus.LOST, lost_reason=LostReason.OTHER)

    funnel = read_funnel(MAY)

    assert [step.reached for step in funnel.steps] == [1, 0, 0, 0, 0, 0, 0]
    assert funnel.steps[0].lost_here == 1


def test_the_funnel_of_nobody_divides_by_nothing(stages):
    funnel = read_funnel(MAY)

    assert (funnel.leads, funnel.conversion_rate, funnel.average_days_to_convert) == (0, None, None)


# Sources ---------------------------------------------------------------------------------------------


def test_sources_tell_what_a_lead_and_a_patient_cost(stages):
    ads = LeadSourceFactory(name="Ads", monthly_cost_cents=60_000)
    won(stages, after=5, source=ads, expected_value_cents=450_000)
    lost(stages, source=ads)
    in_may(source=ads)
    word = in_may(source=LeadSourceFactory(name="Word of mouth", monthly_cost_cents=None)).source

    found = {figures.source: figures for figures in read_sources(MAY)}

    assert [found[ads].leads, found[ads].open, found[ads].converted, found[ads].lost] == [3, 1, 1, 1]
    assert (found[ads].cost_cents, found[ads].cost_per_lead_cents) == (60_000, 20_000)
    assert (found[ads].cost_per_acquisition_cents, found[ads].won_cents) == (60_000, 450_000)
    assert (found[ads].share, found[ads].average_days_to_convert) == (0.75, 5)
    assert (found[word].cost_cents, found[word].cost_per_lead_cents) == (None, None)


def test_a_source_that_costs_and_brings_nobody_is_shown(stages):
    billboard = LeadSourceFactory(name="Billboard", monthly_cost_cents=90_000)
    LeadSourceFactory(name="Closed", monthly_cost_cents=90_000, is_active=False)

    [figures] = read_sources(MAY)

    assert (figures.source, figures.leads, figures.cost_per_lead_cents) == (billboard, 0, None)


# Coordinators ----------------------------------------------------------------------------------------


def test_coordinators_are_told_by_what_became_of_their_leads(stages, coordinator, owner):
    for minutes in (4, 6, 600):
        lead = in_may(assigned_to=coordinator)
        lead.first_contacted_at = lead.captured_at + timedelta(minutes=minutes)
        lead.save()
    won(stages, after=8, assigned_to=owner, expected_value_cents=300_000)
    in_may(assigned_to=None)

    best, second, nobody = read_coordinators(MAY)

    assert (best.member, best.converted, best.conversion_rate, best.won_cents) == (owner, 1, 1, 300_000)
    assert (second.member, second.contacted, second.median_minutes_to_contact) == (coordinator, 3, 6)
    assert (nobody.member, nobody.leads, nobody.median_minutes_to_contact) == (None, 1, None)


# Lost reasons ----------------------------------------------------------------------------------------


def test_lost_reasons_come_with_their_share_and_what_they_cost(stages):
    lost(stages, expected_value_cents=200_000)
    lost(stages)
    lost(stages, reason=LostReason.RELOCATED)
    in_may()

    cost, moved = read_lost_reasons(MAY)

    assert (cost.reason, cost.leads, cost.share, cost.lost_cents) == (
        "COST_FINANCIAL",
        2,
        pytest.approx(2 / 3),
        200_000,
    )
    assert (moved.reason, moved.leads) == ("RELOCATED", 1)


# All of them -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("read", [read_funnel, read_sources, read_coordinators, read_lost_reasons])
def test_figures_ask_the_same_number_of_queries_for_one_and_three_leads(stages, coordinator, read):
    counts = []
    for _each in range(3):
        lost(stages, source=LeadSourceFactory(), assigned_to=coordinator)
        won(stages, after=3, assigned_to=coordinator)
        with CaptureQueriesContext(connection) as queries:
            read(MAY)
        counts.append(len(queries))

    assert counts[0] == counts[2]


@pytest.mark.parametrize("read", [read_funnel, read_sources, read_coordinators, read_lost_reasons])
def test_figures_hold_nothing_of_the_clinic_next_door(stages, other_clinic, read):
    won(stages, after=3)
    before = repr(read(MAY))

    with next_door(other_clinic):
        LeadFactory(captured_at=timezone.make_aware(datetime(2026, 5, 10)))

    assert repr(read(MAY)) == before
