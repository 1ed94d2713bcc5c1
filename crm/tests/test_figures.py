"""Figures of money, people and time against a clinic small enough to be worked out by hand.

May 2026. Ads: 4 leads, 2 of them started, one had come by the fair first, a week and two weeks before. Fair: 2 leads,
none started. Nobody asked: 1 lead. Ads cost 600.00 in May, as was entered, the fair 100.00, its usual cost a month.
"""

from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from crm.attribution import Model
from crm.figures.cohort import Period
from crm.figures.reading import PERIOD, Reading
from crm.models import (
    AdSpend,
    ConvertedPatient,
    LeadConversion,
    LeadMonth,
    LeadStatus,
    LostReason,
    StageChange,
    Touchpoint,
)
from crm.pipeline import move_lead
from crm.tests.factories import LeadFactory, LeadSourceFactory
from patients.models import Appointment, AppointmentStatus
from patients.tests.factories import PatientFactory, PaymentFactory

MAY = Period(date(2026, 5, 1), date(2026, 5, 31))


def noon(month, day):
    return timezone.make_aware(datetime(2026, month, day, 12))


def asked(source, day=10, **facts):
    lead = LeadFactory(source=source, captured_at=noon(5, day), stage_entered_at=noon(5, day), **facts)
    Touchpoint.objects.create(lead=lead, source=source, occurred_at=lead.captured_at)
    return lead


def started(lead, stages, *, after, paid=(), refunded=0):
    """Make the lead a patient who has paid so much."""
    lead.status, lead.stage, lead.converted_at = (
        LeadStatus.CONVERTED,
        stages["treatment_started"],
        lead.captured_at + timedelta(days=after),
    )
    lead.save()
    patient = PatientFactory()
    conversion = LeadConversion.objects.create(lead=lead, converted_at=lead.converted_at)
    ConvertedPatient.objects.create(conversion=conversion, patient=patient)
    for cents in paid:
        PaymentFactory(patient=patient, amount_cents=cents, paid_on=lead.converted_at.date())
    if refunded:
        PaymentFactory(patient=patient, amount_cents=refunded, kind="REFUND", paid_on=lead.converted_at.date())
    return patient


@pytest.fixture
def sources(clinic):
    ads = LeadSourceFactory(name="Ads", monthly_cost_cents=99_900)
    AdSpend.objects.create(month=date(2026, 5, 1), source=ads, cents=60_000)
    fair = LeadSourceFactory(name="Fair", monthly_cost_cents=10_000)
    return {"ads": ads, "fair": fair, "nobody": LeadSourceFactory(name="No answer", is_unknown=True)}


@pytest.fixture
def may(sources, stages):
    for _each in range(2):
        asked(sources["ads"])
        asked(sources["fair"])
    asked(sources["nobody"])
    started(asked(sources["ads"]), stages, after=10, paid=[300_000], refunded=50_000)
    several = asked(sources["ads"], day=15)
    Touchpoint.objects.create(
        lead=several, source=sources["fair"], occurred_at=several.captured_at - timedelta(days=14)
    )
    Touchpoint.objects.create(lead=several, source=sources["fair"], occurred_at=several.captured_at - timedelta(days=7))
    started(several, stages, after=20, paid=[100_000, 40_000])
    return Reading(MAY)


def by_name(reading, credit):
    return {reading.sources[place].name if place else None: part for place, part in credit.items()}


# Money -----------------------------------------------------------------------------------------------


def test_what_a_lead_and_a_patient_cost_and_bring(may):
    found = {row.source.name: row for row in may.source_figures if row.leads}

    assert (found["Ads"].leads, found["Ads"].converted, found["Ads"].cost_cents) == (4, 2, 60_000)
    assert (found["Ads"].cost_per_lead_cents, found["Ads"].cost_per_acquisition_cents) == (15_000, 30_000)
    assert (found["Ads"].collected_cents, found["Ads"].return_on_spend) == (390_000, 5.5)
    assert (found["Fair"].cost_cents, found["Fair"].cost_per_acquisition_cents) == (10_000, None)
    assert (may.costs.total, may.revenue.total) == (70_000, 390_000)


