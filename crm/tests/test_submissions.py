from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from clinics.tenancy import clinic_scope
from conftest import last_audit, next_door, no_clinic
from crm.models import Lead, LeadSubmission
from crm.rules import AlreadyTakenIn, NotSetAside
from crm.submissions import (
    failed_submissions,
    ignore_submission,
    keep_submission,
    replay_submission,
    replay_submissions,
    restore_submission,
    write_submission,
)
from crm.understanding import process_submission

Channel, Status, Reason = LeadSubmission.Channel, LeadSubmission.Status, LeadSubmission.Reason
ANA = {"first_name": "Ana", "phone": "(212) 555-0101"}


@pytest.fixture
def failed(clinic, coordinator):
    """An inquiry whose number nobody can dial."""
    return process_submission(write_submission(Channel.WEBHOOK, {"first_name": "Ana", "phone": "12 34"}))


def test_keep_submission_keeps_exactly_what_came_and_seals_it(clinic):
    raw = {"dob": "1990-01-02", "nested": {"words": ["Zahnweh", "é\u0000"]}, "n": 1.5}

    kept = keep_submission(Channel.WEBHOOK, raw, context={"language": "es"})

    again = LeadSubmission.objects.get(pk=kept.pk)
    assert (again.payload, again.context, again.status) == (raw, {"language": "es"}, Status.RECEIVED)
    with connection.cursor() as cursor:
        cursor.execute("SELECT s::text FROM crm_leadsubmission s")
        assert "Zahnweh" not in cursor.fetchone()[0]


def test_keep_submission_with_the_same_key_keeps_the_first_alone(clinic):
    first = keep_submission(Channel.WEBHOOK, ANA, idempotency_key="k" * 200)
    again = keep_submission(Channel.WEBHOOK, ANA | {"first_name": "Eva"}, idempotency_key="k" * 200)
    elsewhere = keep_submission(Channel.WEBFORM, ANA, idempotency_key="k" * 200)

    assert (again.pk, again.payload) == (first.pk, ANA)
    assert elsewhere.pk != first.pk


def test_keep_submission_with_the_key_of_the_clinic_next_door_is_another_one(clinic, other_clinic):
    here = keep_submission(Channel.WEBHOOK, ANA, idempotency_key="k1")
    with next_door(other_clinic):
        there = keep_submission(Channel.WEBHOOK, ANA, idempotency_key="k1")

    assert here.pk != there.pk


def test_a_worker_takes_in_what_was_kept(clinic, coordinator, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        kept = keep_submission(Channel.WEBHOOK, ANA)

    kept.refresh_from_db()
    assert (kept.status, kept.outcome, kept.lead.first_name) == (Status.PROCESSED, "NEW_LEAD", "Ana")


def test_replay_submission_with_a_corrected_number_leaves_the_original_as_it_came(failed, coordinator):
    replay_submission(failed, by=coordinator, corrections={"phone": "212 555 0101"})
    done = process_submission(failed)

    assert (done.status, done.lead.phone_e164, done.payload["phone"]) == (Status.PROCESSED, "+12125550101", "12 34")
    assert last_audit(failed).action == "crm.submission.replayed"


def test_replay_submission_refuses_what_was_taken_in(clinic, coordinator):
    done = process_submission(write_submission(Channel.WEBHOOK, ANA))

    with pytest.raises(AlreadyTakenIn):
        replay_submission(done, by=coordinator)
    with pytest.raises(AlreadyTakenIn):
        ignore_submission(done, by=coordinator)


def test_replay_submissions_sends_all_of_one_reason_through_and_no_other(failed, coordinator):
    other = process_submission(write_submission(Channel.WEBHOOK, {"first_name": "Eva"}))

    assert replay_submissions(LeadSubmission.objects.filter(reason=Reason.PHONE), by=coordinator) == 1

    failed.refresh_from_db()
    other.refresh_from_db()
    assert (failed.status, other.status) == (Status.RECEIVED, Status.FAILED)


def test_ignore_submission_sets_aside_and_restore_puts_back_with_its_reason(failed, owner):
    assert failed_submissions().count() == 1

    ignore_submission(failed, by=owner)
    ignore_submission(failed, by=owner)
    assert failed_submissions().count() == 0

    back = restore_submission(failed, by=owner)
    assert (back.status, back.reason, failed_submissions().count()) == (Status.FAILED, Reason.PHONE, 1)
    with pytest.raises(NotSetAside):
        restore_submission(failed, by=owner)


def test_the_sweep_finds_what_no_worker_was_woken_for(clinic, coordinator):
    kept = write_submission(Channel.WEBHOOK, ANA)
    later = write_submission(Channel.WEBHOOK, ANA | {"first_name": "Eva"})
    LeadSubmission.objects.filter(pk=later.pk).update(due_at=timezone.now() + timedelta(hours=1))

    assert [each.pk for each in LeadSubmission.objects.due(timezone.now())] == [kept.pk]
    assert Lead.objects.count() == 0


def test_no_other_clinic_sees_a_submission(failed, other_clinic):
    with no_clinic(), clinic_scope(other_clinic):
        assert LeadSubmission.objects.count() == failed_submissions().count() == 0
