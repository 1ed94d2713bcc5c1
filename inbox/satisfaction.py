"""How content people are: one question after a conversation was resolved, its answer, and what a low one calls for."""

import re
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from clinics.audit import SYSTEM, record
from clinics.errors import RuleBroken
from clinics.live import publish
from clinics.models import AuditLog, ClinicUser, Role
from clinics.notifications import language_of, notify
from clinics.public_tokens import new_token
from inbox.conversations import lock_conversation
from inbox.handling import reopen_conversation
from inbox.models import (
    Channel,
    ConversationStatus,
    InboxSettings,
    MessageStatus,
    Purpose,
    SatisfactionQuestion,
    UnifiedConversation,
)
from inbox.planning import WAITING, cancel_message, plan_message
from inbox.rules import AnswerIsFinal, StarsMissing

RESOLVED = "inbox.conversation.resolved"
ASKED_AFTER = timedelta(minutes=5)  # so long a resolving may be a slip
MAKES_SENSE_FOR = timedelta(days=2)
LONGEST_COMMENT = 2000
BY_MESSAGE_WITHIN = timedelta(hours=72)  # of the question; a number that comes later may mean anything
BARE = re.compile(r"([1-5])(?:\s*/\s*5)?|((?:⭐\ufe0f?){1,5})")
WENT = (MessageStatus.SENT, MessageStatus.DELIVERED, MessageStatus.READ)


@transaction.atomic
def ask_satisfaction(event):
    """Plan the question that a resolving calls for, on the channel of the last words; returns it, None for none.

    Asked once an event, only where the clinic wants it, where both have written, and each person not more often than
    the clinic says. It goes by the outbox as care does: consent, night, windows and the stop hold.
    """
    rules = InboxSettings.objects.first()
    if rules is None or not rules.asks_satisfaction:
        return None
    conversation = lock_conversation(UnifiedConversation.objects.get(pk=event.resource_id))
    known = SatisfactionQuestion.objects.filter(occasion=event.pk).first()
    if known is not None or not _is_asked(conversation, event, rules):
        return known
    now = timezone.now()
    question = SatisfactionQuestion(
        conversation=conversation,
        member=conversation.assigned_to or ClinicUser.objects.filter(pk=event.actor_id).first(),
        channel=_channel_of(conversation),
        occasion=event.pk,
        token=new_token(conversation.clinic_id),
        asked_at=now,
    )
    words = _(
        "Thank you for writing to %(clinic)s. How well did we help you? Answer with a number from 1 to 5, or with one "
        "tap: %(url)s"
    )
    try:
        with transaction.atomic():
            question.message = plan_message(
                conversation,
                channel=question.channel,
                subject=_("How well did we help you?"),
                text=words % {"clinic": conversation.clinic.name, "url": address_of_question(question)},
                by=SYSTEM,
                dedupe_key=f"satisfaction {event.pk}",
                purpose=Purpose.CARE,
                not_before=now + ASKED_AFTER,
                expires_at=now + MAKES_SENSE_FOR,
                is_automatic=True,
            )
    except RuleBroken:  # no address or no account there: nobody is asked
        return None
    question.save()
    UnifiedConversation.objects.filter(pk=conversation.pk).update(satisfaction_asked_at=now)
    record("inbox.satisfaction.asked", conversation, by=SYSTEM, after={"question": question})
    return question


@transaction.atomic
def withdraw_question(conversation):
    """Take the question back that has not gone, since the conversation goes on; returns it, None if none waits.

    Records "inbox.satisfaction.withdrawn". The person may be asked as if they had not been.
    """
    if conversation.satisfaction_asked_at is None:
        return None
    conversation = lock_conversation(conversation)
    questions = SatisfactionQuestion.objects.filter(conversation=conversation).standing().order_by("-asked_at")
    question = questions.select_related("message").first()
    is_over = conversation.status == ConversationStatus.RESOLVED  # whoever says otherwise is behind
    if is_over or question is None or question.stars or question.message is None:
        return None
    if question.message.status not in WAITING:
        return None
    cancel_message(question.message, by=SYSTEM)
    question.withdrawn_at = timezone.now()
    question.save(update_fields=["withdrawn_at", "updated_at"])
    before = questions.values_list("asked_at", flat=True).first()
    UnifiedConversation.objects.filter(pk=conversation.pk).update(satisfaction_asked_at=before)
    record("inbox.satisfaction.withdrawn", conversation, by=SYSTEM, after={"question": question})
    return question


