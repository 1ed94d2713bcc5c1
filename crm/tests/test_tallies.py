from collections import Counter

import pytest
from django.db import transaction
from django.utils import timezone

from clinics.tenancy import clinic_scope
from conftest import next_door, no_clinic
from crm.filters import filter_of
from crm.models import Lead, LeadTally
from crm.pipeline import move_lead
from crm.tallies import fold_tallies
from crm.tasks import fold_all_tallies
from crm.tests.factories import LeadFactory

GROUP = ("stage", "status", "assigned_to", "source", "location")


def kept():
    """{group: (number, cents)} as the tallies say."""
    counts, cents = Counter(), Counter()
    for *group, count, sum_of_it in LeadTally.objects.values_list(*GROUP, "count", "cents"):
        counts[tuple(group)] += count
        cents[tuple(group)] += sum_of_it
    return {group: (count, cents[group]) for group, count in counts.items() if count or cents[group]}


def counted():
    """The same, counted lead by lead."""
    counts, cents = Counter(), Counter()
    for *group, value in Lead.objects.present().values_list(*GROUP, "expected_value_cents"):
        counts[tuple(group)] += 1
        cents[tuple(group)] += value or 0
    return {group: (count, cents[group]) for group, count in counts.items()}


@pytest.fixture
def leads(stages, coordinator, owner):
    return [
        LeadFactory(assigned_to=(coordinator, owner, None)[n % 3], expected_value_cents=(None, 100, 250)[n % 3])
        for n in range(6)
    ]


def test_tallies_follow_every_way_in_which_a_lead_changes(leads, stages, coordinator, owner):
    assert kept() == counted()

    move_lead(leads[0], stages["contacted"], by=coordinator)
    move_lead(leads[1], stages["lost"], by=coordinator, lost_reason="OTHER")
    assert kept() == counted()

    Lead.objects.filter(assigned_to=None).update(assigned_to=owner, expected_value_cents=900)
    Lead.objects.filter(pk=leads[3].pk).update(deleted_at=timezone.now())
    Lead.objects.filter(pk=leads[4].pk).update(status="ARCHIVED")
    Lead.objects.filter(pk=leads[5].pk).delete()
    Lead.objects.bulk_create([LeadFactory.build(stage=stages["contacted"], source=leads[0].source) for _n in range(3)])
    assert kept() == counted()

    Lead.objects.filter(pk=leads[3].pk).update(deleted_at=None)
    assert kept() == counted()


def test_a_change_that_moves_no_lead_adds_no_line(leads):
    before = LeadTally.objects.count()

    Lead.objects.update(unread_count=3, name_key="somebody else")

    assert LeadTally.objects.count() == before


def test_what_is_taken_back_was_never_counted(leads):
    before = kept()

    with transaction.atomic():
        Lead.objects.update(expected_value_cents=5)
        transaction.set_rollback(True)

    assert kept() == before


@pytest.mark.parametrize(
    ("query", "is_tallied"),
    [
        ("", True), ("coordinator=me&status=ACTIVE", True), ("coordinator=nobody", True),
        ("coordinator=me&coordinator=nobody", True),
        ("stage=gone", True), ("q=a", False), ("stuck=on", False), ("created_after=2020-01-01", False),
    ],
)  # fmt: skip
def test_a_filter_counts_by_tallies_what_it_would_find(leads, stages, coordinator, query, is_tallied):
    move_lead(leads[0], stages["contacted"], by=coordinator)
    lead_filter = filter_of(query, coordinator)

    by_tallies = {stage: row["count"] for stage, row in lead_filter.figures_of_board().totals_by_stage().items()}

    assert (lead_filter.is_tallied, lead_filter.count()) == (is_tallied, lead_filter.leads().count())
    found = Counter(lead_filter.narrow(Lead.objects.on_board()).values_list("stage_id", flat=True))
    assert {stage: number for stage, number in by_tallies.items() if number} == found


def test_folding_keeps_the_sums_and_one_line_a_group(leads, stages, monkeypatch):
    for number in range(4):
        Lead.objects.update(expected_value_cents=100 + number)
    before = kept()

    fold_tallies()
    assert LeadTally.objects.count() > len(before)  # a few lines more are not worth a fold

    monkeypatch.setattr("crm.tallies.LINES_TO_SPARE", 0)
    fold_tallies()
    assert (kept(), LeadTally.objects.count()) == (before, len(before))


def test_folding_everywhere_leaves_each_clinic_its_own(leads, other_clinic, clinic, monkeypatch):
    with next_door(other_clinic):
        LeadFactory.create_batch(2)
        others = kept()
    own = kept()
    monkeypatch.setattr("crm.tallies.LINES_TO_SPARE", 0)

    with no_clinic():
        fold_all_tallies()
        with clinic_scope(other_clinic):
            assert kept() == others
    assert kept() == own == counted()
