from datetime import timedelta

import pytest
from django.http import QueryDict
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from crm.board_pace import paces_of
from crm.filters import LeadFilter
from crm.models import StageChange
from crm.pipeline import move_lead, undo_move
from crm.tests.factories import LeadFactory


@pytest.fixture
def paces(clinic, coordinator):
    """paces(query): {stage: Pace} as the coordinator would see them."""

    def look(query=""):
        request = RequestFactory().get("/")
        request.member, request.clinic = coordinator, clinic
        return {pace.stage.slug: pace for pace in paces_of(LeadFilter(QueryDict(query), request=request))}

    return look


def stay(stages, owner, days, **more):
    """A lead that stayed in the first stage for some days and left it now."""
    lead = LeadFactory(stage_entered_at=timezone.now() - timedelta(days=days), **more)
    return move_lead(lead, stages["contacted"], by=owner)


def test_typical_stay_is_the_median_of_those_who_left_lately(stages, owner, paces):
    for days in (1, 2, 30):
        stay(stages, owner, days)
    undo_move(stay(stages, owner, 60), by=owner)
    old = stay(stages, owner, 60)
    StageChange.objects.filter(pk=old.pk).update(changed_at=timezone.now() - timedelta(days=91))

    assert paces()["new_lead"].typical.days == 2
    assert paces()["contacted"].typical is None


def test_bottleneck_is_the_stage_with_the_largest_share_of_stuck_leads(stages, owner, paces):
    long_ago = timezone.now() - timedelta(days=60)
    LeadFactory.create_batch(3, stage=stages["contacted"], status="ACTIVE", stage_entered_at=long_ago)
    LeadFactory.create_batch(2, stage=stages["contacted"], status="ACTIVE")
    LeadFactory.create_batch(4, stage=stages["pending_decision"], status="ACTIVE", stage_entered_at=long_ago)

    marked = [slug for slug, pace in paces().items() if pace.is_bottleneck]

    assert marked == ["contacted"]
    assert (paces()["contacted"].count, paces()["contacted"].stuck) == (5, 3)


def test_nothing_is_a_bottleneck_while_less_than_a_third_is_stuck(stages, paces):
    LeadFactory.create_batch(2, stage_entered_at=timezone.now() - timedelta(days=60))
    LeadFactory.create_batch(5)

    assert not any(pace.is_bottleneck for pace in paces().values())


def test_board_pace_explains_itself_and_gives_the_board_its_marks(client_of, htmx_of, coordinator, stages):
    LeadFactory.create_batch(5, stage_entered_at=timezone.now() - timedelta(days=60))
    url = reverse("crm:board_pace")

    page, marks = client_of(coordinator).get(url).content.decode(), htmx_of(coordinator).get(url).content.decode()

    assert "The bottleneck is the stage" in page
    assert f'id="pace-{stages["new_lead"].pk}"' in marks
    assert "5 of 5 leads stand here for longer than the stage allows" in marks
    assert "<html" not in marks
