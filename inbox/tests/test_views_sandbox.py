"""The pretend phones: what was sent is read there, and answered as the patient would."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinics.models import WebhookLog
from inbox.conversations import conversation_with
from inbox.models import Channel, ChannelAccount, MessageAttachment, SandboxDelivery, UnifiedMessage
from inbox.outbox import drain_outbox
from inbox.planning import plan_message
from inbox.sandbox import open_sandbox
from patients.tests.factories import PatientFactory
from tests.doubles.pictures import PNG

NUMBER = "+17735550123"


@pytest.fixture
def phones(clinic, owner):
    """The pretend accounts of the clinic by channel."""
    open_sandbox(clinic, by=owner)
    return {account.channel: account for account in ChannelAccount.objects.all()}


@pytest.fixture
def committed(django_capture_on_commit_callbacks):
    """With committed(execute=True): what waits for the commit happens at its end."""
    return django_capture_on_commit_callbacks


def speak(browser, account, **said):
    return browser.post(f"/inbox/sandbox/{account.pk}/speak/", {"address": NUMBER, "text": ""} | said)


def test_every_channel_works_at_once_and_is_opened_once(phones, clinic, owner):
    assert set(phones) == set(Channel)
    assert all(account.is_default for account in phones.values())
    assert open_sandbox(clinic, by=owner) == []


def test_sandbox_speak_comes_in_by_the_door_of_the_webhooks(phones, client_of, receptionist, committed):
    patient = PatientFactory(phone=NUMBER, phone_e164=NUMBER)

    with committed(execute=True):
        answer = speak(client_of(receptionist), phones["SMS"], text="STOP")

    message = UnifiedMessage.objects.inbound().get()
    assert answer.status_code == 302
    assert (message.text, message.conversation.patient) == ("STOP", patient)
    assert WebhookLog.objects.get().status == "PROCESSED"
    spoken, confirmed = SandboxDelivery.objects.order_by("pk")
    assert (spoken.is_from_person, confirmed.is_from_person) == (True, False)  # what STOP brings is shown there too
    assert "START" in confirmed.text


def test_a_letter_quotes_what_it_answers_and_stands_in_its_conversation(phones, client_of, owner, clinic, committed):
    patient = PatientFactory(email="ana@example.com", email_norm="ana@example.com")
    conversation = conversation_with(patient)
    plan_message(
        conversation, channel="EMAIL", subject="Your visit", text="See you on Friday?", by=owner, dedupe_key="1",
        undo_seconds=0,
    )  # fmt: skip
    drain_outbox(clinic)

    with committed(execute=True):
        speak(client_of(owner), phones["EMAIL"], address="ana@example.com", text="Yes, see you", quotes="on")

    message = UnifiedMessage.objects.inbound().get()
    assert (message.text, message.subject, message.conversation) == ("Yes, see you", "Re: Your visit", conversation)
    assert "> See you on Friday?" in message.full_text


def test_a_picture_comes_along(phones, client_of, owner, committed):
    with committed(execute=True):
        speak(client_of(owner), phones["WHATSAPP"], file=SimpleUploadedFile("tooth.png", PNG, "image/png"))

    attachment = MessageAttachment.objects.get()
    assert (attachment.name, attachment.content_type, attachment.fetch_error) == ("tooth.png", "image/png", "")
    assert attachment.stored_as


def test_sandbox_speak_without_words_says_so(phones, client_of, owner):
    answer = speak(client_of(owner), phones["SMS"])

    assert answer.status_code == 422
    assert "Write something." in answer.content.decode()
    assert not WebhookLog.objects.exists()


def test_sandbox_asks_the_same_number_of_queries_for_one_and_three_phones(phones, client_of, owner):
    browser, counts = client_of(owner), []
    browser.get("/inbox/sandbox/")
    for number in range(3):
        SandboxDelivery.objects.create(
            account=phones["SMS"], external_message_id=f"SX{number}", to_address=f"+1773555010{number}",
            from_address=phones["SMS"].address, text="Hello",
        )  # fmt: skip
        with CaptureQueriesContext(connection) as asked:
            page = browser.get("/inbox/sandbox/").content.decode()
        counts.append(len(asked))

    assert counts[0] == counts[2]
    assert "+17735550100" in page


def test_sandbox_is_closed_to_who_may_not_answer(phones, client_of, viewer):
    assert client_of(viewer).get("/inbox/sandbox/").status_code == 403