def test_half_a_month_costs_half_of_what_the_month_did(may, sources):
    half = Reading(Period(date(2026, 4, 16), date(2026, 5, 31)))

    # April: half of the usual cost of both; May: what was entered for the ads, the usual cost of the fair.
    assert half.costs.of(sources["ads"].pk) == 49_950 + 60_000
    assert half.costs.of(sources["fair"].pk) == 5_000 + 10_000


def test_what_a_patient_paid_before_they_asked_is_no_success_of_the_lead(may, sources, stages):
    known = started(asked(sources["fair"]), stages, after=1)
    PaymentFactory(patient=known, amount_cents=70_000, paid_on=date(2026, 5, 9))
    PaymentFactory(patient=known, amount_cents=30_000, paid_on=date(2026, 5, 10))

    assert Reading(MAY).revenue.by("source")[sources["fair"].pk] == 30_000


def test_a_patient_of_two_leads_counts_for_the_first(sources, stages):
    first, second = asked(sources["ads"]), asked(sources["fair"], day=12)
    patient = started(first, stages, after=3, paid=[20_000])
    conversion = LeadConversion.objects.create(lead=second, converted_at=noon(5, 20))
    ConvertedPatient.objects.create(conversion=conversion, patient=patient)

    assert Reading(MAY).revenue.by("source") == {sources["ads"].pk: 20_000}


# Credit ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "ads", "fair"),
    [
        (Model.FIRST, 1, 1),
        (Model.LAST, 2, 0),
        (Model.LINEAR, 1 + 1 / 3, 2 / 3),
        (Model.POSITION, 1.4, 0.6),
        (Model.DECAY, 1 + 1 / 1.75, 0.75 / 1.75),
    ],
)
def test_five_models_share_the_same_two_patients(may, model, ads, fair):
    credit = by_name(may, may.credit[model])

    assert credit["Ads"].converted == pytest.approx(ads)
    assert credit["Fair"].converted == pytest.approx(fair)
    assert sum(part.converted for part in credit.values()) == pytest.approx(2)
    assert sum(part.cents for part in credit.values()) == pytest.approx(390_000)


def test_what_nobody_knows_stays_unknown(may):
    assert by_name(may, may.credit[Model.LINEAR])[None].leads == 1
    assert may.unknown_share == pytest.approx(1 / 7)


def test_a_touch_after_the_start_of_treatment_brought_nobody(may, sources):
    late = Touchpoint.objects.filter(is_repeat=True).latest("occurred_at").lead
    Touchpoint.objects.create(lead=late, source=sources["nobody"], occurred_at=late.converted_at + timedelta(days=1))

    assert by_name(may, Reading(MAY).credit[Model.LAST])["Ads"].converted == pytest.approx(2)


def test_the_database_keeps_a_touch_as_it_was(sources):
    touch = Touchpoint.objects.get(lead=asked(sources["ads"]))
    other = asked(sources["fair"])

    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        Touchpoint.objects.filter(pk=touch.pk).update(source=sources["fair"])
    Touchpoint.objects.filter(pk=touch.pk).update(lead=other)

    assert Touchpoint.objects.get(pk=touch.pk).is_repeat


# People ----------------------------------------------------------------------------------------------


def test_a_coordinator_is_held_against_what_such_leads_promise(sources, stages, coordinator, owner, monkeypatch):
    """By the ads 4 of 8 start who asked about braces, and 1 of 2 about retainers; by the fair 0 of 4 about both."""
    monkeypatch.setattr("crm.figures.people.FEWEST_ALIKE", 2)
    for member, source, interest, count, won in (
        (coordinator, "ads", ["BRACES_METAL"], 4, 3),
        (owner, "ads", ["BRACES_METAL"], 4, 1),
        (owner, "ads", ["RETAINER"], 2, 1),
        (owner, "fair", ["RETAINER", "BRACES_METAL"], 2, 0),
        (owner, "fair", ["BRACES_METAL", "RETAINER"], 2, 0),
    ):
        for number in range(count):
            lead = asked(sources[source], assigned_to=member, treatment_interest=interest)
            if number < won:
                started(lead, stages, after=1)

    found = {person.member: person for person in Reading(MAY).people}

    assert (found[coordinator].rate, found[coordinator].expected) == (0.75, 0.5)
    assert (found[owner].rate, found[owner].expected) == (0.2, pytest.approx((4 * 0.5 + 2 * 0.5 + 4 * 0) / 10))
    assert not found[coordinator].has_enough


