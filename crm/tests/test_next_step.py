from datetime import timedelta

import pytest
from django.utils import timezone

from crm.activities import log_activity, log_call
from crm.archiving import archive_lead
from crm.models import ActivityType, CallOutcome, Direction
from crm.next_step import attempts_without_answer, next_step
from crm.tests.factories import LeadFactory, LeadTaskFactory


@pytest.fixture
def lead(clinic, coordinator):
    """Somebody who asked long ago and was spoken to: no clock runs."""
    lead = LeadFactory(assigned_to=coordinator, captured_at=timezone.now() - timedelta(days=20))
    log_call(lead, by=coordinator, outcome=CallOutcome.SPOKE)
    lead.refresh_from_db()
    return lead


def step_of(lead, clinic):
    tasks = list(lead.tasks.open().order_by("due_at"))
    return next_step(lead, clinic, tasks)


def attempt(lead, by, times):
    for _time in range(times):
        log_call(lead, by=by, outcome=CallOutcome.NO_ANSWER)


def test_a_new_lead_is_called_first(clinic, coordinator):
    lead = LeadFactory(assigned_to=coordinator)
    LeadTaskFactory(lead=lead)

    assert step_of(lead, clinic).kind == "call"


def test_three_attempts_without_an_answer_suggest_that_it_is_lost(clinic, coordinator, lead):
    LeadTaskFactory(lead=lead)
    attempt(lead, coordinator, 2)
    assert step_of(lead, clinic).kind == "overdue"

    log_activity(lead, ActivityType.SMS, by=coordinator, direction=Direction.OUTBOUND)
    assert (step_of(lead, clinic).kind, step_of(lead, clinic).attempts) == ("give_up", 3)


@pytest.mark.parametrize("answer", ["spoke", "wrote", "came"])
def test_an_answer_counts_the_attempts_anew(coordinator, lead, answer):
    attempt(lead, coordinator, 3)
    if answer == "spoke":
        log_call(lead, by=coordinator, outcome=CallOutcome.SPOKE)
    elif answer == "wrote":
        log_activity(lead, ActivityType.EMAIL, by=None, direction=Direction.INBOUND)
    else:
        log_activity(lead, ActivityType.IN_PERSON, by=coordinator)

    assert attempts_without_answer(lead) == 0


def test_an_overdue_task_is_done_before_one_that_is_planned(clinic, lead):
    LeadTaskFactory(lead=lead, title="Later", due_at=timezone.now() + timedelta(days=1))
    assert (step_of(lead, clinic).kind, step_of(lead, clinic).task.title) == ("planned", "Later")

    LeadTaskFactory(lead=lead, title="Late", due_at=timezone.now() - timedelta(days=1))
    assert (step_of(lead, clinic).kind, step_of(lead, clinic).task.title) == ("overdue", "Late")


def test_where_nothing_is_planned_something_is_to_be(clinic, lead):
    assert step_of(lead, clinic).kind == "plan"


def test_a_lead_that_is_not_open_has_no_next_step(clinic, coordinator, lead):
    assert step_of(archive_lead(lead, by=coordinator), clinic) is None
