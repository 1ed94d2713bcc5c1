from datetime import timedelta

import pytest
from django.utils import timezone

from crm.filters import filter_of
from crm.models import Lead, LeadStatus
from crm.tests.factories import LeadFactory, LeadSourceFactory, LeadTaskFactory, TagFactory


def found(query, member):
    return sorted(filter_of(query, member).leads().values_list("first_name", flat=True))


def test_filters_take_several_values(coordinator, owner, stages):
    ads, radio = LeadSourceFactory(), LeadSourceFactory()
    vip, night = TagFactory(), TagFactory()
    LeadFactory(first_name="A", source=ads, assigned_to=coordinator, treatment_interest=["INVISALIGN"])
    LeadFactory(first_name="B", source=radio, assigned_to=owner, stage=stages["contacted"])
    LeadFactory(first_name="C", treatment_interest=["RETAINER"]).tag_links.create(tag=night)
    both = LeadFactory(first_name="D", status=LeadStatus.LOST, lost_reason="OTHER")
    both.tag_links.create(tag=night)
    both.tag_links.create(tag=vip)

    assert found(f"source={ads.pk}&source={radio.pk}", coordinator) == ["A", "B"]
    assert found(f"tag={vip.pk}&tag={night.pk}", coordinator) == ["C", "D"]
    assert found(f"coordinator=me&coordinator={owner.pk}", coordinator) == ["A", "B"]
    assert found("coordinator=me&coordinator=nobody", coordinator) == ["A", "C", "D"]
    assert found("interest=INVISALIGN&interest=RETAINER", coordinator) == ["A", "C"]
    assert found(f"stage={stages['contacted'].pk}&stage={stages['lost'].pk}", coordinator) == ["B"]
    assert found("status=LOST&status=CONVERTED", coordinator) == ["D"]


def test_filters_find_what_was_left_undone(coordinator, stages):
    for slug, days in [("contacted", 3), ("new_lead", None)]:
        stages[slug].max_days_in_stage = days
        stages[slug].save()
    long_ago = timezone.now() - timedelta(days=4)
    LeadFactory(first_name="Stuck", stage=stages["contacted"], stage_entered_at=long_ago, status=LeadStatus.ACTIVE)
    LeadFactory(first_name="Slow", stage=stages["new_lead"], stage_entered_at=long_ago)
    LeadTaskFactory(lead__first_name="Late", due_at=long_ago)
    LeadTaskFactory(lead__first_name="Done", due_at=long_ago, status="COMPLETED")
    LeadTaskFactory(lead__first_name="Planned", due_at=timezone.now() + timedelta(days=1))
    LeadFactory(first_name="Lost", status=LeadStatus.LOST, lost_reason="OTHER")

    assert found("stuck=on", coordinator) == ["Stuck"]
    assert found("overdue=on", coordinator) == ["Late"]
    assert found("no_next_step=on", coordinator) == ["Done", "Slow", "Stuck"]


def test_filter_for_unread_shows_once_anybody_wrote(coordinator):
    LeadFactory(first_name="Quiet")
    assert "unread" not in filter_of("", coordinator).form.fields

    LeadFactory(first_name="Wrote", unread_count=2)
    assert "unread" in filter_of("", coordinator).form.fields
    assert found("unread=on", coordinator) == ["Wrote"]


@pytest.mark.parametrize("query", ["tag=gone", "source=gone&q=a", "created_after=yesterday"])
def test_filter_knows_when_it_was_not_understood(coordinator, query):
    assert not filter_of(query, coordinator).is_understood


def test_filter_passes_over_what_it_does_not_know_and_keeps_the_rest(coordinator):
    ads = LeadSourceFactory()
    LeadFactory(first_name="A", source=ads)
    LeadFactory(first_name="B")

    assert found(f"source=gone&source={ads.pk}", coordinator) == ["A"]
    assert found("source=gone", coordinator) == ["A", "B"]


def test_filter_chooses_among_one_clinics_leads(coordinator, django_assert_num_queries):
    LeadFactory(first_name="A")
    assert coordinator.clinic.name == "Downtown Orthodontics"

    with django_assert_num_queries(1):
        lead_filter = filter_of("q=a&coordinator=me&stuck=on", coordinator)
        assert lead_filter.is_understood
        assert lead_filter.is_narrowed
    assert Lead.objects.count() == 1