# Time ------------------------------------------------------------------------------------------------


def test_time_to_convert_is_told_by_its_middle_and_its_weeks(may):
    spread, by_week = may.time_to_convert

    assert (spread.number, spread.p50, by_week) == (2, 15, {1: 1, 2: 1})


def test_time_in_stage_is_told_by_the_moves_out_of_it(sources, stages):
    for days in (1, 2, 6):
        lead = asked(sources["ads"], day=3)
        StageChange.objects.create(
            lead=lead,
            from_stage=stages["new_lead"],
            to_stage=stages["contacted"],
            changed_at=lead.captured_at + timedelta(days=days),
            before={"stage_entered_at": lead.captured_at},
        )

    stay = Reading(MAY).stays[0]

    assert (stay.stage, stay.spread.number, stay.spread.p50, stay.is_over) == (stages["new_lead"], 3, 2, True)


# What happened in these days, and what came of the consultations ----------------------------------------


def test_the_period_view_counts_moves_and_the_stages_they_skip(sources, stages):
    lead = asked(sources["ads"])
    for start, end in (("new_lead", "consultation_completed"), ("consultation_completed", "lost")):
        StageChange.objects.create(lead=lead, from_stage=stages[start], to_stage=stages[end], changed_at=noon(5, 20))

    flow = Reading(MAY, view=PERIOD).flow

    assert [step.entered for step in flow] == [1, 1, 1, 1, 0, 0, 0]
    assert [step.lost_from for step in flow] == [0, 0, 0, 1, 0, 0, 0]


def test_the_show_rate_counts_who_came_and_who_did_not(sources, stages):
    for status in ("COMPLETED", "COMPLETED", "NO_SHOW", "CANCELLED"):
        visit = Appointment.objects.create(
            contact_name="Ana",
            starts_at=noon(5, 20),
            ends_at=noon(5, 20) + timedelta(minutes=30),
            status=AppointmentStatus(status),
            cancellation_reason="PATIENT" if status == "CANCELLED" else "",
        )
        asked(sources["ads"], consultation=visit)

    total = Reading(MAY).consultations.total

    assert (total.came, total.missed, total.called_off, total.show_rate) == (2, 1, 1, pytest.approx(2 / 3))


def test_the_acceptance_rate_is_of_those_who_came(sources, stages):
    asked(sources["ads"], stage=stages["consultation_completed"])
    asked(sources["ads"], stage=stages["treatment_accepted"])
    asked(sources["ads"], stage=stages["new_lead"])

    assert Reading(MAY).acceptance == (1, 2)


# What the database counts by itself ----------------------------------------------------------------------


def test_months_follow_a_loss_whichever_way_it_comes_and_say_from_where(sources, stages):
    lead = asked(sources["ads"], stage=stages["pending_decision"])
    move_lead(lead, stages["lost"], by=None, lost_reason=LostReason.RELOCATED)
    lead.refresh_from_db()
    lead.lost_from = None
    lead.save()  # by somebody who knows nothing of where it was lost

    cells = [cell for cell in Reading(MAY).lost_cells if cell.source == sources["ads"].pk]

    assert [(cell.lost_from, cell.lost_reason, cell.count) for cell in cells] == [
        (stages["pending_decision"].pk, "RELOCATED", 1)
    ]


def test_a_deleted_lead_is_counted_in_no_month(sources):
    asked(sources["ads"], deleted_at=timezone.now())
    asked(sources["ads"]).delete()

    assert Reading(MAY).total.leads == 0


def test_leads_near_midnight_move_to_another_month_with_the_zone_of_the_clinic(clinic, sources):
    LeadFactory(source=sources["ads"], captured_at=datetime.fromisoformat("2026-06-01T02:00:00+00:00"))
    clinic.time_zone = "America/Chicago"
    clinic.save()
    here = set(LeadMonth.objects.values_list("month", flat=True))
    clinic.time_zone = "Europe/Madrid"
    clinic.save()

    assert (here, set(LeadMonth.objects.values_list("month", flat=True))) == ({date(2026, 5, 1)}, {date(2026, 6, 1)})
