"""Accounts at the doubles of carriers, and what these carriers tell worked off."""

from email.message import EmailMessage

import pytest
from anymail.inbound import AnymailInboundMessage

from clinics.models import WebhookLog
from clinics.webhook_connections import connect_service
from clinics.webhook_processing import process_webhooks
from conftest import Browser
from inbox.models import Carrier, Channel
from inbox.tests.factories import ChannelAccountFactory
from tests.doubles.twilio_messages import ACCOUNT, AUTH_TOKEN, TwilioDouble, signed_post

DESK = "desk@clinic.example"
KEYS = {"account_sid": ACCOUNT, "auth_token": AUTH_TOKEN}


@pytest.fixture
def twilio(settings):
    """Twilio on this machine."""
    settings.BASE_URL = "https://desk.example"
    with TwilioDouble() as double:
        settings.TWILIO_API_URL = double.url
        yield double


@pytest.fixture
def twilio_account(clinic, owner, twilio):
    """twilio_account(channel): an account of the clinic there, and the address at which it is told."""

    def connect(channel, address="+13125550100"):
        kind = {Channel.SMS: "sms", Channel.WHATSAPP: "whatsapp"}[channel]
        told = connect_service(kind, label="Desk", settings={}, secrets={"auth_token": AUTH_TOKEN}, by=owner)
        return ChannelAccountFactory(
            channel=channel, carrier=Carrier.TWILIO, address=address, credentials=dict(KEYS), connection=told
        )

    return connect


@pytest.fixture
def desk_number(twilio_account):
    return twilio_account(Channel.SMS)


@pytest.fixture
def told(clinic):
    """told(account, fields): a signed request of Twilio to the account's address, worked off; returns the answer."""

    def post(account, fields, **signing):
        answer = signed_post(Browser(), account.connection.get_path(), fields, **signing)
        work_off(clinic)
        return answer

    return post


def work_off(clinic):
    process_webhooks(clinic, list(WebhookLog.objects.order_by("pk").values_list("pk", flat=True)))


@pytest.fixture
def mailbox(clinic, owner):
    """mailbox(**settings): the clinic's mailbox, and the address at which it is told."""

    def connect(*, secrets=None, credentials=None, **settings):
        told = connect_service(
            "mailbox",
            label="Desk",
            settings={"provider": settings.get("provider", "smtp")},
            secrets={"password": "sesame"} | (secrets or {}),
            by=owner,
        )
        return ChannelAccountFactory(
            channel=Channel.EMAIL,
            carrier=Carrier.MAIL,
            address=DESK,
            connection=told,
            settings=settings,
            credentials=credentials or {},
        )

    return connect


def written(text="Friday is fine", sender="Ana Lopez <ana@example.com>", id="<a1@example.com>", **headers):
    """A letter of theirs, parsed."""
    message = EmailMessage()
    message["From"], message["To"], message["Message-ID"] = sender, DESK, id
    message["Subject"] = headers.pop("subject", "Re: Your visit")
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return AnymailInboundMessage.parse_raw_mime_bytes(message.as_bytes())
