"""Messenger and Instagram by the Graph API: sent, refused, told of, echoed, and how long the access lasts."""

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest

from clinics.webhook_connections import connect_service
from conftest import SHARED, Browser
from inbox.channels.contract import NotSent, Outgoing, Unclear, adapter_for
from inbox.models import Carrier, Channel, MessageKind, UnifiedMessage
from inbox.tests.channels.conftest import work_off
from inbox.tests.factories import ChannelAccountFactory, MessageFactory
from tests.doubles.graph import PAGE_ID, TOKEN, error
from tests.doubles.serving import Double, Fault

SECRET, PERSON = "app-secret-1", "24680135"
EXAMPLES = SHARED / "webhooks" / "instagram.json"


class MessengerDouble(Double):
    """The Send API of a page, and what it says of a token."""

    ends = int((datetime.now(UTC) + timedelta(days=40)).timestamp())

    def respond(self, asked):
        if asked.headers.get("Authorization") != f"Bearer {TOKEN}":
            return 400, error(190, "Error validating access token: Session has expired.")
        if asked.path.endswith("/messages"):
            return 200, {"recipient_id": PERSON, "message_id": f"m_{len(self.asked)}"}
        if asked.path.endswith("/debug_token"):
            return 200, {"data": {"is_valid": True, "expires_at": self.ends}}
        return 200, {"id": PAGE_ID, "name": "Downtown Orthodontics"}


@pytest.fixture
def graph(settings):
    with MessengerDouble() as double:
        settings.GRAPH_API_URL = double.url
        yield double


@pytest.fixture
def page(clinic, owner, graph):
    """page(channel): the clinic's page, or its Instagram account, and the address at which Meta tells of it."""

    def connect(channel=Channel.FACEBOOK_MESSENGER):
        kind = "messenger" if channel == Channel.FACEBOOK_MESSENGER else "instagram"
        secrets = {"app_secret": SECRET, "verify_token": "verify-1"}
        told = connect_service(kind, label="Page", settings={}, secrets=secrets, by=owner)
        return ChannelAccountFactory(
            channel=channel,
            carrier=Carrier.META,
            address=PAGE_ID,
            connection=told,
            credentials={"page_token": TOKEN, "app_secret": SECRET},
        )

    return connect


def tell(account, *messaging, object="page", secret=SECRET):
    """Meta's delivery of some entries, signed over its bytes; returns the answer."""
    said = {"object": object, "entry": [{"id": PAGE_ID, "messaging": [each]} for each in messaging]}
    body = json.dumps(said, ensure_ascii=False).encode()
    signature = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    path = account.connection.get_path()
    answer = Browser().post(path, body, content_type="application/json", HTTP_X_HUB_SIGNATURE_256=signature)
    work_off(account.clinic)
    return answer


def said(mid="m_a", **message):
    stamp = int(datetime.now(UTC).timestamp() * 1000)
    return {
        "sender": {"id": PERSON},
        "recipient": {"id": PAGE_ID},
        "timestamp": stamp,
        "message": {"mid": mid} | message,
    }


def letter(**facts):
    return Outgoing(key="m1", from_address=PAGE_ID, to_address=PERSON, text="See you on Friday", **facts)


def test_an_answer_goes_and_one_after_a_day_goes_with_its_tag(page, graph):
    account = page()

    accepted = adapter_for(account).send(account, letter())
    adapter_for(account).send(account, letter(tag="HUMAN_AGENT"))

    first, later = (json.loads(asked.body) for asked in graph.asked)
    assert accepted.external_id == "m_1"
    assert (first["recipient"], first["messaging_type"]) == ({"id": PERSON}, "RESPONSE")
    assert (later["messaging_type"], later["tag"]) == ("MESSAGE_TAG", "HUMAN_AGENT")
    assert all("appsecret_proof" in asked.query and TOKEN not in str(asked.query) for asked in graph.asked)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault(400, error(10, "Outside of the window", subcode=2018278)), "window_closed"),
        (Fault(400, error(190, "Session has expired")), "credentials"),
        (Fault(400, error(613, "Too many calls")), "busy"),
    ],
)
def test_a_refusal_says_why(page, graph, fault, reason):
    graph.fail(fault)
    account = page()

    with pytest.raises(NotSent) as refused:
        adapter_for(account).send(account, letter())

    assert refused.value.code == reason


