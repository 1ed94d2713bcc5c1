from datetime import timedelta

import pytest
from django.http import QueryDict
from django.test import RequestFactory
from django.utils import timezone

from clinics.audit import record, record_read
from crm.activities import add_note
from crm.board_changes import TOO_MANY, changes_since, patch_of
from crm.filters import LeadFilter
from crm.models import LeadImport
from crm.pipeline import move_lead
from crm.tests.factories import LeadFactory


@pytest.fixture
def no_filter(clinic, coordinator):
    request = RequestFactory().get("/pipeline/")
    request.member, request.clinic = coordinator, clinic
    return LeadFilter(QueryDict(), request=request)


def test_patch_of_a_move_is_two_heads_and_one_card(stages, clinic, coordinator, no_filter):
    lead = LeadFactory()
    move_lead(lead, stages["contacted"], by=coordinator)

    patch = patch_of(lead.pk, clinic, no_filter, [stages["new_lead"], stages["contacted"]])

    assert [(head.stage.slug, head.count) for head in patch.columns] == [("new_lead", 0), ("contacted", 1)]
    assert [card.pk for card in patch.cards] == [lead.pk]
    assert (patch.gone, patch.total) == ([], None)


def test_patch_of_a_lead_that_leaves_the_way_brings_the_total(stages, clinic, coordinator, no_filter):
    lead = LeadFactory(expected_value_cents=100_00)
    LeadFactory(stage=stages["pending_decision"], expected_value_cents=300_00)
    move_lead(lead, stages["lost"], by=coordinator, lost_reason="OTHER")

    patch = patch_of(lead.pk, clinic, no_filter, [stages["new_lead"], stages["lost"]])

    assert [head.stage.slug for head in patch.columns] == ["new_lead", "lost"]
    assert (patch.total.count, patch.total.cents) == (1, 300_00)


def test_patch_of_names_the_stage_where_the_lead_really_is(stages, clinic, coordinator, no_filter):
    lead = LeadFactory(stage=stages["pending_decision"])

    patch = patch_of(lead.pk, clinic, no_filter, [stages["new_lead"], stages["contacted"]])

    assert [head.stage.slug for head in patch.columns] == ["new_lead", "contacted", "pending_decision"]


def test_changes_since_brings_what_was_moved_or_noted_and_not_what_was_read(stages, clinic, coordinator, no_filter):
    moved, noted, seen = LeadFactory.create_batch(3)
    before = timezone.now()
    move_lead(moved, stages["contacted"], by=coordinator)
    add_note(noted, "Asked about prices.", by=coordinator)
    record_read(seen, by=coordinator)

    patch = changes_since(before, clinic, no_filter)

    assert {card.pk for card in patch.cards} == {moved.pk, noted.pk}
    assert len(patch.columns) == len(stages)


def test_changes_since_forgets_what_was_told_before(stages, clinic, coordinator, no_filter):
    move_lead(LeadFactory(), stages["contacted"], by=coordinator)

    assert changes_since(timezone.now() + timedelta(minutes=1), clinic, no_filter).cards == []


def test_changes_since_names_the_leads_that_went(clinic, coordinator, no_filter):
    lead = LeadFactory(deleted_at=timezone.now())
    before = timezone.now()
    record("crm.lead.deleted", lead, by=coordinator)

    assert changes_since(before, clinic, no_filter).gone == [lead.pk]


def test_changes_since_does_not_draw_an_import_card_by_card(clinic, coordinator, no_filter):
    before = timezone.now()
    record("crm.import.finished", LeadImport(), by=coordinator)

    assert changes_since(before, clinic, no_filter).is_too_much is True


def test_changes_since_is_not_disturbed_by_an_upload(clinic, coordinator, no_filter):
    before = timezone.now()
    record("crm.import.uploaded", LeadImport(), by=coordinator)

    assert changes_since(before, clinic, no_filter).is_too_much is False


def test_changes_since_draws_only_so_many(clinic, coordinator, no_filter):
    before = timezone.now()
    for lead in LeadFactory.create_batch(TOO_MANY + 1):
        record("crm.lead.edited", lead, by=coordinator)

    assert changes_since(before, clinic, no_filter).is_too_much is True
