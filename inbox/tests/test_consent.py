from datetime import timedelta

import pytest
from django.utils import timezone

from clinics.models import AuditLog
from inbox.claiming import claim_due
from inbox.consent import Said, lift_suppression, may_send, note_consent, opt_out, suppress
from inbox.models import (
    Channel,
    ConsentSource,
    ConsentState,
    ContactConsent,
    InboxSettings,
    MessageStatus,
    Purpose,
    SandboxDelivery,
    Suppression,
    SuppressionReason,
    UnifiedMessage,
)
from inbox.outbox import send_claimed
from inbox.planning import plan_message
from inbox.rules import NotARefusal, ReasonMissing
from inbox.settling import settle_refusal
from inbox.stopping import resume_sending, stop_sending
from inbox.tests.factories import ConversationFactory, SuppressionFactory

NUMBER = "+17735550101"
YES, NO = ConsentState.OPTED_IN, ConsentState.OPTED_OUT


def said(state, **facts):
    facts = {"source": ConsentSource.PHONE} | facts
    return Said(Channel.SMS, NUMBER, Purpose.NEWS, state, **facts)


def test_what_was_said_last_stands_whichever_is_written_first(clinic, coordinator):
    now = timezone.now()

    note_consent(said(NO), by=coordinator, decided_at=now)
    note_consent(said(YES, source=ConsentSource.PAPER), by=coordinator, decided_at=now - timedelta(days=3))

    assert ContactConsent.objects.standing().get().state == NO
    assert ContactConsent.objects.count() == 2
    assert may_send(Channel.SMS, NUMBER, Purpose.NEWS).reason == "opted_out"


def test_the_same_word_twice_is_one_entry_with_who_noted_it(clinic, coordinator):
    first, again = note_consent(said(YES), by=coordinator), note_consent(said(YES), by=coordinator)

    assert first == again
    assert (first.by, AuditLog.objects.filter(action="inbox.consent.decided").count()) == (coordinator, 1)


def test_unknown_lets_care_pass_and_news_wait_for_a_yes(clinic):
    assert may_send(Channel.SMS, NUMBER, Purpose.CARE).reason == ""
    assert may_send(Channel.SMS, NUMBER, Purpose.NEWS).reason == "no_consent"
    assert may_send(Channel.PORTAL, "anybody", Purpose.NEWS).reason == ""


def test_a_stop_on_one_channel_leaves_the_others(clinic):
    opt_out(Channel.SMS, NUMBER, source=ConsentSource.MESSAGE)

    assert may_send(Channel.SMS, NUMBER, Purpose.REPLY).reason == "opted_out"
    assert may_send(Channel.WHATSAPP, NUMBER, Purpose.CARE).reason == ""


def test_an_address_is_let_go_with_a_reason_and_by_whom(clinic, coordinator):
    row = suppress(Channel.SMS, NUMBER, SuppressionReason.BY_STAFF, by=coordinator)
    assert suppress(Channel.SMS, NUMBER, SuppressionReason.BY_STAFF, by=coordinator) == row
    with pytest.raises(ReasonMissing):
        lift_suppression(row, why=" ", by=coordinator)

    lift_suppression(row, why="asked for it on the phone", by=coordinator)

    assert not Suppression.objects.standing().exists()
    released = AuditLog.objects.get(action="inbox.address.released")
    assert (released.actor, released.metadata["why"]) == (coordinator, "asked for it on the phone")


@pytest.mark.parametrize(("refuses", "reason"), [(True, "opted_out"), (False, "")])
def test_words_that_sound_like_a_refusal_are_settled_by_a_person(clinic, coordinator, refuses, reason):
    row = SuppressionFactory(reason="REFUSAL", detail="please stop texting me")
    assert may_send(Channel.SMS, NUMBER, Purpose.CARE).reason == "refusal_to_read"

    settle_refusal(row, refuses=refuses, by=coordinator)
    settle_refusal(row, refuses=refuses, by=coordinator)

    assert may_send(Channel.SMS, NUMBER, Purpose.CARE).reason == reason
    if refuses:
        assert ContactConsent.objects.first().proof["words"] == "please stop texting me"


def test_another_stop_is_no_refusal_to_settle(clinic, coordinator):
    with pytest.raises(NotARefusal):
        settle_refusal(SuppressionFactory(reason="BOUNCE"), refuses=True, by=coordinator)


@pytest.fixture
def claimed(clinic, desk, coordinator):
    """A message that a worker has claimed and not handed over yet."""
    InboxSettings.objects.create(quiet_from="00:00", quiet_until="00:00")
    facts = {"channel": "SMS", "text": "Hello", "by": coordinator, "dedupe_key": "one", "undo_seconds": 0}
    plan_message(ConversationFactory(unknown_address=NUMBER), address=NUMBER, **facts)
    [claim], _is_more = claim_due(clinic)
    return claim


def test_a_stop_that_comes_between_claim_and_sending_still_holds(clinic, claimed):
    opt_out(Channel.SMS, NUMBER, source=ConsentSource.MESSAGE)

    assert not send_claimed(clinic, [claimed], {})

    assert not SandboxDelivery.objects.exists()
    assert UnifiedMessage.objects.get(pk=claimed.message.pk).reason == "changed_meanwhile"
    assert claim_due(clinic)[0] == []
    assert UnifiedMessage.objects.get(pk=claimed.message.pk).status == MessageStatus.SUPPRESSED


def test_the_emergency_stop_holds_even_what_is_claimed_and_loses_nothing(clinic, claimed, owner):
    with pytest.raises(ReasonMissing):
        stop_sending(clinic, reason=" ", by=owner)
    stop_sending(clinic, reason="wrong template", by=owner)
    stop_sending(clinic, reason="twice", by=owner)

    assert not send_claimed(clinic, [claimed], {})
    assert claim_due(clinic) == ([], False)
    clinic.refresh_from_db()
    assert clinic.sending_stopped_at is not None
    assert InboxSettings.objects.get().stop_reason == "wrong template"

    resume_sending(clinic, by=owner)
    [claim], _is_more = claim_due(clinic)
    assert send_claimed(clinic, [claim], {})
    clinic.refresh_from_db()
    assert clinic.sending_stopped_at is None


def test_only_one_of_two_who_hold_a_message_may_hand_it_over(clinic, claimed):
    UnifiedMessage.objects.filter(pk=claimed.message.pk).update(fence=clinic.pk)

    assert not send_claimed(clinic, [claimed], {})
    assert not SandboxDelivery.objects.exists()
