"""What can be done to many conversations at once: each by the verb of one, leaving what takes it back."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from clinics.bulk import Act, NothingToChange
from inbox.handling import (
    acts_on,
    give_conversation,
    reopen_conversation,
    resolve_conversation,
    snooze_conversation,
    tag_conversation,
    undo_act,
    untag_conversation,
    wake_conversation,
)
from inbox.models import ConversationAct
from inbox.reading import set_unread
from inbox.rules import ChangedMeanwhile

Kind = ConversationAct.Kind


def _put_back(conversation, trace, _facts, *, by):
    event = acts_on(conversation).filter(pk=trace).first()
    if event is None:
        raise ChangedMeanwhile
    undo_act(conversation, event, by=by)


def _by(verb):
    """An act by a verb (conversation, facts, by=) that returns what is on record of it, None if nothing has changed."""

    def do(conversation, facts, *, by):
        event = verb(conversation, facts, by=by)
        if event is None:
            raise NothingToChange
        return event.pk

    return do


def _tag(conversation, facts, *, by):
    if not tag_conversation(conversation, facts["tag"], by=by):
        raise NothingToChange


def _untag(conversation, facts, *, by):
    if not untag_conversation(conversation, facts["tag"], by=by):
        raise NothingToChange


def _reads(wanted):
    """The pair (do, undo) of marking as read (0 words that nobody has read) or unread (1); the trace is how many."""

    def do(conversation, _facts, *, by):
        before = set_unread(conversation, wanted, by=by)
        if before is None:
            raise NothingToChange
        return before

    def undo(conversation, trace, _facts, *, by):
        if set_unread(conversation, int(trace or 0), by=by, only_from=wanted) is None:
            raise ChangedMeanwhile

    return do, undo


ACTS = {
    Kind.ASSIGN: Act(
        _by(lambda conversation, facts, *, by: give_conversation(conversation, facts["member"], by=by)),
        _put_back,
        _("Give to %(aim)s"),
        "inbox:assign",
        "member",
    ),
    Kind.RELEASE: Act(
        _by(lambda conversation, _facts, *, by: give_conversation(conversation, None, by=by)),
        _put_back,
        _("Give to nobody"),
        "inbox:assign",
    ),
    Kind.SNOOZE: Act(
        _by(
            lambda conversation, facts, *, by: snooze_conversation(
                conversation, datetime.fromisoformat(facts["until"]), by=by
            )
        ),
        _put_back,
        _("Put off until %(aim)s"),
        "inbox:reply",
        "when",
    ),
    Kind.WAKE: Act(
        _by(lambda conversation, _facts, *, by: wake_conversation(conversation, by=by)),
        _put_back,
        _("Bring back"),
        "inbox:reply",
    ),
    Kind.TAG: Act(
        _tag,
        lambda conversation, _t, facts, *, by: _untag(conversation, facts, by=by),
        _("Tag with %(aim)s"),
        "inbox:reply",
        "tag",
    ),
    Kind.UNTAG: Act(
        _untag,
        lambda conversation, _t, facts, *, by: _tag(conversation, facts, by=by),
        _("Take off the tag %(aim)s"),
        "inbox:reply",
        "tag",
    ),
    Kind.RESOLVE: Act(
        _by(lambda conversation, _facts, *, by: resolve_conversation(conversation, by=by)),
        _put_back,
        _("Resolve"),
        "inbox:reply",
    ),
    Kind.REOPEN: Act(
        _by(lambda conversation, _facts, *, by: reopen_conversation(conversation, by=by)),
        _put_back,
        _("Open again"),
        "inbox:reply",
    ),
    Kind.READ: Act(*_reads(0), _("Mark as read"), "inbox:reply"),
    Kind.UNREAD: Act(*_reads(1), _("Mark as unread"), "inbox:reply"),
}
