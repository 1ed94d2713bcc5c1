"""E-mail: letters out by a real mail server and a real service's API, letters in by services and by IMAP."""

import base64
import hashlib
import hmac
import json
import time
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from anymail.inbound import AnymailInboundMessage
from django.utils import timezone

from clinics.models import WebhookLog
from conftest import Browser
from inbox.channels.contract import NotSent, Outgoing, Unclear, adapter_for
from inbox.channels.email.reading import mail_of
from inbox.channels.email.webhook import Mailbox, letter_event
from inbox.models import DeliveryReport, MessageAttachment, Suppression, UnifiedMessage
from inbox.tests.channels.conftest import DESK, work_off, written
from inbox.tests.factories import ConversationFactory, MessageFactory
from tests.doubles.mail import BROKEN, CUT_OFF, FORBIDDEN, MailServiceDouble, SmtpDouble


def letter(**facts):
    said = {"text": "See you on Friday", "subject": "Your visit", "from_name": "Front desk"} | facts
    return Outgoing(key="m1", from_address=DESK, to_address="ana@example.com", **said)


def take(account, message):
    """A letter of theirs taken in as an event."""
    event = letter_event(mail_of(message))
    row = WebhookLog.objects.create(
        connection=account.connection, source="EMAIL", event_type="letter", external_id=event.id, payload=event.payload
    )
    return Mailbox().take_in(account.clinic, row, None).about


def test_a_letter_by_smtp_can_be_threaded_and_left_with_one_click(mailbox):
    with SmtpDouble() as server:
        account = mailbox(smtp_host="127.0.0.1", smtp_port=server.port, smtp_safety="none")
        sent = letter(
            html="<p>See you</p>",
            in_reply_to="a1@example.com",
            references=("a0@example.com",),
            unsubscribe_url="https://desk.example/p/1/",
        )

        accepted = adapter_for(account).send(account, sent)

    [there] = server.letters
    assert accepted.external_id == "m1@clinic.example"
    assert there["Message-ID"] == "<m1@clinic.example>"
    assert (there["In-Reply-To"], there["References"]) == ("<a1@example.com>", "<a0@example.com> <a1@example.com>")
    assert there["List-Unsubscribe"] == "<https://desk.example/p/1/>"
    assert there["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert there["From"] == "Front desk <desk@clinic.example>"
    assert [part.get_content_type() for part in there.walk()][1:] == ["text/plain", "text/html"]


def test_a_mail_server_says_no_to_the_address_or_breaks_off(mailbox):
    with SmtpDouble(refused={"ana@example.com": (550, "No such user")}) as server:
        account = mailbox(smtp_host="127.0.0.1", smtp_port=server.port, smtp_safety="none")
        with pytest.raises(NotSent) as refused:
            adapter_for(account).send(account, letter())
        server.refused, server.breaks_off = {}, True
        with pytest.raises(Unclear):
            adapter_for(account).send(account, letter())

    assert (refused.value.code, refused.value.is_passing) == ("invalid_address", False)


def test_a_letter_by_a_service_carries_the_key_of_the_message(mailbox):
    with MailServiceDouble() as service:
        account = mailbox(provider="postmark", api_url=f"{service.url}/", credentials={"api_key": "token-1"})

        adapter_for(account).send(account, letter())

    said = json.loads(service.asked[0].body)
    assert said["Metadata"] == {"recare": "m1"}
    assert {each["Name"]: each["Value"] for each in said["Headers"]}["Message-ID"] == "<m1@clinic.example>"
    assert service.asked[0].headers["X-Postmark-Server-Token"] == "token-1"


@pytest.mark.parametrize(("fault", "error"), [(FORBIDDEN, NotSent), (BROKEN, Unclear), (CUT_OFF, Unclear)])
def test_what_a_service_answers_is_no_or_nobody_knows(mailbox, fault, error):
    with MailServiceDouble() as service:
        service.fail(fault)
        account = mailbox(provider="postmark", api_url=f"{service.url}/", credentials={"api_key": "token-1"})
        with pytest.raises(error):
            adapter_for(account).send(account, letter())


def test_an_answer_is_trimmed_and_stands_where_the_letter_does_that_it_answers(mailbox):
    account = mailbox()
    ours = MessageFactory(
        conversation=ConversationFactory(), account=account, channel="EMAIL", direction="OUTBOUND", status="SENT",
        external_message_id="m1@clinic.example",
    )  # fmt: skip
    quoting = "Friday is fine\n\nOn Tue, Nov 24, 2026 Front desk <desk@clinic.example> wrote:\n> See you on Friday\n"

    message = take(account, written(quoting, sender="Ben <ben@example.com>", In_Reply_To="<m1@clinic.example>"))

    assert message.conversation == ours.conversation
    assert message.text == "Friday is fine"
    assert "> See you on Friday" in message.full_text
    assert (message.address, message.subject) == ("ben@example.com", "Re: Your visit")


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"X_Autoreply": "yes"},
        {"Precedence": "auto_reply"},
        {"subject": "Out of office: Your visit"},
        {"subject": "Respuesta automática: su visita"},
    ],
)
def test_what_a_machine_wrote_is_known_for_that(mailbox, headers):
    assert take(mailbox(), written("I am away", **headers)).is_automatic