@transaction.atomic
def answer_question(question, stars, comment=""):
    """Keep what somebody said, 1 to 5 stars and words of their own; said again, the later word counts.

    A low one opens the conversation again and tells who looks after it. Records "inbox.satisfaction.answered". Raises
    StarsMissing, and AnswerIsFinal for a question that was withdrawn or answered more than a week ago.
    """
    if stars not in range(1, 6):
        raise StarsMissing
    question = SatisfactionQuestion.objects.select_for_update(of=("self",)).get(pk=question.pk)
    if not question.may_be_answered:
        raise AnswerIsFinal
    comment, was_low = comment.strip()[:LONGEST_COMMENT], question.is_low
    if (question.stars, question.comment) == (stars, comment):
        return question
    before = question.stars
    question.stars, question.comment = stars, comment
    question.answered_at = question.answered_at or timezone.now()
    question.save(update_fields=["stars", "comment", "answered_at", "updated_at"])
    conversation = lock_conversation(question.conversation)
    UnifiedConversation.objects.filter(pk=conversation.pk).update(satisfaction=stars)
    record("inbox.satisfaction.answered", conversation, by=SYSTEM, before={"stars": before}, after={"stars": stars})
    if question.is_low and not was_low:
        reopen_conversation(conversation, by=SYSTEM)
        _tell(conversation, question)
    publish("inbox", f"conversation-{conversation.pk}")
    return question


def stars_in(text):
    """The stars of a message that is nothing but a number from 1 to 5, or that many stars; 0 for any other."""
    bare = BARE.fullmatch(text.strip().rstrip(".!").rstrip())
    if bare is None:
        return 0
    return int(bare[1]) if bare[1] else bare[2].count("⭐")


def questions_answered_by(messages):
    """Of some messages that came in those that answer a question which waits: {message id: (question, stars)}.

    A bare number counts only in a conversation that rests, on the channel of the question, within BY_MESSAGE_WITHIN.
    """
    since = timezone.now() - BY_MESSAGE_WITHIN
    rated = {message: stars_in(message.text) for message in messages if _may_rate(message.conversation, since)}
    rated = {message: stars for message, stars in rated.items() if stars}
    if not rated:
        return {}
    waiting = SatisfactionQuestion.objects.standing().filter(stars=None, asked_at__gt=since, message__status__in=WENT)
    waiting = waiting.filter(conversation__in={message.conversation_id for message in rated}).order_by("asked_at")
    asked = {(question.conversation_id, question.channel): question for question in waiting}
    found = {message: asked.get((message.conversation_id, message.channel)) for message in rated}
    return {message.pk: (question, rated[message]) for message, question in found.items() if question is not None}


def _may_rate(conversation, since):
    asked_at = conversation.satisfaction_asked_at
    return conversation.status != ConversationStatus.ACTIVE and asked_at is not None and asked_at > since


def address_of_question(question):
    """The page at which a question is answered."""
    return settings.BASE_URL.rstrip("/") + reverse("inbox:public_satisfaction", args=[question.token])


def question_of_token(token):
    """The question that a token of the open clinic belongs to, or None."""
    rows = SatisfactionQuestion.objects.filter(token=token, conversation__deleted_at=None)
    return rows.select_related("clinic", "conversation__location").first()


def _is_asked(conversation, event, rules):
    still_resolved = conversation.status == ConversationStatus.RESOLVED
    newest = AuditLog.objects.about(conversation).filter(action=RESOLVED).first()
    rests = timedelta(days=rules.satisfaction_every_days)
    was_asked = conversation.satisfaction_asked_at
    return (
        still_resolved
        and newest is not None
        and newest.pk == event.pk
        and conversation.first_answered_at is not None
        and conversation.messages.inbound().exists()
        and (was_asked is None or was_asked <= timezone.now() - rests)
    )


def _channel_of(conversation):
    """The channel of their last words; who called is asked by text message."""
    last = conversation.messages.inbound().order_by("-happened_at", "-pk").values_list("channel", flat=True).first()
    return Channel.SMS if last == Channel.VOICE else last


def _tell(conversation, question):
    """Tell who has the conversation, or had it; the admins where nobody does."""
    members = [member for member in (conversation.assigned_to or question.member,) if member and member.is_active]
    for member in members or ClinicUser.objects.active().filter(role=Role.CLINIC_ADMIN).select_related("user"):
        with translation.override(language_of(member)):
            words = _("%(who)s is not content: %(stars)s of 5 stars.")
            words = words % {"who": conversation, "stars": question.stars}
        notify(member, "inbox.not_content", words, url=conversation.get_absolute_url())
