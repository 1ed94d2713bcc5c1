from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from clinics.tests.factories import away
from crm.models import Lead, LeadStatus, PipelineStage
from crm.pipeline import move_lead
from crm.suggesting import suggest_move
from crm.tests.factories import LeadFactory, LeadTaskFactory
from crm.tests.test_views_tasks import undo_of
from patients.tests.factories import AppointmentFactory

TODAY = reverse("crm:today")


@pytest.fixture
def lead(clinic, coordinator):
    """Somebody who was called before, and is to be called again since yesterday."""
    lead = LeadFactory(
        first_name="Ana", assigned_to=coordinator, status=LeadStatus.ACTIVE, expected_value_cents=600_000,
        first_contacted_at=timezone.now(), captured_at=timezone.now() - timedelta(days=3),
    )  # fmt: skip
    LeadTaskFactory(lead=lead, assigned_to=coordinator, title="Call back", due_at=timezone.now() - timedelta(days=1))
    return lead


def queue_of(browser, **asked):
    return [(entry.lead.first_name, entry.reason) for entry in browser.get(TODAY, asked).context["day"].queue]


def test_the_queue_has_who_needs_a_call_and_nobody_else(client_of, coordinator, owner, lead):
    LeadFactory(first_name="Bo", assigned_to=coordinator)
    planned = LeadFactory(first_name="Cy", assigned_to=coordinator, status="ACTIVE", first_contacted_at=timezone.now())
    LeadTaskFactory(lead=planned, assigned_to=coordinator, due_at=timezone.now() + timedelta(days=9))
    LeadFactory(first_name="Di", assigned_to=coordinator, status="ACTIVE", first_contacted_at=timezone.now())
    LeadFactory(first_name="Ed", assigned_to=owner)
    lost = LeadFactory(first_name="Fay", assigned_to=coordinator)
    move_lead(lost, PipelineStage.objects.get(kind="LOST"), by=coordinator, lost_reason="RELOCATED")
    browser = client_of(coordinator)

    mine = dict(queue_of(browser))
    assert set(mine) == {"Ana", "Bo", "Di"}
    assert (mine["Ana"], mine["Di"]) == ("overdue", "unplanned")
    assert set(dict(queue_of(browser, whose="everybody"))) == {"Ana", "Bo", "Di", "Ed"}


def test_an_outcome_by_key_does_the_task_sets_the_next_and_goes_on(htmx_of, coordinator, lead):
    page = htmx_of(coordinator)
    answer = page.post(reverse("crm:queue_call", args=[lead.pk]), {"outcome": "SPOKE", "key": "one"})
    page.post(reverse("crm:queue_call", args=[lead.pk]), {"outcome": "SPOKE", "key": "one"})

    step = lead.tasks.open().get()
    assert (step.title, step.assigned_to) == ("Follow up", coordinator)
    assert lead.activities.filter(type="PHONE_CALL").count() == 1
    assert queue_of(page) == []
    page.post(undo_of(answer))
    assert queue_of(page) == [("Ana", "overdue")]


def test_nobody_leaves_the_queue_without_owner_and_date(htmx_of, coordinator):
    lead = LeadFactory(assigned_to=None)
    page = htmx_of(coordinator)
    page.post(reverse("crm:queue_call", args=[lead.pk]), {"outcome": "VOICEMAIL"})
    other = LeadFactory(assigned_to=None)
    answer = page.post(reverse("crm:queue_later", args=[other.pk]), {"when": "tomorrow"})

    for each in Lead.objects.all():
        assert each.assigned_to == coordinator
        assert each.tasks.open().get().due_at > timezone.now()
    page.post(undo_of(answer))
    assert not other.tasks.exists()


def test_a_call_of_the_queue_without_a_task_is_undone(htmx_of, coordinator):
    lead = LeadFactory(assigned_to=coordinator)
    page = htmx_of(coordinator)
    answer = page.post(reverse("crm:queue_call", args=[lead.pk]), {"outcome": "SPOKE"})
    page.post(undo_of(answer))

    lead.refresh_from_db()
    assert (lead.status, lead.tasks.count(), lead.activities.count()) == (LeadStatus.NEW, 0, 0)


def test_a_suggestion_waits_for_a_person(htmx_of, coordinator, lead, stages):
    suggest_move(lead, stages["lost"])
    page = htmx_of(coordinator)
    assert "Suggested" in page.get(f"{TODAY}?hand={lead.pk}").content.decode()
    lead.refresh_from_db()
    assert lead.status == LeadStatus.ACTIVE

    answer = page.post(reverse("crm:suggestion_dismiss", args=[lead.pk]))
    assert Lead.objects.get(pk=lead.pk).suggested_stage is None
    page.post(undo_of(answer))
    answer = page.post(reverse("crm:suggestion_accept", args=[lead.pk]))
    lost = Lead.objects.get(pk=lead.pk)
    assert (lost.status, lost.lost_reason, lost.suggested_stage) == (LeadStatus.LOST, "NO_RESPONSE", None)
    page.post(undo_of(answer))
    back = Lead.objects.get(pk=lead.pk)
    assert (back.status, back.suggested_stage) == (LeadStatus.ACTIVE, stages["lost"])
    assert page.post(reverse("crm:suggestion_dismiss", args=[lead.pk])).status_code == 204
    assert page.post(reverse("crm:suggestion_dismiss", args=[lead.pk])).status_code == 409


