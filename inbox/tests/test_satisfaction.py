from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from clinics.models import StaffNotification
from crm.tests.factories import LeadFactory
from inbox.handling import reopen_conversation, resolve_conversation, undo_act
from inbox.models import (
    Channel,
    ConversationStatus,
    InboxSettings,
    MessageStatus,
    SatisfactionQuestion,
    UnifiedConversation,
    UnifiedMessage,
)
from inbox.planning import cancel_message
from inbox.receiving import Incoming, receive_message
from inbox.rules import AnswerIsFinal, StarsMissing
from inbox.satisfaction import answer_question, ask_satisfaction, stars_in, withdraw_question
from inbox.satisfaction_figures import read_satisfaction
from inbox.tests.factories import ConversationFactory, MessageFactory
from inbox.thread import read_thread


@pytest.fixture
def rules(clinic):
    return InboxSettings.objects.create(asks_satisfaction=True)


@pytest.fixture
def talk(desk, rules, coordinator):
    """A lead wrote a text message and was answered; the coordinator has it."""
    lead = LeadFactory(phone_e164="+13125550173", assigned_to=coordinator)
    answered = timezone.now() - timedelta(hours=1)
    conversation = ConversationFactory(lead=lead, assigned_to=coordinator, first_answered_at=answered)
    MessageFactory(conversation=conversation, address="+13125550173", account=desk)
    return conversation


def ask(conversation, by):
    """Resolve a conversation, and let the event do what it does."""
    return ask_satisfaction(resolve_conversation(conversation, by=by))


@pytest.fixture
def question(talk, coordinator):
    return ask(talk, coordinator)


def page_of(question):
    return reverse("inbox:public_satisfaction", args=[question.token])


def test_ask_satisfaction_plans_one_question_on_the_channel_of_their_words(talk, coordinator):
    event = resolve_conversation(talk, by=coordinator)
    question = ask_satisfaction(event)

    assert ask_satisfaction(event) == question
    message = UnifiedMessage.objects.outbound().get()
    assert (message.channel, message.purpose, message.is_automatic) == (Channel.SMS, "CARE", True)
    assert f"/s/{question.token}/" in message.text and question.member == coordinator
    assert message.not_before > timezone.now() + timedelta(minutes=4)


def test_ask_satisfaction_asks_nobody_again_too_soon_nor_where_the_clinic_or_the_talk_gives_no_reason(
    talk, rules, coordinator
):
    assert ask(ConversationFactory(), coordinator) is None  # nobody has answered there

    first = ask(talk, coordinator)
    reopen_conversation(talk, by=coordinator)
    assert ask(talk, coordinator) is None
    type(talk).objects.update(satisfaction_asked_at=timezone.now() - timedelta(days=31))
    reopen_conversation(talk, by=coordinator)
    assert ask(talk, coordinator) not in (None, first)

    rules.asks_satisfaction = False
    rules.save()
    type(talk).objects.update(satisfaction_asked_at=None)
    reopen_conversation(talk, by=coordinator)
    assert ask(talk, coordinator) is None


def test_withdraw_question_takes_back_what_has_not_gone_and_lets_them_be_asked_as_if_they_had_not_been(
    talk, coordinator, desk
):
    event = resolve_conversation(talk, by=coordinator)
    question = ask_satisfaction(event)
    talk.refresh_from_db()
    assert withdraw_question(talk) is None  # it does not go on
    undo_act(talk, event, by=coordinator)
    withdraw_question(talk)

    talk.refresh_from_db()
    question.refresh_from_db()
    assert (question.message.status, talk.satisfaction_asked_at) == ("CANCELLED", None)
    with pytest.raises(AnswerIsFinal):
        answer_question(question, 5)
    again = ask(talk, coordinator)
    receive_message(desk, Incoming(external_id="SM2", address="+13125550173", text="One more thing"))
    talk.refresh_from_db()
    assert withdraw_question(talk) == again


def test_withdraw_question_leaves_one_that_went(talk, question):
    UnifiedMessage.objects.outbound().update(status="SENT")

    assert withdraw_question(type(talk).objects.get(pk=talk.pk)) is None


def test_answer_question_shows_in_the_conversation_and_a_low_one_opens_it_again(talk, question, coordinator):
    answer_question(question, 2, "Nobody called back.")
    talk.refresh_from_db()

    assert (talk.satisfaction, talk.status) == (2, ConversationStatus.ACTIVE)
    assert StaffNotification.objects.get(member=coordinator).text.endswith("is not content: 2 of 5 stars.")
    assert [entry.row.comment for entry in read_thread(talk).entries if entry.is_rating] == ["Nobody called back."]

    resolve_conversation(talk, by=coordinator)
    answer_question(question, 1)  # still low: told once
    assert StaffNotification.objects.filter(member=coordinator).count() == 1
    talk.refresh_from_db()
    assert (talk.satisfaction, talk.status) == (1, ConversationStatus.RESOLVED)


def test_answer_question_takes_one_to_five_and_for_a_week(question):
    with pytest.raises(StarsMissing):
        answer_question(question, 6)
    answer_question(question, 5)
    SatisfactionQuestion.objects.update(answered_at=timezone.now() - timedelta(days=8))
    with pytest.raises(AnswerIsFinal):
        answer_question(question, 1)


