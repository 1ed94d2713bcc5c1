import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from crm.tests.factories import LeadFactory
from inbox.drafting import draft_of, save_draft
from inbox.models import (
    ApprovedTemplate,
    Channel,
    ConversationAddress,
    ConversationNote,
    Direction,
    MessageStatus,
    ReplyDraft,
    SuppressionReason,
    UnifiedMessage,
)
from inbox.tests.factories import (
    CannedReplyFactory,
    ChannelAccountFactory,
    ConversationFactory,
    SuppressionFactory,
)


@pytest.fixture
def conversation(clinic, coordinator, desk):
    lead = LeadFactory(first_name="Adaeze", assigned_to=coordinator, phone="+13125550173", email="a@example.com")
    return ConversationFactory(lead=lead, person_name="Adaeze", last_channel=Channel.SMS)


def at(name, conversation, *args):
    return reverse(f"inbox:{name}", args=[conversation.pk, *args])


def answer(**facts):
    return {"channel": "SMS", "text": "We open at eight.", "key": str(uuid4()), "when": ""} | facts


def undo_of(response):
    return json.loads(response["HX-Trigger"])["toast"][0]["undo"]


def test_an_answer_sent_off_twice_is_one_message_and_ends_the_draft(htmx_of, coordinator, conversation):
    page, sent = htmx_of(coordinator), answer()
    save_draft(conversation, by=coordinator, version=0, text="We op", channel="SMS")

    for _time in range(2):
        assert page.post(at("reply_send", conversation), sent).status_code == 200

    message = UnifiedMessage.objects.get()
    assert (message.text, message.by, message.direction) == ("We open at eight.", coordinator, Direction.OUTBOUND)
    assert not ReplyDraft.objects.exists()


def test_an_answer_is_taken_back_and_its_words_stand_in_the_composer_again(htmx_of, coordinator, conversation):
    page = htmx_of(coordinator)

    page.post(undo_of(page.post(at("reply_send", conversation), answer())))

    assert UnifiedMessage.objects.get().status == MessageStatus.CANCELLED
    assert draft_of(conversation, coordinator).text == "We open at eight."


def test_an_answer_can_go_later_and_resolve(client_of, coordinator, clinic, conversation):
    browser = client_of(coordinator)
    later = timezone.localtime(timezone=clinic.zone) + timedelta(days=2)
    chosen = answer(when="chosen", chosen_at=later.strftime("%Y-%m-%dT%H:%M"), then="resolve")

    response = browser.post(at("reply_send", conversation), chosen)

    conversation.refresh_from_db()
    assert (response.status_code, conversation.status) == (302, "RESOLVED")
    assert abs(UnifiedMessage.objects.get().not_before - later) < timedelta(minutes=1)


def test_what_is_missing_is_named_before_it_goes(htmx_of, coordinator, conversation):
    response = htmx_of(coordinator).post(at("reply_send", conversation), answer(text="See you {next_visit}!"))

    assert response.status_code == 422
    assert "next visit" in response.content.decode() and "See you {next_visit}!" in response.content.decode()
    assert not UnifiedMessage.objects.exists()


def test_a_note_goes_to_nobody_outside(htmx_of, coordinator, conversation):
    page = htmx_of(coordinator)
    response = page.post(at("reply_send", conversation), answer(channel="NOTE", text="careful with {price}"))

    assert ConversationNote.objects.get().text == "careful with {price}"
    assert not UnifiedMessage.objects.exists()
    page.post(undo_of(response))
    assert ConversationNote.objects.get().deleted_at is not None


def test_files_go_along_and_a_program_does_not(htmx_of, coordinator, conversation):
    page = htmx_of(coordinator)
    letter = SimpleUploadedFile("hours.txt", b"eight to six", "text/plain")
    page.post(at("reply_send", conversation), answer(files=letter))
    assert [file.name for file in UnifiedMessage.objects.get().attachments.all()] == ["hours.txt"]

    program = SimpleUploadedFile("hours.exe", b"MZ", "text/plain")
    assert page.post(at("reply_send", conversation), answer(files=program)).status_code == 409
    assert UnifiedMessage.objects.count() == 1


def test_a_second_tab_is_told_that_the_first_went_on(htmx_of, coordinator, conversation):
    page = htmx_of(coordinator)
    typed = {"version": 0, "channel": "SMS", "subject": "", "text": "first tab"}
    page.post(at("reply_draft", conversation), typed)

    told = page.post(at("reply_draft", conversation), typed | {"text": "second tab"}).content.decode()

    assert "another tab" in told and "first tab" in told
    assert draft_of(conversation, coordinator).text == "first tab"


