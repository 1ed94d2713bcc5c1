from datetime import timedelta

import pytest
from django.utils import timezone

from clinics.personal_values import opened_sides
from conftest import last_audit
from crm.activities import add_note, log_activity, log_call, undo_activity
from crm.corrections import correct_activity
from crm.finishing import complete_task
from crm.models import ActivityType, CallOutcome, ContactPoint, Lead
from crm.rules import NotToBeUndone, NotYoursToCorrect
from crm.tests.factories import LeadFactory

TOMORROW = timedelta(days=1)


def wrong_numbers_of(lead):
    """The numbers that the lead's page marks as wrong."""
    return set(Lead.objects.for_page().get(pk=lead.pk).wrong_numbers)


@pytest.fixture
def lead(clinic, coordinator):
    lead = LeadFactory(assigned_to=coordinator, phone_alt_e164="+12125550199")
    for number in (lead.phone_e164, lead.phone_alt_e164):
        ContactPoint.objects.create(kind="PHONE", value=number)
    return lead


def call_again(days=1):
    return {"type": "CALL", "title": "Call again", "due_at": timezone.now() + timedelta(days=days)}


def test_what_was_said_is_added_to_a_call_and_on_record(lead, coordinator):
    call = log_call(lead, by=coordinator, outcome=CallOutcome.SPOKE)
    corrected = correct_activity(call, by=coordinator, notes="Wants evenings", duration_minutes=6)

    assert (corrected.notes, corrected.duration_minutes, corrected.outcome) == ("Wants evenings", 6, "SPOKE")
    assert opened_sides(last_audit(lead))[1] == {"notes": "Wants evenings", "duration_minutes": 6}


def test_the_next_step_of_a_call_is_changed_with_it_dropped_with_it_or_set_by_it(lead, coordinator):
    call = log_call(lead, by=coordinator, outcome=CallOutcome.NO_ANSWER, next_step=call_again())
    call = correct_activity(call, by=coordinator, next_step=call_again(days=5))
    assert lead.tasks.get().due_at > timezone.now() + timedelta(days=4)

    call = correct_activity(call, by=coordinator, next_step=None)
    assert not lead.tasks.exists() and "next_task" not in call.payload

    correct_activity(call, by=coordinator, next_step=call_again())
    assert lead.tasks.get().title == "Call again"


def test_a_next_step_that_was_done_stays_done(lead, coordinator):
    call = log_call(lead, by=coordinator, outcome=CallOutcome.NO_ANSWER, next_step=call_again())
    complete_task(lead.tasks.get(), by=coordinator)
    correct_activity(call, by=coordinator, next_step=None)

    assert lead.tasks.count() == 1


def test_only_who_wrote_it_or_an_admin_corrects_it(lead, coordinator, receptionist, owner):
    note = add_note(lead, "Wants evenings", by=coordinator)

    with pytest.raises(NotYoursToCorrect):
        correct_activity(note, by=receptionist, notes="Wants mornings")
    assert correct_activity(note, by=owner, notes="Wants mornings").notes == "Wants mornings"


def test_what_the_machine_wrote_is_not_corrected(lead, coordinator):
    entry = log_activity(lead, ActivityType.STAGE_CHANGE, by=coordinator)

    with pytest.raises(NotToBeUndone):
        correct_activity(entry, by=coordinator, notes="No")


def test_a_wrong_number_is_marked_and_a_taken_back_call_unmarks_it(lead, coordinator):
    call = log_call(lead, by=coordinator, outcome=CallOutcome.WRONG_NUMBER)
    assert wrong_numbers_of(lead) == {lead.phone_e164}

    undo_activity(call, by=coordinator)
    assert wrong_numbers_of(lead) == set()


def test_the_number_that_was_called_is_the_one_that_is_marked(lead, coordinator):
    log_call(lead, by=coordinator, outcome=CallOutcome.WRONG_NUMBER, number=lead.phone_alt_e164)

    assert wrong_numbers_of(lead) == {lead.phone_alt_e164}


def test_a_number_where_somebody_was_spoken_to_is_right_again(lead, coordinator):
    log_call(lead, by=coordinator, outcome=CallOutcome.WRONG_NUMBER)
    log_call(lead, by=coordinator, outcome=CallOutcome.SPOKE)

    assert wrong_numbers_of(lead) == set()


def test_a_corrected_outcome_corrects_the_number_too(lead, coordinator):
    call = log_call(lead, by=coordinator, outcome=CallOutcome.WRONG_NUMBER)
    correct_activity(call, by=coordinator, outcome=CallOutcome.NO_ANSWER)
    assert wrong_numbers_of(lead) == set()

    correct_activity(call, by=coordinator, outcome=CallOutcome.WRONG_NUMBER)
    assert wrong_numbers_of(lead) == {lead.phone_e164}
