"""The inbox by keys alone: a message is answered, taken back, put off, resolved; and many are acted on at once."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from clinics.models import Role
from clinics.tenancy import clinic_scope
from crm.tests.factories import LeadFactory
from inbox.models import Channel, ConversationNote, UnifiedConversation, UnifiedMessage
from inbox.tests.factories import CannedReplyFactory, ChannelAccountFactory, ConversationFactory, MessageFactory


@pytest.fixture
def talks(practice, member_of):
    """Three conversations by text message, the newest with Ana, who waits."""
    coordinator = member_of()
    with clinic_scope(practice):
        account = ChannelAccountFactory(is_default=True)
        CannedReplyFactory(shortcut="hours")
        for number, name in enumerate(("Ana", "Ben", "Cleo")):
            said_at = timezone.now() - timedelta(minutes=number + 1)
            lead = LeadFactory(first_name=name, last_name="Vega", phone=f"+1312555017{number}", assigned_to=coordinator)
            conversation = ConversationFactory(
                lead=lead, last_message_at=said_at, last_direction="INBOUND", last_channel=Channel.SMS,
                waiting_since=said_at, unread_count=1, assigned_to=coordinator,
            )  # fmt: skip
            MessageFactory(conversation=conversation, account=account, address=lead.phone_e164, happened_at=said_at)
    return coordinator


def state_of(practice, name):
    with clinic_scope(practice):
        return UnifiedConversation.objects.get(lead__first_name=name)


def test_a_message_is_answered_and_conversations_are_handled_by_keys_alone(window_of, member_of, practice, talks):
    colleague, problems = member_of(Role.FRONT_DESK, "Fred"), []
    page = window_of(talks, "/leads/")
    page.on("console", lambda said: "Content Security Policy" in said.text and problems.append(said.text))
    press, shows = page.keyboard.press, lambda words: expect(page.get_by_text(words).first).to_be_visible()

    press("g")
    press("i")
    page.get_by_role("link", name="Ana Vega").wait_for()
    press("j")
    press("Enter")
    page.locator("#composer textarea").wait_for()
    press("r")
    page.keyboard.type("/hou")
    press("Enter")
    expect(page.locator("#composer textarea")).to_have_value("Hello Ana, we are open from 8 to 6.")
    press("Control+Enter")
    shows("On its way. For ten seconds it can be taken back.")
    page.get_by_role("button", name="Undo", exact=True).press("Enter")
    shows("It was not sent. The words are in the composer again.")
    press("n")
    page.locator("#composer textarea").fill("")
    page.keyboard.type("@fre")
    press("Enter")
    page.keyboard.type("please call")
    press("Control+Enter")
    shows("Your colleagues see the note.")
    with clinic_scope(practice):
        assert UnifiedMessage.objects.outbound().get().status == "CANCELLED"
        assert ConversationNote.objects.get().mentions.get().member == colleague

    press("s")
    press("ArrowDown")
    press("Enter")
    shows("or until they write.")
    assert state_of(practice, "Ana").snoozed_until is not None
    press("s")
    shows("It is back in the inbox.")
    press("e")
    shows("Resolved. It opens again when they write.")
    press("e")
    shows("It is open again.")
    assert state_of(practice, "Ana").status == "ACTIVE"

    count = page.locator("bulk-bar [data-count]")
    page.get_by_role("link", name="Ben Vega").press("x")
    expect(count).to_have_text("1 selected")
    page.get_by_role("link", name="Ben Vega").press("ArrowDown")
    expect(page.get_by_role("link", name="Cleo Vega")).to_be_focused()
    press("x")
    expect(count).to_have_text("2 selected")
    page.evaluate("document.body.dispatchEvent(new CustomEvent('live:inbox'))")  # drawn anew, still ticked
    press("e")
    shows("Resolve · 2 conversations: 2 done.")
    expect(page.get_by_role("link", name="Cleo Vega")).to_have_count(0)
    assert {state_of(practice, name).status for name in ("Ben", "Cleo")} == {"RESOLVED"}
    expect(page.locator("bulk-bar")).to_be_hidden()
    page.get_by_role("button", name="Undo", exact=True).last.press("Enter")
    expect(page.get_by_role("link", name="Cleo Vega")).to_be_visible()
    assert {state_of(practice, name).status for name in ("Ana", "Ben", "Cleo")} == {"ACTIVE"}
    assert problems == []
