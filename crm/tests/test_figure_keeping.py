"""The kept figures are what the rows say, whichever way these were written."""

import math
import random
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date, datetime, timedelta
from statistics import quantiles

import pytest
from django.utils import timezone

from conftest import next_door, no_clinic
from crm.attribution import Model, weights
from crm.figures import keeping
from crm.figures.cohort import Period
from crm.figures.keeping import bring_up_to_date, make_all_anew
from crm.figures.kept_cells import COLUMNS, cells_of
from crm.figures.making import SUMS
from crm.figures.people import read_load
from crm.figures.reading import Reading
from crm.figures.spans import Spans
from crm.models import (
    ConvertedPatient,
    FigureFacts,
    FigureLine,
    Lead,
    LeadConversion,
    LeadTask,
    LostReason,
    StageChange,
    StaleLead,
    TaskType,
    Touchpoint,
)
from crm.pipeline import move_lead
from crm.tasks import keep_all_figures
from crm.tests.factories import LeadFactory, LeadSourceFactory
from patients.models import Appointment, AppointmentStatus, Payment
from patients.tests.factories import PatientFactory, PaymentFactory

ASKED = timezone.make_aware(datetime(2026, 5, 10, 12))
GROUP = ("kind", "month", "stretch", "source", "location", "assigned_to", "place", "other", "word", "span")


def lines():
    """{what a line counts: its sums}, of the lines that count something."""
    rows = FigureLine.objects.exclude(number=0).values_list(*GROUP, *SUMS)
    return {row[: len(GROUP)]: tuple(round(value, 6) for value in row[len(GROUP) :]) for row in rows}


def kept():
    bring_up_to_date()
    return lines()


def made_anew():
    make_all_anew()
    return lines()


def kinds_that_agree():
    """The kinds of lines that say of leads what counting them says, of days in the midst of months."""
    period, source = Period(date(2026, 5, 4), date(2026, 7, 17)), Lead.objects.values_list("source", flat=True)[0]
    narrowed = replace(period, sources=(source,))
    found = {
        (kind, way): [Counter(cells_of(each, kind, is_up_to_date=way)) for each in (period, narrowed)]
        for kind in COLUMNS
        for way in (True, False)
    }
    return {kind for kind in COLUMNS if found[kind, True] == found[kind, False] and any(found[kind, True])}


def became(lead, *patients, days=3):
    lead.status, lead.converted_at = "CONVERTED", lead.captured_at + timedelta(days=days)
    lead.save()
    conversion = LeadConversion.objects.create(lead=lead, converted_at=lead.converted_at)
    for patient in patients:
        ConvertedPatient.objects.create(conversion=conversion, patient=patient)
    return conversion


@pytest.fixture
def leads(stages, coordinator, owner):
    sources = LeadSourceFactory(), LeadSourceFactory()
    found = [
        LeadFactory(
            source=sources[n % 2],
            assigned_to=(coordinator, owner, None)[n % 3],
            captured_at=ASKED + timedelta(days=9 * n),
            stage_entered_at=ASKED + timedelta(days=9 * n),
            first_contacted_at=ASKED + timedelta(days=9 * n, minutes=7 * n) if n else None,
        )
        for n in range(6)
    ]
    for lead in found:
        Touchpoint.objects.create(lead=lead, source=lead.source, occurred_at=lead.captured_at)
    return found


def test_whatever_is_written_the_lines_say_what_the_rows_say(leads, stages, coordinator, owner, clinic):
    one, two, three, four, five, six = leads
    patient, sibling = PatientFactory(), PatientFactory()
    assert kept() == made_anew()

    move_lead(one, stages["contacted"], by=coordinator)
    move_lead(two, stages["lost"], by=coordinator, lost_reason=LostReason.RELOCATED)
    Touchpoint.objects.create(lead=three, source=one.source, occurred_at=three.captured_at - timedelta(days=9))
    conversion = became(three, patient, sibling)
    later = became(four, patient, days=1)
    PaymentFactory(patient=patient, amount_cents=90_000, paid_on=date(2026, 7, 1))
    visit = Appointment.objects.create(
        contact_name="Ana", starts_at=ASKED, ends_at=ASKED + timedelta(minutes=30), status=AppointmentStatus.SCHEDULED
    )
    Lead.objects.filter(pk=five.pk).update(consultation=visit)
    before = kept()
    assert before == made_anew()
    assert kinds_that_agree() == set(COLUMNS)
    assert {key[0] for key in before} >= {
        "WAIT",
        "TAKE",
        "WEEK",
        "STAY",
        "MOVE",
        "PAID",
        "SHOW",
        "MIX",
        "CARD",
        "CREDIT",
    }

    Lead.objects.filter(assigned_to=None).update(assigned_to=owner, source=one.source)
    Lead.objects.bulk_create([LeadFactory.build(stage=stages["contacted"], source=one.source) for _n in range(3)])
    Lead.objects.filter(pk=one.pk).update(treatment_interest=["RETAINER", "INVISALIGN"])
    Lead.objects.filter(pk=six.pk).update(deleted_at=timezone.now())
    StageChange.objects.filter(lead=one).update(undone_at=timezone.now())
    Touchpoint.objects.filter(lead=two).update(lead=three)
    LeadConversion.objects.filter(pk=later.pk).update(undone_at=timezone.now())
    Payment.objects.update(patient=sibling)
    Appointment.objects.filter(pk=visit.pk).update(status=AppointmentStatus.NO_SHOW)
    after = kept()
    assert after == made_anew()
    assert after != before
    assert kinds_that_agree() == set(COLUMNS)

    ConvertedPatient.objects.filter(conversion=conversion, patient=sibling).delete()
    Payment.objects.all().delete()
    Lead.objects.filter(pk__in=[five.pk, two.pk]).delete()
    clinic.time_zone = "Pacific/Auckland"
    clinic.save()
    assert kept() == made_anew()
    assert FigureFacts.objects.filter(pk=five.pk).count() == 0


