"""Mails as inbound services post them: their shapes, their proofs, and what becomes of what cannot be read."""

import hashlib
import hmac
import json
import time
from base64 import b64encode
from urllib.parse import urlencode

import pytest
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.urls import reverse

from clinics.models import WebhookLog
from crm.models import LeadSubmission

TEXT = "Name: Ana Lopez\nPhone: 312-555-0147\nEmail: ana@example.com\nMessage: On Saturdays?"
SENDGRID = {
    "from": "Site <no-reply@site.example>",
    "subject": "New contact form submission",
    "text": TEXT,
    "headers": "Received: by mx\nMessage-ID: <1@site.example>\nSubject: New contact form submission",
    "envelope": '{"to":["leads@in.example"]}',
    "attachments": "0",
}
MAILGUN = {
    "sender": "no-reply@site.example",
    "from": "Site <no-reply@site.example>",
    "subject": "New lead",
    "body-plain": TEXT,
    "Message-Id": "<2@site.example>",
    "timestamp": "1764100000",
    "token": "t" * 50,
}
POSTMARK = {
    "From": "no-reply@site.example",
    "Subject": "New lead",
    "TextBody": TEXT,
    "MessageID": "3-3-3",
    "Headers": [{"Name": "Reply-To", "Value": "ana@example.com"}],
}
WHOLE = f"From: no-reply@site.example\r\nSubject: New lead\r\nMessage-ID: <4@site.example>\r\n\r\n{TEXT}"


@pytest.fixture
def mailbox(connected):
    return connected("mail")


def encoded(fields):
    return encode_multipart(BOUNDARY, fields), MULTIPART_CONTENT


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        encoded(SENDGRID),
        (urlencode(MAILGUN), "application/x-www-form-urlencoded"),
        (json.dumps(POSTMARK), "application/json"),
        encoded({"email": WHOLE}),
    ],
    ids=["sendgrid", "mailgun", "postmark", "whole message"],
)
def test_a_mail_becomes_a_lead_in_each_services_shape(mailbox, deliver, work_off, lead_source, body, content_type):
    assert deliver(mailbox, body, content_type).status_code == 200

    [lead] = work_off()
    assert (lead.first_name, lead.phone_e164, lead.email, lead.notes, lead.source) == (
        "Ana",
        "+13125550147",
        "ana@example.com",
        "On Saturdays?",
        lead_source,
    )
    assert lead.source_detail in ("New contact form submission", "New lead")


def test_the_same_mail_twice_is_one(mailbox, deliver, work_off):
    for _turn in range(2):
        deliver(mailbox, *encoded(SENDGRID))

    assert (WebhookLog.objects.count(), len(work_off())) == (1, 1)


def test_what_cannot_be_understood_waits_with_the_whole_mail(mailbox, deliver, work_off, inquiry):
    deliver(mailbox, *encoded(SENDGRID | {"text": "Your weekly report is ready."}))

    assert work_off() == []
    kept = inquiry()
    assert (kept.status, kept.reason, kept.payload["text"]) == (
        LeadSubmission.Status.FAILED,
        LeadSubmission.Reason.UNCLEAR,
        "Your weekly report is ready.",
    )


def test_an_automatic_answer_is_set_aside(mailbox, deliver, work_off, inquiry):
    headers = SENDGRID["headers"] + "\nAuto-Submitted: auto-replied"
    deliver(mailbox, *encoded(SENDGRID | {"headers": headers}))

    assert (work_off(), inquiry().status) == ([], "IGNORED")


def test_a_mail_without_words_is_refused(mailbox, deliver):
    assert deliver(mailbox, {"From": "a@example.com"}).status_code == 400


def test_a_password_in_the_address_is_asked_for_where_one_was_set(connected, deliver):
    guarded = connected("mail", secrets={"password": "p-1"})

    def basic(password):
        return {"HTTP_AUTHORIZATION": "Basic " + b64encode(f"in:{password}".encode()).decode()}

    answers = [
        deliver(guarded, POSTMARK),
        deliver(guarded, POSTMARK, **basic("p-2")),
        deliver(guarded, POSTMARK, **basic("p-1")),
    ]

    assert [answer.status_code for answer in answers] == [401, 401, 200]


@pytest.mark.parametrize(
    ("age", "key", "status"), [(0, "s-1", 200), (0, "s-2", 403), (600, "s-1", 403), (-600, "s-1", 403)]
)
def test_mailguns_signature_is_asked_for_where_its_key_was_set(connected, deliver, age, key, status):
    guarded = connected("mail", secrets={"signing_key": "s-1"})
    moment = str(int(time.time()) - age)
    signature = hmac.new(key.encode(), f"{moment}{MAILGUN['token']}".encode(), hashlib.sha256).hexdigest()

    fields = MAILGUN | {"timestamp": moment, "signature": signature}

    assert deliver(guarded, urlencode(fields), "application/x-www-form-urlencoded").status_code == status


def test_a_pasted_mail_shows_what_would_be_understood(mailbox, owner, client_of):
    url = reverse("clinics:webhook_connection_try", args=[mailbox.pk])

    response = client_of(owner).post(url, {"text": TEXT})

    shown = {each["label"]: each["value"] for each in response.context["understood"]}
    assert (shown["First name"], shown["E-mail"]) == ("Ana", "ana@example.com")