def test_what_a_person_wrote_is_none_of_a_machine(mailbox):
    assert not take(mailbox(), written("Friday is fine", Auto_Submitted="no")).is_automatic


BOUNCE = b"""From: MAILER-DAEMON@mx.example
To: desk@clinic.example
Subject: Undelivered Mail
Message-ID: <b1@mx.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="xx"

--xx
Content-Type: text/plain

It could not be delivered.
--xx
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; Ana@example.com
Action: failed
Status: %s

--xx
Content-Type: message/rfc822

Message-ID: <m1@clinic.example>
Subject: Your visit

See you
--xx--
"""


@pytest.mark.parametrize(("status", "is_stopped"), [(b"5.1.1", True), (b"5.2.2", False)])
def test_a_letter_that_came_back_is_told_and_a_dead_address_is_stopped(mailbox, status, is_stopped):
    account = mailbox()
    ours = MessageFactory(
        account=account, channel="EMAIL", direction="OUTBOUND", status="SENT", address="ana@example.com",
        external_message_id="m1@clinic.example", happened_at=timezone.now() - timedelta(hours=1),
    )  # fmt: skip

    assert take(account, AnymailInboundMessage.parse_raw_mime_bytes(BOUNCE % status)) is None

    report = DeliveryReport.objects.get()
    assert (report.message, report.status) == (ours, "FAILED")
    assert Suppression.objects.filter(address="ana@example.com", reason="BOUNCE").exists() == is_stopped
    assert UnifiedMessage.objects.inbound().count() == 0


def post(account, body, content_type="application/json", *, password="sesame", **headers):
    basic = base64.b64encode(f"recare:{password}".encode()).decode()
    path = account.connection.get_path()
    return Browser().post(path, body, content_type=content_type, HTTP_AUTHORIZATION=f"Basic {basic}", **headers)


def test_postmark_posts_a_letter_with_a_file(mailbox, clinic):
    account = mailbox(provider="postmark")
    said = {
        "FromFull": {"Email": "ana@example.com", "Name": "Ana Lopez"}, "ToFull": [{"Email": DESK, "Name": ""}],
        "Subject": "A form", "TextBody": "Here it is", "MessageID": "p1", "OriginalRecipient": DESK,
        "Headers": [{"Name": "Message-ID", "Value": "<a1@example.com>"}],
        "Attachments": [{"Name": "form.txt", "ContentType": "text/plain", "Content": "SGVsbG8="}],
    }  # fmt: skip

    answers = [post(account, json.dumps(said)).status_code for _time in range(2)]
    refused = post(account, json.dumps(said), password="wrong").status_code
    work_off(clinic)

    message, attachment = UnifiedMessage.objects.get(), MessageAttachment.objects.get()
    assert (answers, refused) == ([200, 200], 403)
    assert (message.external_message_id, message.text) == ("a1@example.com", "Here it is")
    assert (attachment.name, attachment.content_type) == ("form.txt", "text/plain")


def test_mailgun_is_known_by_its_signature_and_not_for_long(mailbox, clinic):
    account = mailbox(provider="mailgun", secrets={"signing_key": "key-1"})

    def signed(stamp, key="key-1"):
        signature = hmac.new(key.encode(), f"{stamp}token".encode(), hashlib.sha256).hexdigest()
        said = {"timestamp": stamp, "token": "token", "signature": signature, "sender": "ana@example.com"}
        said |= {"from": "Ana <ana@example.com>", "recipient": DESK, "subject": "Hello", "body-plain": "Hello there"}
        said |= {"message-headers": json.dumps([["Message-Id", "<a1@example.com>"], ["From", "Ana <ana@example.com>"]])}
        return urlencode(said)

    kind, now = "application/x-www-form-urlencoded", int(time.time())
    answers = [
        post(account, signed(now), kind).status_code,
        post(account, signed(now, key="other"), kind).status_code,
        post(account, signed(now - 900), kind).status_code,
    ]
    work_off(clinic)

    assert answers == [200, 403, 403]
    assert UnifiedMessage.objects.get().text == "Hello there"


def test_a_service_tells_that_a_letter_bounced(mailbox, clinic):
    account = mailbox(provider="postmark")
    ours = MessageFactory(
        account=account, channel="EMAIL", direction="OUTBOUND", status="SENT", address="ana@example.com",
        external_message_id="m1@clinic.example",
    )  # fmt: skip
    said = {"RecordType": "Bounce", "Type": "HardBounce", "ID": 7, "MessageID": "p1", "Email": "ana@example.com"}
    said |= {"Metadata": {"recare": str(ours.pk)}, "Description": "No such user", "BouncedAt": "2026-11-24T10:00:00Z"}

    post(account, json.dumps(said))
    work_off(clinic)

    ours.refresh_from_db()
    assert (ours.status, ours.reason) == ("FAILED", "bounced")