def test_without_htmx_the_conversation_comes_again(client_of, coordinator, conversation):
    """What the composer asks by itself has no page of its own."""
    browser, typed = client_of(coordinator), {"version": 0, "channel": "SMS", "subject": "", "text": "kept"}

    kept = browser.post(at("reply_draft", conversation), typed)
    unreadable = browser.post(at("reply_draft", conversation), typed | {"version": "old"})
    typing = browser.get(at("reply_typing", conversation))

    assert {answer.url for answer in (kept, unreadable, typing)} == {conversation.get_absolute_url()}
    assert draft_of(conversation, coordinator).text == "kept"


def test_colleagues_see_who_is_writing(htmx_of, coordinator, receptionist, conversation):
    save_draft(conversation, by=coordinator, version=0, text="Dear")

    seen = htmx_of(receptionist).get(at("reply_typing", conversation)).content.decode()
    own = htmx_of(coordinator).get(at("reply_typing", conversation)).content.decode()

    assert coordinator.display_name in seen and coordinator.display_name not in own


def test_the_best_way_stands_first_and_what_is_stopped_last(client_of, coordinator, conversation):
    ChannelAccountFactory(channel=Channel.EMAIL, address="desk@clinic.example")
    ChannelAccountFactory(channel=Channel.WHATSAPP, address="+13125550111")
    ConversationAddress.objects.create(
        conversation=conversation, channel=Channel.WHATSAPP, address="+13125550173",
        last_inbound_at=timezone.now() - timedelta(hours=30),
    )  # fmt: skip
    browser = client_of(coordinator)

    first = browser.get(conversation.get_absolute_url()).context["ways"]
    assert [way.channel for way in first] == [Channel.SMS, Channel.EMAIL, Channel.WHATSAPP]
    assert first[-1].needs_template

    SuppressionFactory(channel=Channel.SMS, address="+13125550173", reason=SuppressionReason.STOP)
    stopped = browser.get(conversation.get_absolute_url()).context["ways"]
    assert stopped[0].channel == Channel.EMAIL and next(w for w in stopped if w.channel == Channel.SMS).against


def test_a_saved_reply_stands_filled_in_to_be_taken(client_of, coordinator, conversation):
    CannedReplyFactory(shortcut="hours", text="Hello {first_name}, see you {next_visit}.")

    canned = client_of(coordinator).get(conversation.get_absolute_url()).context["canned"]

    assert [text for _reply, text in canned] == ["Hello Adaeze, see you {next_visit}."]


def test_each_approved_template_has_places_of_its_own_which_stand_in_its_text(htmx_of, coordinator, conversation):
    ChannelAccountFactory(channel=Channel.WHATSAPP, address="+13125550111")
    visit = ApprovedTemplate.objects.create(name="visit", text="Dear {{1}}, see you {{2}}.", external_id="HX1")
    ApprovedTemplate.objects.create(name="hello", text="Hello {{1}}!", external_id="HX2")
    page = htmx_of(coordinator)

    shown = {each.row.name: each for each in page.get(conversation.get_absolute_url()).context["templates"]}
    assert [place.value for place in shown["visit"].places] == ["Adaeze", coordinator.clinic.name]
    fields = [place.name for place in shown["visit"].places]
    sent = answer(channel="WHATSAPP", text="", template=visit.pk) | dict(zip(fields, ["Ada", ""], strict=True))
    refused = page.post(at("reply_send", conversation), sent)
    again = next(each for each in refused.context["templates"] if each.row == visit)
    assert (refused.status_code, again.is_chosen, again.places[0].value) == (422, True, "Ada")

    page.post(at("reply_send", conversation), sent | {fields[1]: "on {{1}} Friday"})
    assert UnifiedMessage.objects.get().text == "Dear Ada, see you on {{1}} Friday."


@pytest.mark.parametrize("name", ["reply_send", "reply_draft"])
def test_whoever_only_reads_and_strangers_write_nothing(client_of, viewer, stranger, conversation, name):
    assert client_of(viewer).post(at(name, conversation), answer(version=0)).status_code == 403
    assert client_of(stranger).post(at(name, conversation), answer(version=0)).status_code == 404