def test_public_satisfaction_changes_nothing_by_looking_and_keeps_what_was_sent(client, question):
    address = page_of(question)
    assert "How well did we help you?" in client.get(address).content.decode()
    assert "¿" in client.get(f"{address}?lang=es").content.decode()

    assert client.post(address, {"comment": "no stars"}).status_code == 422
    answer = client.post(address, {"stars": "4", "comment": "Kind people"})
    question.refresh_from_db()
    assert (answer.status_code, question.stars, question.comment) == (303, 4, "Kind people")
    assert "Thank you" in client.get(answer["Location"]).content.decode()
    assert client.post(address, {"stars": "5"}).status_code == 303

    SatisfactionQuestion.objects.update(answered_at=timezone.now() - timedelta(days=8))
    assert client.post(address, {"stars": "1"}).status_code == 409
    assert client.get(page_of(question)[:-3] + "xx/").status_code == 404


def test_public_satisfaction_stops_a_flood(client, question):
    cache.clear()
    answers = [client.post(page_of(question), {"stars": "4"}).status_code for _time in range(21)]

    assert (answers[0], answers[-1]) == (303, 429)


def test_satisfaction_report_says_who_is_content_with_whom(client_of, owner, receptionist, talk, coordinator, question):
    answer_question(question, 4)
    held = ask(_other_talk(talk, coordinator), coordinator)
    cancel_message(held.message, by=coordinator)

    everything, members, channels = read_satisfaction(timezone.now() - timedelta(days=30))
    assert (everything.asked, everything.answered, everything.average, everything.low) == (1, 1, 4.0, 0)
    assert [(row.label, row.average) for row in members] == [(coordinator.display_name, 4.0)]
    assert [row.label for row in channels] == ["Text message"]

    address = reverse("inbox:satisfaction_report")
    assert "of 5 stars" in client_of(owner).get(address, {"days": "90"}).content.decode()
    file = client_of(owner).get(address, {"format": "csv", "table": "channels"})
    assert b"Text message,1,1,4.00,0" in b"".join(file) if file.streaming else file.content
    assert client_of(receptionist).get(address).status_code == 403


def _other_talk(talk, coordinator):
    other = ConversationFactory(
        lead=LeadFactory(phone_e164="+13125550174"), assigned_to=coordinator, first_answered_at=timezone.now()
    )
    MessageFactory(conversation=other, address="+13125550174")
    return other


@pytest.mark.parametrize(
    ("text", "stars"),
    [
        ("5", 5),
        (" 4! ", 4),
        ("3/5", 3),
        ("⭐⭐⭐⭐", 4),
        ("⭐️", 1),
        ("6", 0),
        ("55", 0),
        ("4 pm", 0),
        ("", 0),
        ("0", 0),
    ],
)
def test_a_bare_number_or_that_many_stars_are_read_as_such(text, stars):
    assert stars_in(text) == stars


def say(talk, desk, text="5"):
    """A text of theirs, which is told now."""
    number = UnifiedMessage.objects.count()
    receive_message(desk, Incoming(f"SM{number}", "+13125550173", text))
    talk.refresh_from_db()


def asked_by_text(talk, coordinator):
    question = ask(talk, coordinator)
    UnifiedMessage.objects.filter(pk=question.message_id).update(status=MessageStatus.DELIVERED)
    return question


def test_a_number_that_answers_the_question_counts_and_opens_nothing(talk, desk, coordinator):
    question = asked_by_text(talk, coordinator)

    say(talk, desk, "5")

    question.refresh_from_db()
    assert (question.stars, talk.satisfaction, talk.status) == (5, 5, ConversationStatus.RESOLVED)
    assert (talk.unread_count, talk.waiting_since, talk.last_message_preview) == (0, None, "5")
    assert talk.lead.unread_count == 0
    say(talk, desk, "4")  # they have said it: what comes now is a word of theirs
    assert (talk.satisfaction, talk.status) == (5, ConversationStatus.ACTIVE)


@pytest.mark.parametrize("change", ["late", "not gone", "another channel", "open", "withdrawn"])
def test_a_number_out_of_place_is_a_word_like_any_other(talk, desk, coordinator, change):
    question = asked_by_text(talk, coordinator)
    past = timezone.now() - timedelta(hours=73)
    questions, talks = SatisfactionQuestion.objects.all(), UnifiedConversation.objects.filter(pk=talk.pk)
    if change == "late":
        questions.update(asked_at=past)
        talks.update(satisfaction_asked_at=past)
    elif change == "not gone":
        UnifiedMessage.objects.filter(pk=question.message_id).update(status=MessageStatus.PENDING)
    elif change == "another channel":
        questions.update(channel=Channel.EMAIL)
    elif change == "open":
        talks.update(status=ConversationStatus.ACTIVE)
    else:
        questions.update(withdrawn_at=timezone.now())

    say(talk, desk)

    assert (talk.satisfaction, talk.status, talk.unread_count) == (None, ConversationStatus.ACTIVE, 1)


def test_a_low_number_opens_the_conversation_as_a_low_tap_does(talk, desk, coordinator):
    asked_by_text(talk, coordinator)

    say(talk, desk, "1")

    assert (talk.satisfaction, talk.status) == (1, ConversationStatus.ACTIVE)
    assert StaffNotification.objects.filter(kind="inbox.not_content").count() == 1
