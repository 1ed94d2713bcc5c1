from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from clinics.audit import SYSTEM
from conftest import no_clinic
from inbox.channels.contract import Accepted
from inbox.claiming import claim_due
from inbox.models import (
    ContactConsent,
    DeliveryReport,
    InboxSettings,
    MessageStatus,
    Purpose,
    SandboxDelivery,
    SentCount,
    Suppression,
    UnifiedConversation,
    UnifiedMessage,
)
from inbox.outbox import _next_portion, accepted, accepted_before, drain_outbox
from inbox.planning import plan_message
from inbox.reconciling import reconcile_outbox
from inbox.reporting import Report, take_report
from inbox.tasks import drain_all_outboxes
from inbox.tests.factories import ConversationFactory

S = MessageStatus


def plan(conversation, text="Hello", key="", by=SYSTEM, **facts):
    facts = {"purpose": Purpose.REPLY, "undo_seconds": 0} | facts
    return plan_message(conversation, channel="SMS", text=text, by=by, dedupe_key=key or text, **facts)


def stand(message):
    message.refresh_from_db()
    return message.status, message.reason


def make_due():
    """As if the pauses had passed."""
    past = timezone.now() - timedelta(minutes=5)
    UnifiedMessage.objects.exclude(not_before=None).update(not_before=past, handed_over_at=past - timedelta(minutes=5))


@pytest.fixture
def stranger(desk):
    """A conversation with a number, opened by day in every zone."""
    desk.per_second = 100
    desk.save()
    InboxSettings.objects.create(quiet_from="00:00", quiet_until="00:00")
    return ConversationFactory()


def test_what_is_due_is_delivered_once(clinic, stranger, coordinator):
    message = plan(stranger, by=coordinator)

    assert drain_outbox(clinic) == 1
    assert drain_outbox(clinic) == 0

    assert stand(message) == (S.DELIVERED, "")
    delivery = SandboxDelivery.objects.get()
    assert (delivery.to_address, delivery.text) == (stranger.unknown_address, "Hello")
    assert message.external_message_id == delivery.external_message_id
    assert (message.tries, message.segments, message.fence) == (0, 1, None)
    assert SentCount.objects.get().count == 1


def test_what_the_broker_has_lost_is_found_by_the_tick(clinic, stranger, monkeypatch):
    monkeypatch.setattr("inbox.planning.wake_for_all", lambda task_name: None)
    message = plan(stranger)
    with no_clinic():
        drain_all_outboxes()

    assert stand(message) == (S.DELIVERED, "")


def test_what_can_still_be_taken_back_does_not_go(clinic, stranger, coordinator):
    message = plan(stranger, by=coordinator, undo_seconds=10)

    drain_outbox(clinic)

    assert stand(message) == (S.PLANNED, "")


def test_one_bad_recipient_does_not_stop_the_rest(clinic, stranger, coordinator):
    texts = ["[refused]", "[crash]", "[timeout]", "[lost]", "fine"]
    messages = [plan(stranger, text, by=coordinator) for text in texts]

    drain_outbox(clinic)

    reasons = [stand(message) for message in messages]
    # The pretend carrier tells of the delivery before it falls over, so these are known to have arrived.
    assert reasons == [
        (S.FAILED, "refused"),
        (S.DELIVERED, ""),
        (S.DELIVERED, ""),
        (S.UNKNOWN, "no_answer"),
        (S.DELIVERED, ""),
    ]


def test_a_doubtful_message_is_asked_for_and_goes_again_only_if_its_carrier_never_had_it(clinic, stranger, coordinator):
    lost, kept = plan(stranger, "[lost]", by=coordinator), plan(stranger, "kept", by=coordinator)
    drain_outbox(clinic)
    UnifiedMessage.objects.filter(pk=kept.pk).update(
        status=S.UNKNOWN, status_rank=0, external_message_id=None, not_before=timezone.now()
    )
    make_due()

    reconcile_outbox(clinic)

    assert stand(lost) == (S.PENDING, "busy")
    assert stand(kept)[0] == S.SENT
    assert SandboxDelivery.objects.count() == 1


def test_a_word_that_came_before_the_id_was_known_is_applied_later(clinic, stranger, desk, coordinator):
    message = plan(stranger, by=coordinator)
    drain_outbox(clinic)
    UnifiedMessage.objects.update(status=S.SENT, status_rank=1, external_message_id=None)
    assert take_report(desk, Report("SX-early", S.READ)) is None

    UnifiedMessage.objects.update(external_message_id="SX-early")
    reconcile_outbox(clinic)

    assert stand(message) == (S.READ, "")


