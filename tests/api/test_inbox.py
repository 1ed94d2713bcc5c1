"""Conversations by the API: listed, read, answered."""

import pytest

from crm.tests.factories import LeadFactory
from inbox.models import Channel, UnifiedMessage
from inbox.tests.factories import ChannelAccountFactory, ConversationFactory, MessageFactory


@pytest.fixture
def desk(program_of, receptionist):
    return program_of(receptionist)


@pytest.fixture
def conversation(clinic):
    ChannelAccountFactory(channel=Channel.SMS, is_default=True)
    lead = LeadFactory(phone="+13125550173")
    row = ConversationFactory(lead=lead, person_name="Adaeze", channels=["SMS"], unread_count=1)
    MessageFactory(conversation=row, text="Do you take Delta?", address="+13125550173")
    return row


def test_conversations_are_listed_and_narrowed(desk, conversation):
    ConversationFactory()

    assert desk.send("GET", "/api/conversations").json()["total"] == 2
    for query in (f"lead={conversation.lead_id}", "channel=SMS", "unread=true", "text=delta"):
        items = desk.send("GET", f"/api/conversations?{query}").json()["items"]
        assert [item["name"] for item in items] == ["Adaeze"], query


def test_what_was_said_is_read_and_answered_once_a_key(desk, conversation):
    address = f"/api/conversations/{conversation.pk}/messages"
    answer = {"channel": "SMS", "text": "We do!"}

    ids = {desk.send("POST", address, answer, idempotency_key="k").json()["id"] for _time in range(2)}

    assert len(ids) == 1 and UnifiedMessage.objects.outbound().count() == 1
    assert [each["text"] for each in desk.send("GET", address).json()["items"]] == ["We do!", "Do you take Delta?"]
    assert desk.send("GET", f"/api/conversations/{conversation.pk}").json()["waiting_since"] is None


def test_a_channel_that_leads_nowhere_is_named(desk, conversation):
    answer = desk.send("POST", f"/api/conversations/{conversation.pk}/messages", {"channel": "EMAIL", "text": "Hi"})

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "channel")


def test_who_may_only_look_sends_nothing(program_of, viewer, conversation):
    answer = {"channel": "SMS", "text": "Hi"}

    assert program_of(viewer).send("POST", f"/api/conversations/{conversation.pk}/messages", answer).status_code == 403
