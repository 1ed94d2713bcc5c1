from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from clinics.audit import SYSTEM
from crm.models import ContactPoint
from crm.tests.factories import LeadFactory
from inbox.conversations import conversation_with
from inbox.models import ChannelAccount, InboxSettings, MessageStatus, Purpose, UnifiedMessage
from inbox.outbox import drain_outbox
from inbox.planning import plan_message
from inbox.tests.factories import ChannelAccountFactory, ContactConsentFactory, SuppressionFactory

S = MessageStatus
NUMBER = "+13125550142"  # Chicago; the clinic is in New York
NOON = "2026-07-01T17:00:00Z"
LATE = "2026-07-02T01:30:00Z"  # 21:30 in New York, 20:30 in Chicago


@pytest.fixture
def conversation(desk):
    ChannelAccount.objects.update(per_second=100)
    InboxSettings.objects.create()
    return conversation_with(LeadFactory(phone=NUMBER, phone_e164=NUMBER))


def plan(conversation, key="one", channel="SMS", **facts):
    facts = {"by": SYSTEM, "purpose": Purpose.CARE, "undo_seconds": 0} | facts
    return plan_message(conversation, channel=channel, text=key, dedupe_key=key, **facts)


def after_a_drain(clinic, *messages):
    drain_outbox(clinic)
    rows = {row.pk: row for row in UnifiedMessage.objects.all()}
    return [(rows[each.pk].status, rows[each.pk].reason) for each in messages]


def test_at_night_in_either_zone_what_no_human_answers_waits_for_the_morning(clinic, conversation, coordinator):
    with time_machine.travel(LATE, tick=False):
        reminder, answer = plan(conversation), plan(conversation, "answer", by=coordinator, purpose=Purpose.REPLY)

        assert after_a_drain(clinic, reminder, answer) == [(S.PENDING, "quiet_hours"), (S.DELIVERED, "")]

        reminder.refresh_from_db()
        assert reminder.not_before.isoformat() == "2026-07-02T13:00:00+00:00"  # 8:00 in Chicago


def test_who_has_just_written_is_answered_at_night_even_by_no_human(clinic, conversation):
    with time_machine.travel(LATE, tick=False):
        conversation.addresses.create(channel="SMS", address=NUMBER, last_inbound_at=timezone.now())

        assert after_a_drain(clinic, plan(conversation, purpose=Purpose.REPLY)) == [(S.DELIVERED, "")]


def test_nobody_is_written_to_more_often_than_the_clinic_says(clinic, conversation, coordinator):
    InboxSettings.objects.update(most_a_day=2)
    with time_machine.travel(NOON, tick=False):
        three = [plan(conversation, key) for key in ("one", "two", "three")]
        answer = plan(conversation, "answer", by=coordinator, purpose=Purpose.REPLY)

        stood = after_a_drain(clinic, *three, answer)
        held = UnifiedMessage.objects.get(reason="often_enough")
        until = held.not_before - timezone.now()

    assert sorted(stood[:3]) == [(S.DELIVERED, ""), (S.DELIVERED, ""), (S.PENDING, "often_enough")]
    assert stood[3] == (S.DELIVERED, "")
    assert until == timedelta(days=1)


def test_news_need_a_yes_and_a_no_ends_them(clinic, conversation):
    with time_machine.travel(NOON, tick=False):
        asked = plan(conversation, purpose=Purpose.NEWS)
        assert after_a_drain(clinic, asked) == [(S.SUPPRESSED, "no_consent")]

        consent = ContactConsentFactory(address=NUMBER)
        agreed = plan(conversation, "two", purpose=Purpose.NEWS)
        assert after_a_drain(clinic, agreed) == [(S.DELIVERED, "")]
        agreed.refresh_from_db()
        assert agreed.metadata["consent"] == str(consent.pk)


def test_a_stopped_address_gets_nothing_by_anybody(clinic, conversation, coordinator):
    SuppressionFactory(address=NUMBER, reason="WRONG_PERSON")
    with time_machine.travel(NOON, tick=False):
        answer = plan(conversation, by=coordinator, purpose=Purpose.REPLY)

        assert after_a_drain(clinic, answer) == [(S.SUPPRESSED, "stopped_address")]


