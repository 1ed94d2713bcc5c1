from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.translation import override

from crm.board_order import NEWEST
from crm.cards import CardMaker, with_card_fields
from crm.models import Lead, PatientRelationship, TaskStatus
from crm.templatetags.cards import lead_card
from crm.tests.factories import LeadFactory, LeadTaskFactory


@pytest.fixture
def draw(clinic, stages):
    """draw(lead): its card, as the board would show it now."""

    def card(lead, names=None):
        row = with_card_fields(Lead.objects.filter(pk=lead.pk)).get()
        stage = next(stage for stage in stages.values() if stage.pk == row.stage_id)
        return CardMaker(clinic, names or {}, NEWEST).card(row, stage)

    return card


def test_card_shows_two_interests_and_counts_the_rest(draw):
    lead = LeadFactory(treatment_interest=["INVISALIGN", "RETAINER", "SECOND_OPINION", "BRACES_METAL"])

    card = draw(lead)

    assert ([interest.label for interest in card.interests], card.more_interests) == (["Invisalign", "Retainer"], 2)


def test_card_names_the_patient_only_if_it_is_another_person(draw):
    child = LeadFactory(patient_relationship=PatientRelationship.CHILD, patient_first_name="Bence")
    oneself = LeadFactory(patient_relationship=PatientRelationship.SELF, patient_first_name="Ada")

    assert (draw(child).patient, draw(oneself).patient) == ("Bence", "")


@pytest.mark.parametrize(("days", "lateness"), [(6, ""), (8, "late"), (15, "stuck")])
def test_card_compares_its_age_with_the_days_allowed(draw, stages, days, lateness):
    lead = LeadFactory(stage=stages["contacted"], stage_entered_at=timezone.now() - timedelta(days=days))

    assert draw(lead).lateness == lateness


def test_card_tells_the_next_open_task(draw):
    lead = LeadFactory()
    now = timezone.now()
    LeadTaskFactory(lead=lead, title="Done long ago", due_at=now - timedelta(days=9), status=TaskStatus.COMPLETED)
    LeadTaskFactory(lead=lead, title="Later", due_at=now + timedelta(days=3))
    LeadTaskFactory(lead=lead, title="Call", due_at=now - timedelta(days=1, minutes=1))

    task = draw(lead).task

    assert (task.state, task.text) == ("overdue", "Call, overdue 1 d")


def test_card_warns_when_nothing_is_planned(draw):
    assert draw(LeadFactory()).task.state == "none"


def test_card_a_lost_lead_wants_no_task(draw, stages):
    lead = LeadFactory(stage=stages["lost"], status="LOST", lost_reason="OTHER")

    assert draw(lead).task is None


def test_card_names_owner_and_source_by_what_is_known(draw, coordinator):
    lead = LeadFactory(assigned_to=coordinator)

    card = draw(lead, {str(coordinator.pk): "Renata Vasquez", str(lead.source_id): "Walk-in"})

    assert (card.owner.name, card.source) == ("Renata Vasquez", "Walk-in")


def test_card_that_says_the_same_is_drawn_from_memory_and_another_is_not(draw):
    lead = LeadFactory(first_name="Ada", last_name="Byron", first_contacted_at=timezone.now())
    before = lead_card(draw(lead))

    again = lead_card(draw(lead))
    Lead.objects.filter(pk=lead.pk).update(first_name="Augusta")
    after = lead_card(draw(lead))

    assert again is before
    assert ("Ada Byron" in before, "Augusta Byron" in after) == (True, True)


def test_card_is_drawn_in_the_language_of_whoever_looks(draw):
    card = draw(LeadFactory(patient_relationship=PatientRelationship.CHILD, patient_first_name="Bence"))

    english = lead_card(card)
    with override("es"):
        spanish = lead_card(card)

    assert ("for Bence" in english, "para Bence" in spanish) == (True, True)


def test_card_shows_score_and_unread_messages_only_where_there_are_any(draw):
    bare, talking = LeadFactory(), LeadFactory(score=81, unread_count=3)

    pages = [lead_card(draw(lead)) for lead in (bare, talking)]

    assert ["lead-card__score" in page for page in pages] == [False, True]
    assert ["lead-card__unread" in page for page in pages] == [False, True]
