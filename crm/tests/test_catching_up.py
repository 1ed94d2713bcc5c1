"""What a reader of figures waits for, what a worker does, and what the page says of the rest."""

from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from conftest import next_door
from crm.figures import catching_up, keeping
from crm.figures.catching_up import Behind, catch_up, how_far_behind
from crm.figures.keeping import bring_up_to_date
from crm.models import FigureFacts, FigureLine, Lead, StaleLead
from crm.pipeline import move_lead
from crm.tasks import keep_figures
from crm.tests.factories import LeadFactory

ASKED = date(2026, 1, 1)


@pytest.fixture
def few(monkeypatch):
    """Two leads are all that a reader makes."""
    monkeypatch.setattr(catching_up, "MOST", 2)


def test_a_reader_makes_a_few_leads_and_leaves_many_to_a_worker(few, stages, other_clinic):
    with next_door(other_clinic):
        LeadFactory.create_batch(3)
    LeadFactory.create_batch(2)
    assert catch_up()
    assert FigureFacts.objects.count() == 2

    LeadFactory.create_batch(3)

    assert not catch_up()
    assert how_far_behind() == Behind(3, 3 * catching_up.USUAL_PACE)
    assert FigureFacts.objects.count() == 2


def test_a_worker_makes_them_in_batches_and_the_page_says_how_many_are_left(
    few, stages, clinic, owner, client_of, monkeypatch, django_capture_on_commit_callbacks
):
    monkeypatch.setattr(keeping, "AT_ONCE", 2)
    bring_up_to_date()
    LeadFactory.create_batch(5, first_contacted_at=timezone.now())
    lead = Lead.objects.first()
    FigureFacts.objects.create(pk=lead.pk, asked_on=ASKED, source=lead.source_id, is_converted=False, cents=0)
    client = client_of(owner)

    shown = client.get(reverse("crm:analytics")).content.decode()
    part = client.get(reverse("crm:analytics_behind"), headers={"HX-Request": "true"}).content.decode()
    download = client.get(reverse("crm:analytics_csv", args=["response"]), follow=True).content.decode()
    told = client.get("/api/leads/analytics/coordinators").json()

    for page in (shown, part, download):
        assert "still miss 5 leads" in page
    assert told["leads_missing"] == 5

    keep_figures.run(clinic)

    assert not StaleLead.objects.exists()
    assert sum(FigureLine.objects.filter(kind="WAIT", stretch=0).values_list("number", flat=True)) == 5
    assert "still miss" not in client.get(reverse("crm:analytics")).content.decode()
    assert "complete now" in client.get(reverse("crm:analytics_behind")).content.decode()


def test_a_lead_that_is_written_without_effect_changes_no_line(stages, coordinator):
    lead = LeadFactory(first_contacted_at=timezone.now())
    move_lead(lead, stages["contacted"], by=coordinator)
    bring_up_to_date()
    before = set(FigureLine.objects.values_list("pk", "updated_at"))

    StaleLead.objects.create(lead=lead.pk)

    assert bring_up_to_date() == 1
    assert set(FigureLine.objects.values_list("pk", "updated_at")) == before