def test_a_number_that_costs_or_reached_somebody_else_gets_nothing_by_itself(clinic, conversation, coordinator):
    ContactPoint.objects.create(kind=ContactPoint.Kind.PHONE, value=NUMBER, wrong_since=NOON)
    with time_machine.travel(NOON, tick=False):
        reminder = plan(conversation, "reminder")
        answer = plan(conversation, "answer", by=coordinator, purpose=Purpose.REPLY)
        paid = plan(conversation, "paid", by=coordinator, purpose=Purpose.REPLY)
        UnifiedMessage.objects.filter(pk=paid.pk).update(address="+19002345678")

        stood = after_a_drain(clinic, reminder, answer, paid)

    assert stood == [(S.SUPPRESSED, "wrong_number"), (S.DELIVERED, ""), (S.SUPPRESSED, "costly_number")]


def test_when_the_plan_is_used_up_only_answers_go(clinic, conversation, coordinator):
    clinic.message_limit = 1
    with time_machine.travel(NOON, tick=False):
        answer = plan(conversation, "answer", by=coordinator, purpose=Purpose.REPLY)
        rest = [plan(conversation, key) for key in ("one", "two")]

        stood = after_a_drain(clinic, answer, *rest)

    assert stood == [(S.DELIVERED, ""), (S.PENDING, "plan_limit"), (S.PENDING, "plan_limit")]


def test_what_is_too_late_or_to_nobody_is_held_back(clinic, conversation):
    with time_machine.travel(NOON, tick=False):
        late = plan(conversation, expires_at=timezone.now() - timedelta(minutes=1))
        assert after_a_drain(clinic, late) == [(S.SUPPRESSED, "expired")]
        gone = plan(conversation, "two")
        conversation.lead.__class__.objects.update(deleted_at=timezone.now())
        assert after_a_drain(clinic, gone) == [(S.SUPPRESSED, "person_gone")]


def test_a_whatsapp_window_that_is_closed_lets_only_templates_pass(clinic, conversation, coordinator):
    ChannelAccountFactory(channel="WHATSAPP", address="+13125550109", per_second=100)
    facts = {"channel": "WHATSAPP", "by": coordinator, "purpose": Purpose.REPLY}
    with time_machine.travel(NOON, tick=False):
        free = plan(conversation, "free", **facts)
        template = plan(conversation, "tpl", template={"id": "HX1", "language": "en", "values": []}, **facts)
        assert after_a_drain(clinic, free, template) == [(S.SUPPRESSED, "window_closed"), (S.DELIVERED, "")]

        conversation.addresses.update(last_inbound_at=timezone.now() - timedelta(hours=23))
        assert after_a_drain(clinic, plan(conversation, "again", **facts)) == [(S.DELIVERED, "")]


def test_an_account_that_is_blocked_or_rests_is_passed_over_and_loses_nothing(clinic, conversation):
    with time_machine.travel(NOON, tick=False):
        message = plan(conversation)
        ChannelAccount.objects.update(blocked_reason="look at it")
        assert after_a_drain(clinic, message) == [(S.PLANNED, "")]
        ChannelAccount.objects.update(blocked_reason="", resting_until=timezone.now() + timedelta(minutes=1))
        assert after_a_drain(clinic, message) == [(S.PLANNED, "")]


def test_a_number_sends_no_faster_than_it_may(clinic, conversation, coordinator):
    ChannelAccount.objects.update(per_second=1, tokens=1, tokens_at=None)
    facts = {"by": coordinator, "purpose": Purpose.REPLY}
    with time_machine.travel(NOON, tick=False) as clock:
        messages = [plan(conversation, str(number), **facts) for number in range(8)]
        assert after_a_drain(clinic, *messages).count((S.DELIVERED, "")) == 5
        clock.shift(2)
        assert after_a_drain(clinic, *messages).count((S.DELIVERED, "")) == 7


def test_answers_go_before_news(clinic, conversation, coordinator):
    ContactConsentFactory(address=NUMBER)
    ChannelAccount.objects.update(per_second=0.2, tokens=1, tokens_at=None)
    with time_machine.travel(NOON, tick=False):
        news = plan(conversation, "news", purpose=Purpose.NEWS)
        answer = plan(conversation, "answer", by=coordinator, purpose=Purpose.REPLY)

        assert after_a_drain(clinic, news, answer) == [(S.PLANNED, ""), (S.DELIVERED, "")]


def test_a_text_that_was_changed_after_it_was_checked_does_not_go(clinic, conversation):
    with time_machine.travel(NOON, tick=False):
        message = plan(conversation)
        UnifiedMessage.objects.filter(pk=message.pk).update(body_digest="of other words")

        assert after_a_drain(clinic, message) == [(S.FAILED, "changed_underway")]