def test_the_page_asks_the_same_for_one_and_three_people(
    client_of, coordinator, lead, django_assert_num_queries, django_assert_max_num_queries
):
    def comes(lead):
        starts_at = timezone.now() + timedelta(minutes=1)
        lead.consultation = AppointmentFactory(starts_at=starts_at, ends_at=starts_at + timedelta(minutes=30))
        lead.save()

    comes(lead)
    browser = client_of(coordinator)
    browser.get(TODAY)
    with django_assert_max_num_queries(32) as one:
        shown = browser.get(TODAY)
    assert "not confirmed" in shown.content.decode()
    for number in range(2):
        other = LeadFactory(assigned_to=coordinator, captured_at=timezone.now() - timedelta(hours=number))
        LeadTaskFactory(lead=other, assigned_to=coordinator)
        comes(other)
    with django_assert_num_queries(len(one)):
        browser.get(TODAY)


def test_after_the_login_the_day_begins(client_of, viewer, marketer):
    assert client_of(viewer).get("/")["Location"] == TODAY
    assert client_of(viewer).get(TODAY).status_code == 200
    assert client_of(marketer).get(TODAY).status_code == 403


def test_who_has_no_lead_of_their_own_finds_the_day_of_the_team(client_of, owner, coordinator, lead):
    assert queue_of(client_of(owner)) == [("Ana", "overdue")]
    assert queue_of(client_of(owner), whose="mine") == []
    assert client_of(coordinator).get(TODAY).context["everybody"] is False


def test_whoever_is_in_hand_stays_while_others_come_and_goes_on_when_done(client_of, htmx_of, coordinator, lead):
    """A lead that comes in while somebody talks must not slip under the key that logs their call."""
    browser = client_of(coordinator)
    assert browser.get(TODAY).context["current"].lead == lead
    new = LeadFactory(first_name="Bo", assigned_to=coordinator)

    context = browser.get(TODAY, {"hand": lead.pk}).context
    assert [context[name].lead.first_name for name in ("current", "before", "following")] == ["Ana", "Bo", "Bo"]
    answer = htmx_of(coordinator).post(reverse("crm:queue_later", args=[lead.pk]), {"when": "2h"})
    assert f"queue-worked-{lead.pk}" in answer["HX-Trigger"]
    gone = browser.get(TODAY, {"hand": "0190b5f2-0000-7000-8000-000000000000", "next": new.pk}).context
    assert gone["current"].lead == new


def test_who_stands_further_back_in_the_queue_is_taken_in_hand_from_there(client_of, coordinator, lead):
    for _number in range(9):
        LeadFactory(assigned_to=coordinator)

    context = client_of(coordinator).get(TODAY, {"hand": lead.pk}).context
    assert (context["current"].lead, len(context["day"].shown), context["day"].more) == (lead, 9, 1)


def test_the_day_of_who_is_away_is_worked_by_whoever_stands_in(client_of, coordinator, owner, receptionist, lead):
    away(coordinator, deputy=owner)

    page = client_of(owner).get(TODAY, {"whose": coordinator.pk})
    assert [entry.lead for entry in page.context["day"].queue] == [lead]
    assert f"For {coordinator.short_name}" in page.content.decode()
    assert client_of(receptionist).get(TODAY, {"whose": coordinator.pk}).context["whose"] != str(coordinator.pk)


def test_writing_it_down_leaves_nobody_without_a_next_step(htmx_of, coordinator, lead):
    page, task = htmx_of(coordinator), lead.tasks.get()
    finish, said = reverse("crm:task_finish", args=[task.pk]), {"queue": "True", "outcome": "SPOKE", "notes": "Thinks"}

    assert 'name="queue"' in page.get(f"{finish}?queue=1").content.decode()
    assert page.post(finish, said).status_code == 422
    assert page.post(reverse("crm:card_call", args=[lead.pk]), said).status_code == 422  # the call would do the task
    assert page.post(finish, said | {"next_step": "CALL", "when": "tomorrow"}).status_code == 204
    assert lead.tasks.open().get().title == "Call again"


def test_no_tick_lets_somebody_go_without_a_date(htmx_of, coordinator, lead):
    page = htmx_of(coordinator)
    page.post(reverse("crm:task_finish", args=[lead.tasks.get().pk]))
    assert queue_of(page) == [("Ana", "unplanned")]

    starts_at = timezone.now() + timedelta(days=1)
    lead.consultation = AppointmentFactory(starts_at=starts_at, ends_at=starts_at + timedelta(minutes=30))
    lead.save()
    assert queue_of(page) == []
