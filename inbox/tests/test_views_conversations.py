from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from conftest import last_audit
from crm.tests.factories import LeadFactory
from inbox.models import (
    Channel,
    ConversationNote,
    Direction,
    MessageKind,
    MessageStatus,
    NoteMention,
    ReadMark,
)
from inbox.tests.factories import ConversationFactory, MessageFactory


@pytest.fixture
def lead(clinic, coordinator):
    return LeadFactory(first_name="Adaeze", last_name="Okonkwo", assigned_to=coordinator, phone="+13125550173")


@pytest.fixture
def conversation(lead):
    return ConversationFactory(lead=lead, person_name="Adaeze Okonkwo", unread_count=2, last_direction="INBOUND")


def said(conversation, text, minutes_ago=0, **facts):
    return MessageFactory(
        conversation=conversation, text=text, happened_at=timezone.now() - timedelta(minutes=minutes_ago), **facts
    )


def texts(response):
    return [entry.row.text for entry in response.context["thread"].entries]


def test_a_thread_merges_channels_and_notes_in_the_order_of_time(client_of, coordinator, conversation):
    said(conversation, "How much is it?", 50)
    said(conversation, "Here is the estimate.", 40, channel=Channel.EMAIL, direction=Direction.OUTBOUND, status="SENT")
    note = ConversationNote.objects.create(conversation=conversation, author=coordinator, text="ask Dr. Nwosu")
    ConversationNote.objects.filter(pk=note.pk).update(created_at=timezone.now() - timedelta(minutes=30))
    said(conversation, "", 20, channel=Channel.VOICE, kind=MessageKind.CALL)

    response = client_of(coordinator).get(conversation.get_absolute_url())

    assert texts(response) == ["How much is it?", "Here is the estimate.", "ask Dr. Nwosu", ""]
    assert "Missed call" in response.content.decode()


def test_earlier_messages_come_by_key_and_in_order(htmx_of, coordinator, conversation):
    for number in range(45):
        said(conversation, str(number), 100 - number)
    page = htmx_of(coordinator)

    newest = page.get(conversation.get_absolute_url())
    older = page.get(conversation.get_absolute_url(), {"part": "older", "before": newest.context["thread"].older})
    again = page.get(conversation.get_absolute_url(), {"part": "thread", "since": older.context["thread"].oldest})

    assert texts(newest) == [str(number) for number in range(5, 45)]
    assert texts(older) == [str(number) for number in range(5)] and older.context["thread"].older == ""
    assert texts(again) == [str(number) for number in range(45)]


def test_opening_it_reads_it_for_the_member_and_for_the_clinic(client_of, coordinator, conversation, lead):
    said(conversation, "hello", 5)
    type(lead).objects.filter(pk=lead.pk).update(unread_count=2)

    client_of(coordinator).get(conversation.get_absolute_url())

    conversation.refresh_from_db()
    lead.refresh_from_db()
    assert (conversation.unread_count, lead.unread_count) == (0, 0)
    assert ReadMark.objects.get(conversation=conversation).member == coordinator
    assert last_audit(conversation).action == "inbox.unifiedconversation.viewed"


def test_whoever_may_only_look_leaves_it_unread(client_of, viewer, conversation):
    client_of(viewer).get(conversation.get_absolute_url())

    conversation.refresh_from_db()
    assert conversation.unread_count == 2


def test_the_new_begin_where_the_member_left_off(client_of, coordinator, conversation):
    ReadMark.objects.create(
        conversation=conversation, member=coordinator, read_until=timezone.now() - timedelta(minutes=10)
    )
    said(conversation, "known", 20)
    said(conversation, "news", 5)
    said(conversation, "more news", 4)

    thread = client_of(coordinator).get(conversation.get_absolute_url()).context["thread"]

    assert [entry.row.text for entry in thread.entries if entry.is_new] == ["news"]


def test_one_message_and_three_cost_the_same(client_of, coordinator, conversation):
    browser = client_of(coordinator)
    said(conversation, "one")
    browser.get(conversation.get_absolute_url())
    with CaptureQueriesContext(connection) as one:
        browser.get(conversation.get_absolute_url())
    for _number in range(2):
        said(conversation, "more", direction=Direction.OUTBOUND, status=MessageStatus.FAILED, by=coordinator)

    with CaptureQueriesContext(connection) as three:
        browser.get(conversation.get_absolute_url())

    assert len(one) == len(three)
    with CaptureQueriesContext(connection) as click:
        browser.get(conversation.get_absolute_url(), headers={"HX-Request": "true"})
    assert len(click) <= 24


def test_a_note_sets_off_who_is_named_and_runs_nothing(client_of, coordinator, conversation):
    text = f"<script>@{coordinator.display_name}"
    note = ConversationNote.objects.create(conversation=conversation, author=coordinator, text=text)
    NoteMention.objects.create(note=note, member=coordinator)

    shown = client_of(coordinator).get(conversation.get_absolute_url()).content.decode()

    assert f'&lt;script&gt;<span class="mention">@{coordinator.display_name}</span>' in shown


def test_the_original_of_a_mail_loads_and_runs_nothing(htmx_of, coordinator, conversation):
    html = (
        '<p onclick="x()">Hi<img src="https://spy.example/1.gif"><script>x()</script><a href="javascript:x()">a</a></p>'
    )
    mail = said(conversation, "Hi", channel=Channel.EMAIL, html=html)

    address = reverse("inbox:message_original", args=[conversation.pk, mail.pk])
    shown = htmx_of(coordinator).get(address).content.decode()

    assert "<p>Hi<a" in shown
    assert not any(bad in shown for bad in ("spy.example", "script", "onclick", "<html"))


def test_the_conversation_of_another_clinic_is_unknown(client_of, stranger, conversation):
    assert client_of(stranger).get(conversation.get_absolute_url()).status_code == 404


def test_a_merged_conversation_leads_to_the_one_that_is_left(client_of, coordinator, conversation):
    merged = ConversationFactory(merged_into=conversation)

    response = client_of(coordinator).get(merged.get_absolute_url())

    assert (response.status_code, response["Location"]) == (302, conversation.get_absolute_url())


def test_who_an_unknown_number_may_be_is_suggested(client_of, coordinator, lead):
    unknown = ConversationFactory(unknown_address="+13125550173")

    panel = client_of(coordinator).get(unknown.get_absolute_url()).context["panel"]

    assert panel.suggested == [lead]
