"""Carriers fetch the files of our messages by an address that is signed, soon ends, and opens nothing else."""

import hashlib
from datetime import timedelta

import pytest
import time_machine
from django.core import signing
from django.utils import timezone

from clinics.documents.reading import keep_file
from conftest import Browser
from inbox.channels.contract import adapter_for
from inbox.composing import compose
from inbox.lending import LENT_FOR, SALT, media_url
from inbox.models import Direction, MessageAttachment, MessageStatus
from inbox.tests.channels.conftest import desk_number, twilio, twilio_account  # noqa: F401
from inbox.tests.factories import MessageFactory

PLAN = b"%PDF-1.4 the plan"


@pytest.fixture
def message(clinic):
    return MessageFactory(direction=Direction.OUTBOUND, status=MessageStatus.PLANNED, attachment_count=1)


@pytest.fixture
def file(message, clinic):
    digest = hashlib.sha256(PLAN).hexdigest()
    facts = {"content_type": "application/pdf", "size_bytes": len(PLAN), "digest": digest}
    return MessageAttachment.objects.create(
        message=message, name="plan.pdf", stored_as=keep_file(clinic.pk, PLAN), **facts
    )


def fetch(url):
    return Browser().get("/p/file/" + url.partition("/p/file/")[2])


def test_a_carrier_fetches_the_very_bytes_that_were_attached(desk_number, twilio, message, file, clinic):  # noqa: F811
    adapter_for(desk_number).send(desk_number, compose(message, desk_number, clinic))

    assert twilio.fetch_media(Browser()) == [("application/pdf", PLAN)]


def test_an_address_ends_and_no_other_opens_anything(file, message):
    url = media_url(file)
    answer = fetch(url)
    assert (answer.content, answer["X-Frame-Options"]) == (PLAN, "DENY")
    assert "attachment" in answer["Content-Disposition"] and "sandbox" in answer["Content-Security-Policy"]

    token = url.split("/")[-2]
    unsigned, foreign = token.partition(".")[0] + "." + "x" * 43, signing.Signer(salt=SALT, sep=".").sign("AAAA")
    others = [fetch(f"https://desk.example/p/file/{each}/") for each in (unsigned, token[2:], foreign, "x")]
    with time_machine.travel(timezone.now() + LENT_FOR + timedelta(days=1)):
        others.append(fetch(url))
    message.direction, message.status = Direction.INBOUND, MessageStatus.RECEIVED
    message.save()
    others.append(fetch(url))
    MessageAttachment.objects.update(deleted_at=timezone.now())
    others.append(fetch(url))

    assert {answer.status_code for answer in others} == {404}


def test_a_clinic_that_is_closed_lends_nothing(file, clinic):
    url = media_url(file)
    type(clinic).objects.filter(pk=clinic.pk).update(is_active=False)

    assert fetch(url).status_code == 404
