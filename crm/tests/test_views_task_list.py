from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from conftest import last_audit
from crm.models import LeadTask, TaskAct, TaskStatus
from crm.tests.factories import LeadFactory, LeadTaskFactory
from crm.tests.test_views_tasks import undo_of

LIST, CALENDAR = reverse("crm:task_list"), reverse("crm:task_calendar")


def in_hours(hours):
    return timezone.now() + timedelta(hours=hours)


@pytest.fixture
def lead(clinic, coordinator):
    return LeadFactory(first_name="Ana", assigned_to=coordinator)


def task_of(lead, member, title, hours=-2, **facts):
    return LeadTaskFactory(lead=lead, assigned_to=member, title=title, due_at=in_hours(hours), **facts)


def at(name, task, *args):
    return reverse(f"crm:{name}", args=[task.pk, *args])


def test_the_list_shows_mine_or_the_teams_by_when_they_are_due(client_of, coordinator, owner, lead):
    task_of(lead, coordinator, "Send the estimate")
    task_of(lead, coordinator, "Ask in a month", hours=24 * 30)
    task_of(lead, owner, "Sign the plan")
    task_of(lead, coordinator, "Say hello", status=TaskStatus.COMPLETED, completed_at=timezone.now())
    browser = client_of(coordinator)

    def titles(**asked):
        return {task.title for task in browser.get(LIST, asked).context["page"]}

    assert titles() == titles(show="overdue") == {"Send the estimate"}
    assert titles(show="upcoming") == {"Ask in a month"}
    assert titles(show="done") == {"Say hello"}
    assert titles(whose="team") == {"Send the estimate", "Sign the plan"}
    assert titles(who=owner.pk) == {"Sign the plan"}
    assert titles(q="ana", type="EMAIL") == set()


def test_the_list_and_the_calendar_ask_the_same_for_one_and_three_tasks(
    client_of, coordinator, lead, django_assert_num_queries, django_assert_max_num_queries
):
    browser = client_of(coordinator)
    task_of(lead, coordinator, "One")
    for address in (LIST, f"{CALENDAR}?view=month"):
        browser.get(address)
        with django_assert_max_num_queries(26) as one:
            browser.get(address)
        for title in ("Two", "Three"):
            task_of(LeadFactory(assigned_to=coordinator), coordinator, f"{title} {address}")
        with django_assert_num_queries(len(one)):
            browser.get(address)


def test_the_calendar_shows_a_few_of_a_day_and_how_many_there_are(client_of, coordinator, lead):
    for number in range(6):
        task_of(lead, coordinator, f"Call {number}", hours=0.01)
    week = client_of(coordinator).get(f"{CALENDAR}?view=month").context["weeks"]

    days = [day for days in week for day in days if day.count]
    assert [(len(day.tasks), day.more) for day in days] == [(4, 2)]


def test_a_task_is_done_by_one_press_with_outcome_and_next_step_and_undone(htmx_of, coordinator, lead):
    task = task_of(lead, coordinator, "Call about the plan", type="CALL")
    page = htmx_of(coordinator)
    response = page.post(at("task_finish", task), {"outcome": "NO_ANSWER", "usual": "1"})

    assert "tasks-changed" in response["HX-Trigger"]
    following = lead.tasks.open().get()
    assert (following.title, following.assigned_to) == ("Call about the plan", coordinator)
    page.post(undo_of(response))
    assert lead.tasks.get() == task


def test_tasks_are_put_off_given_away_and_done_together_and_undone(htmx_of, coordinator, owner, lead):
    tasks = [task_of(lead, coordinator, title) for title in ("One", "Two")]
    ids = [task.pk for task in tasks]
    page = htmx_of(coordinator)

    def run(act, **facts):
        response = page.post(reverse("crm:task_bulk_run", args=[act]), {"task": ids, **facts})
        assert response.status_code == 204
        return undo_of(response)

    undo = run("assign", member=owner.pk)
    assert LeadTask.objects.of_member(owner).count() == 2
    page.post(undo)
    undo = run("snooze", when="week")
    assert not LeadTask.objects.overdue().exists()
    page.post(undo)
    undo = run("complete", key="one-press")
    run("complete", key="one-press")
    assert (LeadTask.objects.open().count(), TaskAct.objects.filter(kind="COMPLETE").count()) == (0, 1)
    page.post(undo)
    assert LeadTask.objects.overdue().count() == 2


def test_tasks_are_not_given_to_somebody_who_cannot_do_them(htmx_of, coordinator, viewer, lead):
    task = task_of(lead, coordinator, "One")
    sent = {"task": task.pk, "member": viewer.pk}

    assert htmx_of(coordinator).post(reverse("crm:task_bulk_run", args=["assign"]), sent).status_code == 422


def test_a_task_is_set_from_anywhere_by_template_with_its_reminder(htmx_of, coordinator, lead, clinic):
    page = htmx_of(coordinator)
    found = page.get(reverse("crm:task_leads"), {"q": "ana"}).content.decode()
    assert "Ana" in found and "<html" not in found

    new = reverse("crm:task_create")
    assert "Send the paperwork" in page.get(new, {"lead": lead.pk}).content.decode()
    sent = {"lead": lead.pk, "title": "Send it", "when": "tomorrow", "reminder": "60", "recurrence": "WEEKLY"}
    response = page.post(new, sent)

    task = lead.tasks.get()
    assert (task.due_at - task.reminder_at, task.recurrence) == (timedelta(hours=1), "WEEKLY")
    page.post(undo_of(response))
    assert not lead.tasks.exists()


def test_the_reminder_of_a_task_moves_with_it(htmx_of, coordinator, lead):
    due_at = in_hours(5)
    task = LeadTaskFactory(lead=lead, assigned_to=coordinator, due_at=due_at, reminder_at=due_at - timedelta(hours=1))
    page = htmx_of(coordinator)
    page.post(at("task_snooze", task), {"when": "week"})
    task.refresh_from_db()
    assert task.due_at - task.reminder_at == timedelta(hours=1)

    moment = timezone.localtime(task.due_at).strftime("%Y-%m-%dT%H:%M")
    page.post(at("task_edit", task), {"title": "Call", "when": "chosen", "chosen_at": moment, "reminder": "15"})
    task.refresh_from_db()
    assert task.due_at - task.reminder_at == timedelta(minutes=15)


def test_the_file_of_tasks_holds_the_tab_and_is_on_record(client_of, coordinator, lead):
    task_of(lead, coordinator, "=Send it")
    file = b"".join(client_of(coordinator).get(reverse("crm:task_csv"))).decode()

    assert "'=Send it" in file and "Ana Sample" in file
    assert last_audit(lead) is None


def test_tasks_are_done_by_who_may_and_found_in_their_clinic(client_of, viewer, stranger, coordinator, lead):
    task = task_of(lead, coordinator, "Call")
    names = ("task_finish", "task_edit", "task_snooze", "task_drop", "task_reopen", "task_withdraw")

    assert {client_of(viewer).post(at(name, task)).status_code for name in names} == {403}
    assert {client_of(stranger).post(at(name, task)).status_code for name in names} == {404}


def test_task_list_keeps_its_filters_under_a_name_and_opens_with_them(client_of, coordinator):
    browser = client_of(coordinator)
    sent = {"layout": "TASKS", "query": "whose=team&type=CALL", "name": "Calls of all", "is_default": "on"}

    url = browser.post("/views/new/", sent).url

    assert url.startswith("/tasks/?view=") and "type=CALL" in url and "whose=team" in url
    assert browser.get("/tasks/").url == url
    assert "Calls of all" in browser.get(url).text