def test_a_carrier_that_is_busy_is_tried_again_a_few_times(clinic, stranger, coordinator):
    message = plan(stranger, "[busy]", by=coordinator)
    seen = []
    for _try in range(8):
        make_due()
        stranger.messages.get().account.__class__.objects.update(resting_until=None)
        drain_outbox(clinic)
        seen.append(stand(message))

    assert seen == [(S.PENDING, "busy")] * 5 + [(S.FAILED, "busy")] * 3


def test_a_number_that_opted_out_at_the_carrier_is_never_written_to_again(clinic, stranger, coordinator):
    first = plan(stranger, "one", by=coordinator, address="+15005550004")
    drain_outbox(clinic)
    second = plan(stranger, "two", by=coordinator, address="+15005550004")
    drain_outbox(clinic)

    assert stand(first) == (S.FAILED, "opted_out")
    assert stand(second) == (S.SUPPRESSED, "opted_out")
    assert set(ContactConsent.objects.standing().values_list("state", "source")) == {("OPTED_OUT", "PROVIDER")}


@pytest.mark.parametrize(("address", "reason"), [("+15005550001", "invalid_address"), ("+15005550009", "landline")])
def test_a_number_that_cannot_be_texted_is_remembered(clinic, stranger, coordinator, address, reason):
    message = plan(stranger, by=coordinator, address=address)

    drain_outbox(clinic)

    assert stand(message) == (S.FAILED, reason)
    assert Suppression.objects.standing().get().reason == "UNREACHABLE"


def test_a_reply_that_fails_leaves_them_waiting(clinic, stranger, coordinator):
    waiting_since = timezone.now() - timedelta(minutes=3)
    UnifiedConversation.objects.update(waiting_since=waiting_since)
    plan(stranger, "[undelivered]", by=coordinator)

    drain_outbox(clinic)

    stranger.refresh_from_db()
    assert stranger.waiting_since == waiting_since
    assert DeliveryReport.objects.get().status == "FAILED"


@pytest.mark.parametrize("is_in_hand", [True, False])
def test_what_came_of_one_message_is_written_though_the_next_may_not_go_any_more(clinic, stranger, is_in_hand):
    first, second = plan(stranger), plan(stranger, "Again")
    UnifiedMessage.objects.update(metadata={"counted": True}, not_before=timezone.now() - timedelta(minutes=1))
    (one, other), _is_more = claim_due(clinic)
    if not is_in_hand:  # somebody asked for it, since this worker was slow
        UnifiedMessage.objects.filter(pk=first.pk).update(fence=other.fence)
    InboxSettings.objects.update(stopped_at=timezone.now())

    assert accepted_before(clinic, partial(accepted, one, Accepted("SM1")), other) is None

    assert stand(first) == (S.SENT, "") and first.external_message_id == "SM1"
    assert stand(second) == (S.PENDING, "changed_meanwhile")


@pytest.mark.parametrize(("sent", "seconds", "portion"), [(50, 100, 50), (50, 0.5, 100), (100, 0, 150), (3, 0.1, 50)])
def test_more_is_claimed_together_where_it_goes_quickly(sent, seconds, portion):
    assert _next_portion(sent, seconds) == portion


def test_a_worker_that_died_before_handing_over_leaves_the_message_to_the_next(clinic, stranger, coordinator):
    message = plan(stranger, by=coordinator)
    past = timezone.now() - timedelta(minutes=1)
    UnifiedMessage.objects.update(status=S.SENDING, fence=message.pk, lease_until=past, handed_over_at=None)

    assert reconcile_outbox(clinic) == 1
    drain_outbox(clinic)

    assert stand(message) == (S.DELIVERED, "")


def test_a_worker_that_died_with_the_carrier_leaves_a_doubt(clinic, stranger, coordinator):
    message = plan(stranger, by=coordinator)
    past = timezone.now() - timedelta(seconds=31)
    UnifiedMessage.objects.update(status=S.SENDING, fence=message.pk, lease_until=past, handed_over_at=past)

    reconcile_outbox(clinic)
    drain_outbox(clinic)

    assert stand(message) == (S.UNKNOWN, "no_answer")  # not asked yet: its carrier may still be reading it
    assert SandboxDelivery.objects.count() == 0
