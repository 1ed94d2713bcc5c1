"""What somebody has begun to write and not sent: kept while they type, and shown to colleagues as typing."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from clinics.live import publish
from inbox.models import Channel, ReplyDraft
from inbox.page_questions import DRAFTS
from inbox.rules import DraftGoneOn

TYPING = timedelta(seconds=20)
TOLD_AGAIN = timedelta(seconds=5)


def drafts_of(conversation, member):
    """(what a member has begun to write in a conversation, an unsaved ReplyDraft if nothing; colleagues who write)."""
    drafts = DRAFTS.rows(conversation=conversation.pk)
    own = next((draft for draft in drafts if draft.member_id == member.pk), None)
    others = [draft for draft in drafts if draft.member_id != member.pk and draft.text]
    others = [draft for draft in others if draft.updated_at > timezone.now() - TYPING]
    blank = ReplyDraft(conversation=conversation, member=member, version=0)
    return own or blank, [draft.member for draft in sorted(others, key=lambda draft: (draft.updated_at, draft.pk))]


def draft_of(conversation, member):
    """What a member has begun to write in a conversation, an unsaved ReplyDraft if nothing."""
    return drafts_of(conversation, member)[0]


def answering_subject(conversation):
    """The subject that an answer by e-mail begins with: that of the last one, once marked as an answer."""
    if Channel.EMAIL not in conversation.channels:
        return conversation.subject
    mails = conversation.messages.filter(channel=Channel.EMAIL).exclude(subject="").order_by("-happened_at", "-pk")
    subject = mails.values_list("subject", flat=True).first() or conversation.subject
    return subject if not subject or subject.lower().startswith("re:") else f"Re: {subject}"


@transaction.atomic
def save_draft(conversation, *, by, version, channel="", subject="", text=""):
    """Keep what a member has written so far; returns the ReplyDraft.

    `version` is the one that was written on. Raises DraftGoneOn, which holds the newer one, if another tab was quicker.
    """
    blank = {"version": 0}
    draft, _is_new = ReplyDraft.objects.select_for_update().get_or_create(
        conversation=conversation, member=by, defaults=blank
    )
    if draft.version != version:
        raise DraftGoneOn(draft)
    was_typing = draft.text and draft.updated_at > timezone.now() - TOLD_AGAIN
    draft.channel, draft.subject, draft.text = channel, subject[:200], text
    draft.version += 1
    draft.save()
    if bool(text) != bool(was_typing):
        publish(f"typing-{conversation.pk}")
    return draft


@transaction.atomic
def drop_draft(conversation, *, by):
    """Forget what a member has begun to write: it was sent."""
    if ReplyDraft.objects.filter(conversation=conversation, member=by).delete()[0]:
        publish(f"typing-{conversation.pk}")


@transaction.atomic
def put_back(message, *, by):
    """Let the words of a message that was taken back stand in the composer again, if nothing else does."""
    draft = draft_of(message.conversation, by)
    if not draft.text:
        draft.channel, draft.subject, draft.text = message.channel, message.subject[:200], message.text
        draft.version += 1
        draft.save()


def who_types(conversation, member):
    """The colleagues who are writing in a conversation right now."""
    return drafts_of(conversation, member)[1]