def test_an_error_of_theirs_is_unclear(page, graph):
    graph.fail(Fault(500, error(2, "Try later")))
    account = page()

    with pytest.raises(Unclear):
        adapter_for(account).send(account, letter())


def test_meta_makes_sure_of_the_address(page):
    path = page().connection.get_path()
    asked = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": "verify-1"}

    assert Browser().get(path, asked).content == b"1158201444"
    assert Browser().get(path, asked | {"hub.verify_token": "meatyhamhock"}).status_code == 403


def test_messages_come_in_once_and_signed_over_their_bytes(page):
    account = page()

    answers = [
        tell(account, said(text="¿Tienen hora el viernes? 😊"), said("m_b", text="Gracias")) for _time in range(2)
    ]
    forged = tell(account, said("m_c", text="forged"), secret="another")

    texts = list(UnifiedMessage.objects.order_by("pk").values_list("text", flat=True))
    assert ([answer.status_code for answer in answers], forged.status_code) == ([200, 200], 403)
    assert texts == ["¿Tienen hora el viernes? 😊", "Gracias"]


def test_a_story_that_mentions_the_clinic_is_one(page):
    account = page(Channel.INSTAGRAM_DM)
    story = {"type": "story_mention", "payload": {"url": "https://lookaside.fbsbx.com/story"}}

    tell(account, said(attachments=[story]), object="instagram")

    message = UnifiedMessage.objects.get()
    assert (message.kind, message.attachments.count()) == (MessageKind.STORY_MENTION, 1)


def test_an_echo_of_ours_is_ours_and_what_was_written_elsewhere_stands_here_too(page):
    account = page()
    MessageFactory(
        account=account, channel=account.channel, direction="OUTBOUND", status="SENT", address=PERSON,
        external_message_id="m_ours",
    )  # fmt: skip
    echo = {"sender": {"id": PAGE_ID}, "recipient": {"id": PERSON}}

    tell(account, echo | {"message": {"mid": "m_ours", "is_echo": True, "text": "See you"}})
    tell(account, echo | {"message": {"mid": "m_theirs", "is_echo": True, "text": "From the phone"}})

    rows = UnifiedMessage.objects.outbound().order_by("pk").values_list("external_message_id", "text", "status")
    assert [row[0] for row in rows] == ["m_ours", "m_theirs"]
    assert rows[1][1:] == ("From the phone", "SENT")


def test_what_was_read_is_said_of_each_that_went_before(page):
    account = page()
    ours = MessageFactory(
        account=account, channel=account.channel, direction="OUTBOUND", status="SENT", address=PERSON,
        external_message_id="m_ours", sent_at=datetime.now(UTC) - timedelta(hours=1),
    )  # fmt: skip
    stamp = int(datetime.now(UTC).timestamp() * 1000)

    tell(account, {"sender": {"id": PERSON}, "recipient": {"id": PAGE_ID}, "read": {"watermark": stamp}})

    ours.refresh_from_db()
    assert ours.status == "READ"


def test_the_check_notes_when_the_access_ends(page, graph):
    account = page()

    checks = adapter_for(account).check(account)

    account.refresh_from_db()
    assert [check.passed for check in checks[:2]] == [True, True]
    assert int(account.token_expires_at.timestamp()) == graph.ends


@pytest.mark.skipif(not EXAMPLES.exists(), reason="the examples are not here")
def test_odd_deliveries_of_meta_break_nothing(page):
    account = page(Channel.INSTAGRAM_DM)
    for example in json.loads(EXAMPLES.read_text()).values():
        body = json.dumps(example).encode()
        signature = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        path = account.connection.get_path()
        answer = Browser().post(path, body, content_type="application/json", HTTP_X_HUB_SIGNATURE_256=signature)
        assert answer.status_code == 200
    work_off(account.clinic)

    assert [message.text for message in UnifiedMessage.objects.all()] == ["hi"]
