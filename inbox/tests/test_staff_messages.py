from datetime import timedelta

import pytest
from django.utils import timezone

from clinics.models import AuditLog
from clinics.people import change_notifications
from conftest import Browser
from crm.reminding import remind_of_tasks
from crm.tests.factories import LeadFactory, LeadTaskFactory
from inbox.conversations import conversation_at
from inbox.guarding import is_bound
from inbox.models import UnifiedConversation, UnifiedMessage
from inbox.staff_messages import text_reminder

PHONE = "+13125550177"


@pytest.fixture
def remind(coordinator, desk):
    """What becomes of a reminder that is due: the UnifiedMessage, or None."""
    lead = LeadFactory(first_name="Ana", last_name="Vega", assigned_to=coordinator)

    def remind():
        now = timezone.now()
        LeadTaskFactory(lead=lead, assigned_to=coordinator, title="Call Ana", due_at=now, reminder_at=now)
        assert remind_of_tasks(now) == 1
        event = AuditLog.objects.filter(action="crm.task.reminder_due").latest("pk")
        assert text_reminder(event) == text_reminder(event)
        return text_reminder(event)

    return remind


def test_a_member_who_wants_it_is_reminded_by_a_text_that_names_nobody(remind, coordinator, client_of):
    change_notifications(coordinator, email="never", reminders="sms", phone=PHONE)

    message = remind()

    assert (message.address, message.conversation.member, is_bound(message)) == (PHONE, coordinator, False)
    assert "Ana" not in message.text and "/leads/" in message.text
    assert UnifiedMessage.objects.count() == 1
    page = client_of(coordinator).get(f"/inbox/{message.conversation.pk}/")
    assert (UnifiedConversation.objects.present().count(), page.status_code) == (0, 404)
    assert conversation_at("SMS", PHONE) != message.conversation  # who answers there is somebody that writes


@pytest.mark.parametrize("wish", [{"reminders": "email", "phone": PHONE}, {"reminders": "sms"}])
def test_nobody_is_texted_who_did_not_ask_for_it_and_say_where(remind, coordinator, wish):
    change_notifications(coordinator, email="never", **wish)

    assert remind() is None


def test_a_reminder_that_comes_too_late_does_not_go(remind, coordinator):
    change_notifications(coordinator, email="never", reminders="sms", phone=PHONE)

    assert remind().expires_at <= timezone.now() + timedelta(hours=4)


@pytest.mark.parametrize(
    ("typed", "kept"), [("(312) 555-0177", PHONE), ("", ""), ("12", "")], ids=["a number", "none", "no number"]
)
def test_the_profile_takes_a_number_that_can_be_texted(client_of, coordinator, typed, kept):
    browser: Browser = client_of(coordinator)

    answer = browser.post("/profile/notifications/", {"email": "never", "reminders": "sms", "phone": typed})

    coordinator.refresh_from_db()
    assert (answer.status_code, coordinator.phone_e164) == (302, kept)
    assert coordinator.notification_preferences.get("reminders") == ("sms" if kept else None)