@pytest.mark.parametrize("is_new_one_first", [True, False])
def test_moves_that_go_to_another_lead_are_counted_once_whoever_is_made_first(
    leads, stages, coordinator, monkeypatch, is_new_one_first
):
    monkeypatch.setattr(keeping, "AT_ONCE", 1)
    one, two = leads[:2]
    move_lead(one, stages["contacted"], by=coordinator)
    bring_up_to_date()

    StageChange.objects.filter(lead=one).update(lead=two)
    StaleLead.objects.all().delete()
    for lead in (two, one) if is_new_one_first else (one, two):
        StaleLead.objects.create(lead=lead.pk)
        assert bring_up_to_date() == 1

    assert lines() == made_anew()


def test_a_change_that_no_figure_asks_about_makes_no_lead_stale(leads):
    bring_up_to_date()

    Lead.objects.update(unread_count=3, notes="Called twice.")

    assert not StaleLead.objects.exists()


def test_days_at_the_edges_of_a_period_make_up_its_months(leads, stages, coordinator):
    move_lead(leads[1], stages["contacted"], by=coordinator)
    became(leads[2], PatientFactory())
    months = Reading(Period(date(2026, 5, 1), date(2026, 6, 30)))
    halves = Reading(Period(date(2026, 5, 1), date(2026, 5, 25))), Reading(Period(date(2026, 5, 26), date(2026, 6, 30)))

    def numbers(reading):
        return sum(spans.number for spans in reading.waits.values()), reading.time_to_convert[1]

    assert numbers(months) == (5, {0: 1})
    assert sum(numbers(half)[0] for half in halves) == 5
    assert [numbers(half)[1] for half in halves] in ([{0: 1}, {}], [{}, {0: 1}])


@pytest.mark.parametrize("ages", [(0,), (9, 0), (30, 8, 8, 0)])
def test_the_database_shares_a_lead_as_the_models_do(stages, ages):
    lead = LeadFactory(captured_at=ASKED)
    places = {}
    for age in ages:
        source = LeadSourceFactory()
        Touchpoint.objects.create(lead=lead, source=source, occurred_at=ASKED - timedelta(days=age))
        places[source.pk] = age
    if len(ages) == 1:  # the second came when they had started
        Lead.objects.filter(pk=lead.pk).update(converted_at=ASKED + timedelta(days=1), status="CONVERTED")
        Touchpoint.objects.create(lead=lead, source=lead.source, occurred_at=ASKED + timedelta(days=2))

    shares = Reading(Period(date(2026, 5, 1), date(2026, 5, 31))).shares

    for model in Model:
        found = defaultdict(float) | {source: leads for source, _campaign, leads, *_rest in shares.touches[model]}
        assert [found[source] for source in places] == pytest.approx(weights(ages, model))


def test_few_lengths_of_time_are_told_exactly_and_many_within_a_hundredth():
    chance = random.Random(7)
    lengths = sorted(chance.lognormvariate(9, 2) for _n in range(5000))
    spans = Spans()
    for seconds in lengths:
        spans.add(int(20 * math.log(seconds)), 1, seconds, seconds**2)
    few = Spans()
    for span, seconds in ((1, 60.0), (2, 120.0), (9, 600.0), (9, 600.0)):
        few.add(span, 1, seconds, seconds**2)

    assert spans.quantiles([0.25, 0.5, 0.75]) == pytest.approx(quantiles(lengths, method="inclusive"), rel=0.01)
    assert few.quantiles([0, 0.5, 1]) == [60, 360, 600]
    assert Spans().quantiles([0.5]) is None


def test_load_is_of_today_and_knows_nothing_of_deleted_leads(leads, coordinator):
    for lead in leads[:2]:
        LeadTask.objects.create(lead=lead, title="Call", type=TaskType.CALL, due_at=ASKED, assigned_to=coordinator)
    Lead.objects.filter(pk=leads[1].pk).update(deleted_at=timezone.now())

    load = read_load()[coordinator.pk]

    assert (load.open, load.overdue, load.share_of(4), load.share_of(None)) == (2, 1, 0.5, None)


def test_the_clock_leaves_each_clinic_its_own(leads, other_clinic, clinic):
    with next_door(other_clinic):
        LeadFactory()
    with no_clinic():
        keep_all_figures()

    assert (FigureFacts.objects.count(), StaleLead.objects.count()) == (6, 0)
    with next_door(other_clinic):
        assert FigureFacts.objects.count() == 1
