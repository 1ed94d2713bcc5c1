"""Channel accounts on their pages: connected, tested, taken first, paused; and stopped before they do harm."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clinics.models import AuditLog, StaffNotification, WebhookSecret
from inbox.account_health import look_at_accounts
from inbox.account_testing import last_test
from inbox.models import Carrier, Channel, ChannelAccount
from inbox.sandbox import open_sandbox
from inbox.tests.factories import ChannelAccountFactory, MessageFactory

TYPED = {
    "label": "Front desk",
    "address": "(312) 555-0100",
    "account_sid": "AC" + "0" * 32,
    "auth_token": "token-1",
    "messaging_service": "",
    "location": "",
}


def test_account_create_seals_the_keys_and_shows_the_address(client_of, owner, clinic):
    open_sandbox(clinic, by=owner)
    browser = client_of(owner)

    answer = browser.post("/inbox/accounts/new/sms/", TYPED)

    account = ChannelAccount.objects.get(carrier=Carrier.TWILIO)
    page = browser.get(answer.url).content.decode()
    assert (account.address, account.credentials["auth_token"]) == ("+13125550100", "token-1")
    assert account.is_default and not ChannelAccount.objects.get(channel="SMS", carrier="SANDBOX").is_default
    assert account.connection.get_path() in page and "token-1" not in page
    assert WebhookSecret.objects.get(connection=account.connection).value == "token-1"
    assert "token-1" not in str(list(AuditLog.objects.values_list("after", "metadata")))


@pytest.mark.parametrize(("field", "typed"), [("address", "nobody@example.com"), ("account_sid", "SK1"), ("label", "")])
def test_account_create_says_what_cannot_be(client_of, owner, field, typed):
    answer = client_of(owner).post("/inbox/accounts/new/sms/", TYPED | {field: typed})

    assert answer.status_code == 422
    assert not ChannelAccount.objects.exists()


def test_account_edit_keeps_the_keys_that_are_not_typed_in(client_of, owner):
    browser = client_of(owner)
    browser.post("/inbox/accounts/new/sms/", TYPED)
    account = ChannelAccount.objects.get()

    browser.post(f"/inbox/accounts/{account.pk}/edit/", TYPED | {"label": "Desk", "auth_token": ""})
    account.refresh_from_db()
    kept = (account.label, account.credentials["auth_token"])
    browser.post(f"/inbox/accounts/{account.pk}/edit/", TYPED | {"auth_token": "token-2"})

    secrets = WebhookSecret.objects.active().filter(connection=account.connection)
    assert kept == ("Desk", "token-1")
    assert {secret.value for secret in secrets} == {"token-1", "token-2"}  # the old one is good for another week


def test_an_account_of_mail_needs_a_way_for_its_letters(client_of, owner):
    typed = {"label": "Desk", "address": "desk@clinic.example", "provider": "smtp", "smtp_port": 587, "imap_port": 993}

    answer = client_of(owner).post("/inbox/accounts/new/email/", typed)

    assert answer.status_code == 422
    assert "Say by which mail server letters go." in answer.content.decode()


def test_account_test_says_what_was_found(client_of, owner, clinic, django_capture_on_commit_callbacks):
    account = ChannelAccountFactory()
    browser = client_of(owner)

    with django_capture_on_commit_callbacks(execute=True):
        browser.post(f"/inbox/accounts/{account.pk}/test/")

    assert last_test(account).result["failed"] == 0
    assert "nothing leaves the house" in browser.get(account.get_absolute_url()).content.decode()


def test_the_one_taken_first_is_not_paused_before_another_is(client_of, owner):
    first = ChannelAccountFactory(is_default=True)
    second = ChannelAccountFactory()
    browser = client_of(owner)

    browser.post(f"/inbox/accounts/{first.pk}/pause/")
    first.refresh_from_db()
    assert first.is_active

    browser.post(f"/inbox/accounts/{second.pk}/default/")
    browser.post(f"/inbox/accounts/{first.pk}/pause/")
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.is_active, first.is_default, second.is_default) == (False, False, True)

    browser.post(f"/inbox/accounts/{first.pk}/resume/")
    first.refresh_from_db()
    assert first.may_send


def sent(account, status, count):
    conversation = MessageFactory().conversation
    for _each in range(count):
        MessageFactory(conversation=conversation, account=account, direction="OUTBOUND", status=status)


def test_an_account_whose_messages_mostly_fail_is_stopped_and_told_of_once(client_of, owner):
    bad, good = ChannelAccountFactory(label="Bad"), ChannelAccountFactory(label="Good")
    sent(bad, "FAILED", 6)
    sent(bad, "DELIVERED", 4)
    sent(good, "DELIVERED", 9)
    sent(good, "FAILED", 1)

    look_at_accounts()
    look_at_accounts()

    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.may_send, good.may_send) == (False, True)
    assert bad.blocked_reason.startswith("60 %")
    assert StaffNotification.objects.filter(kind="account").count() == 1
    assert "Nothing is sent by this account" in client_of(owner).get(bad.get_absolute_url()).content.decode()


def test_an_account_that_is_let_go_on_is_not_stopped_for_the_same_again(client_of, owner):
    bad = ChannelAccountFactory()
    sent(bad, "FAILED", 10)
    look_at_accounts()

    client_of(owner).post(f"/inbox/accounts/{bad.pk}/resume/")
    look_at_accounts()

    bad.refresh_from_db()
    assert bad.may_send


def test_an_access_that_has_ended_stops_the_account_and_one_that_ends_soon_is_told_of(owner):
    ended = ChannelAccountFactory(channel=Channel.INSTAGRAM_DM, token_expires_at=timezone.now() - timedelta(hours=1))
    soon = ChannelAccountFactory(token_expires_at=timezone.now() + timedelta(days=3))

    look_at_accounts()

    ended.refresh_from_db()
    soon.refresh_from_db()
    assert (ended.may_send, soon.may_send) == (False, True)
    assert StaffNotification.objects.filter(kind="account").count() == 2


def test_account_list_asks_the_same_number_of_queries_for_one_and_three_accounts(client_of, owner):
    browser, counts = client_of(owner), []
    browser.get("/inbox/accounts/")
    for _each in range(3):
        ChannelAccountFactory()
        with CaptureQueriesContext(connection) as asked:
            browser.get("/inbox/accounts/")
        counts.append(len(asked))

    assert counts[0] == counts[2]


def test_accounts_are_for_clinic_admins(client_of, coordinator):
    assert client_of(coordinator).get("/inbox/accounts/").status_code == 403
