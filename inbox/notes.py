"""Words among colleagues within a conversation: written, and taken back; whoever is named is told."""

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from clinics.access import may
from clinics.audit import record
from clinics.live import publish
from clinics.models import ClinicUser
from clinics.notifications import language_of, notify
from inbox.conversations import lock_conversation
from inbox.models import ConversationNote, NoteMention
from inbox.rules import NothingWritten, NotYourNote


def may_be_named(members=None):
    """The colleagues who may be named in a note: those at work (`members`, if they are at hand) who may read the
    inbox."""
    members = ClinicUser.objects.active().for_list() if members is None else members
    return [member for member in members if may(member, "inbox:read")]


def named_in(text, members):
    """The members whom a text names as @Name; of two names that begin alike the longer one counts."""
    found = []
    for member in sorted(members, key=lambda member: -len(member.display_name)):
        for called in (f"@{member.display_name}", f"@{member.short_name}"):
            at = text.find(called)
            if at >= 0 and not text[at + len(called) : at + len(called) + 1].isalnum():
                text = text[:at] + text[at + len(called) :]
                found.append(member)
                break
    return found


@transaction.atomic
def write_note(conversation, text, *, by):
    """Leave a note for colleagues; those who are named in it are told. Returns the ConversationNote.

    Records "inbox.note.written". Raises NothingWritten.
    """
    if not text.strip():
        raise NothingWritten
    conversation = lock_conversation(conversation)
    note = ConversationNote.objects.create(conversation=conversation, author=by, text=text.strip())
    named = named_in(note.text, may_be_named())
    NoteMention.objects.bulk_create(NoteMention(note=note, member=member) for member in named)
    record("inbox.note.written", conversation, by=by, after={"note": note, "named": named})
    for member in named:
        if member.pk != by.pk:
            with translation.override(language_of(member)):
                said = _("%(who)s named you in the conversation with %(person)s.")
                said = said % {"who": by.display_name, "person": conversation}
            notify(member, "inbox.mentioned", said, url=f"{conversation.get_absolute_url()}#note-{note.pk}")
    publish("inbox", f"conversation-{conversation.pk}")
    return note


@transaction.atomic
def delete_note(note, *, by):
    """Take a note away; restore_note brings it back. Records "inbox.note.deleted". Raises NotYourNote."""
    return _set_deleted(note, timezone.now(), "inbox.note.deleted", by=by)


@transaction.atomic
def restore_note(note, *, by):
    """Bring a note back that was taken away. Records "inbox.note.restored". Raises NotYourNote."""
    return _set_deleted(note, None, "inbox.note.restored", by=by)


def _set_deleted(note, moment, action, *, by):
    note = ConversationNote.objects.select_for_update(of=("self",)).get(pk=note.pk)
    if note.author_id != by.pk:
        raise NotYourNote
    if (note.deleted_at is None) != (moment is None):
        note.deleted_at = moment
        note.save(update_fields=["deleted_at", "updated_at"])
        record(action, note.conversation, by=by, after={"note": note})
        publish(f"conversation-{note.conversation_id}")
    return note
