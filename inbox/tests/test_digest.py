from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from inbox.digest import send_digests
from inbox.tests.factories import ConversationFactory


def at_hour(clinic, hour):
    return time_machine.travel(timezone.localtime(timezone=clinic.zone).replace(hour=hour, minute=5), tick=False)


@pytest.fixture
def morning(clinic):
    """Nine o'clock of the clinic."""
    with at_hour(clinic, 9):
        yield


def wish(member, digest="daily"):
    member.notification_preferences = {"digest": digest}
    member.save()


def test_send_digests_writes_once_a_morning_to_whom_something_waits(
    morning, clinic, coordinator, receptionist, doctor, mailoutbox, django_capture_on_commit_callbacks
):
    wish(coordinator)
    wish(receptionist)  # nothing waits for them
    wish(doctor, "never")
    asked = timezone.now() - timedelta(hours=3)
    facts = {"waiting_since": asked, "answer_due_at": asked + timedelta(hours=1)}
    ConversationFactory(assigned_to=coordinator, person_name="Adaeze Okonkwo", **facts)
    ConversationFactory(assigned_to=coordinator, unread_count=1)
    ConversationFactory(assigned_to=coordinator, snoozed_until=timezone.now() + timedelta(days=1), **facts)
    ConversationFactory(assigned_to=doctor, **facts)

    with django_capture_on_commit_callbacks(execute=True):
        assert (send_digests(clinic), send_digests(clinic)) == (1, 0)
    (mail,) = mailoutbox
    assert mail.to == [coordinator.user.email]
    assert "2 conversations wait for you" in mail.body and "1 of them is late." in mail.body
    assert "Adaeze" not in mail.body + mail.subject + mail.alternatives[0][0]


def test_send_digests_waits_for_the_morning(clinic, coordinator):
    with at_hour(clinic, 7):
        wish(coordinator)
        ConversationFactory(assigned_to=coordinator, unread_count=1)

        assert send_digests(clinic) == 0
