"""Saved replies: one's own, or everybody's by who sets up the inbox; taken away, and brought back."""

from django.db import IntegrityError, transaction

from clinics.access import may
from clinics.audit import record
from inbox.models import CannedReply
from inbox.rules import NotYourReply, ShortcutTaken


@transaction.atomic
def save_canned(facts, *, by, reply=None):
    """Write a saved reply, or change one; returns it. With `is_shared` it is everybody's.

    Records "inbox.canned.saved". Raises NotYourReply, ShortcutTaken.
    """
    reply = _lock(reply, by) if reply else CannedReply(owner=by)
    wants_shared = facts.get("is_shared", False)
    if wants_shared and not may(by, "inbox:configure"):
        raise NotYourReply
    reply.owner = None if wants_shared else (reply.owner or by)
    for name in ("shortcut", "title", "subject", "text"):
        setattr(reply, name, facts[name])
    try:
        with transaction.atomic():
            reply.save()
    except IntegrityError as error:
        raise ShortcutTaken from error
    record("inbox.canned.saved", reply, by=by, after={"shortcut": reply.shortcut, "shared": reply.owner_id is None})
    return reply


@transaction.atomic
def set_canned_use(reply, *, is_active, by):
    """Take a reply out of use, or bring it back; returns it. Records "inbox.canned.saved"; raises NotYourReply."""
    reply = _lock(reply, by)
    if reply.is_active != is_active:
        reply.is_active = is_active
        reply.save(update_fields=["is_active", "updated_at"])
        record("inbox.canned.saved", reply, by=by, after={"is_active": is_active})
    return reply


def may_change_canned(reply, member):
    return reply.owner_id == member.pk or (reply.owner_id is None and may(member, "inbox:configure"))


def _lock(reply, by):
    reply = CannedReply.objects.select_for_update(of=("self",)).get(pk=reply.pk)
    if not may_change_canned(reply, by):
        raise NotYourReply
    return reply
