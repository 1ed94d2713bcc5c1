from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from clinics.models import StaffNotification
from crm.tests.factories import LeadFactory
from inbox.models import (
    ChannelAccount,
    ContactConsent,
    Direction,
    InboxSettings,
    MessageStatus,
    Suppression,
    UnifiedMessage,
)
from inbox.receiving import Incoming, receive_message
from inbox.tests.factories import MessageFactory, SuppressionFactory
from inbox.watching import watch_outbox


def doubtful(count):
    facts = {"direction": Direction.OUTBOUND, "status": MessageStatus.UNKNOWN, "reason": "person_decides"}
    old = timezone.now() - timedelta(hours=1)
    return [MessageFactory(text=f"reminder {number}", handed_over_at=old, **facts) for number in range(count)]


@pytest.mark.parametrize("count", [1, 3])
def test_sending_says_what_waits_and_what_is_in_doubt_in_the_same_number_of_queries(
    client_of, coordinator, count, django_assert_max_num_queries
):
    doubtful(count)
    browser = client_of(coordinator)
    browser.get(reverse("inbox:sending"))

    with django_assert_max_num_queries(18):
        page = browser.get(reverse("inbox:sending")).content.decode()

    assert page.count("It did not go") == count
    assert "Somebody has to decide" in page
    assert "Stop all sending" not in page  # a coordinator may not


def test_sending_stop_needs_a_reason_and_shows_on_every_page(client_of, owner):
    browser = client_of(owner)
    assert browser.post(reverse("inbox:sending_stop"), {"reason": " "}).status_code == 422

    assert browser.post(reverse("inbox:sending_stop"), {"reason": "wrong list"}).status_code == 302

    assert InboxSettings.objects.get().stopped_by == owner
    assert "All sending is stopped" in browser.get(reverse("crm:board")).content.decode()
    browser.post(reverse("inbox:sending_resume"))
    assert InboxSettings.objects.get().stopped_at is None


def test_sending_stop_is_for_clinic_admins(client_of, coordinator):
    assert client_of(coordinator).post(reverse("inbox:sending_stop"), {"reason": "x"}).status_code == 403


def test_message_decide_says_whether_it_went(client_of, coordinator):
    went, lost = doubtful(2)
    browser = client_of(coordinator)
    browser.post(reverse("inbox:message_decide", args=[went.pk]), {"went": "yes"})
    browser.post(reverse("inbox:message_decide", args=[lost.pk]), {"went": "no"})
    browser.post(reverse("inbox:message_decide", args=[lost.pk]), {"went": "yes"})  # too late: it is decided

    stood = {row.pk: (row.status, row.reason) for row in UnifiedMessage.objects.all()}
    assert stood == {went.pk: (MessageStatus.SENT, ""), lost.pk: (MessageStatus.FAILED, "judged_unsent")}


def test_suppression_list_shows_first_what_somebody_has_to_read(client_of, coordinator):
    SuppressionFactory(reason="REFUSAL", detail="leave me alone", address="+17735550111")
    SuppressionFactory(reason="BOUNCE", channel="EMAIL", address="gone@example.com")

    page = client_of(coordinator).get(reverse("inbox:suppression_list")).content.decode()

    assert page.index("leave me alone") < page.index("gone@example.com")
    found = client_of(coordinator).get(reverse("inbox:suppression_list") + "?q=0111").content.decode()
    assert ("+17735550111" in found, "gone@example.com" in found) == (True, False)


def test_suppression_lift_wants_a_reason_and_refusal_settle_a_word(client_of, coordinator):
    browser = client_of(coordinator)
    bounce, refusal = SuppressionFactory(reason="BOUNCE"), SuppressionFactory(reason="REFUSAL")

    browser.post(reverse("inbox:suppression_lift", args=[bounce.pk]), {"why": ""})
    browser.post(reverse("inbox:refusal_settle", args=[refusal.pk]), {"refuses": "yes"})
    assert set(Suppression.objects.standing().values_list("reason", flat=True)) == {"BOUNCE", "STOP"}
    assert ContactConsent.objects.standing().count() == 2

    browser.post(reverse("inbox:suppression_lift", args=[bounce.pk]), {"why": "new mailbox"})
    assert set(Suppression.objects.standing().values_list("reason", flat=True)) == {"STOP"}


def test_who_reads_a_refusal_chooses_which_addresses_are_stopped_and_one_text_confirms_it(client_of, coordinator, desk):
    lead = LeadFactory(phone_e164="+17735550101", email="ana@example.com", email_norm="ana@example.com")
    message = receive_message(desk, Incoming("SM1", lead.phone_e164, text="do not contact me in any way"))
    held = {(row.channel, row.address) for row in Suppression.objects.standing()}
    assert held == {("SMS", "+17735550101"), ("EMAIL", "ana@example.com"), ("VOICE", "+17735550101")}
    browser = client_of(coordinator)

    [row] = browser.get(reverse("inbox:suppression_list")).context["page"]
    places = ["SMS +17735550101", "EMAIL ana@example.com"]
    foreign = browser.post(reverse("inbox:refusal_settle", args=[row.pk]), {"refuses": "yes", "places": ["SMS +1999"]})
    browser.post(reverse("inbox:refusal_settle", args=[row.pk]), {"refuses": "yes", "places": places})
    browser.post(reverse("inbox:refusal_settle", args=[row.pk]), {"refuses": "yes", "places": places})

    assert foreign.status_code == 302
    stopped = {(row.channel, row.reason) for row in Suppression.objects.standing()}
    assert stopped == {("SMS", "STOP"), ("EMAIL", "STOP")}
    [answer] = UnifiedMessage.objects.outbound()
    assert (answer.conversation, answer.metadata["confirms"]) == (message.conversation, True)


def test_admins_are_told_once_of_what_is_stuck(clinic, desk, owner):
    doubtful(2)
    facts = {"direction": Direction.OUTBOUND, "status": MessageStatus.PENDING, "account": desk}
    MessageFactory(not_before=timezone.now() - timedelta(minutes=30), **facts)

    assert watch_outbox() == ["doubtful", "still"]
    assert watch_outbox() == []

    kinds = StaffNotification.objects.filter(member=owner).values_list("kind", flat=True)
    assert sorted(kinds) == ["sending_doubtful", "sending_still"]
    ChannelAccount.objects.update(blocked_reason="no access")
    assert watch_outbox() == ["barred"]
