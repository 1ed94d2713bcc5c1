"""One conversation as it is read: messages over every channel and notes of colleagues, oldest on top, by keyset."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Prefetch, Q, prefetch_related_objects
from django.utils import timezone

from inbox.models import (
    ConversationNote,
    Direction,
    MessageKind,
    MessageStatus,
    NoteMention,
    SatisfactionQuestion,
    UnifiedMessage,
)
from inbox.page_questions import NOTES, newest_messages
from inbox.shelves import CHANNEL_ICONS, write_key

PAGE_SIZE = 40
MOST_AT_ONCE = 400
FOLLOWS_WITHIN = 300  # seconds; then a message stands close to the one before
NEWEST = newest_messages(PAGE_SIZE)
CALLS = {MessageKind.CALL, MessageKind.VOICEMAIL}
STATUS_ICONS = {
    MessageStatus.SENT: "check",
    MessageStatus.DELIVERED: "check",
    MessageStatus.READ: "check-double",
    MessageStatus.FAILED: "alert",
    MessageStatus.SUPPRESSED: "ban",
    MessageStatus.CANCELLED: "undo",
    MessageStatus.UNKNOWN: "help",
}


@dataclass(frozen=True)
class Entry:
    """A message, a note, or what somebody said of the clinic (`is_rating`) in its place.

    `day` if a new day begins with it, `is_new` if the unread begin with it. `words` is what a message says
    (inbox.drawing); `drawn` the same as HTML, where there is no more to it.
    """

    row: object
    at: datetime
    is_note: bool = False
    day: date | None = None
    is_new: bool = False
    follows: bool = False
    words: object = None
    drawn: str = ""

    @property
    def is_rating(self):
        return isinstance(self.row, SatisfactionQuestion)

    @property
    def is_call(self):
        return not self.is_note and not self.is_rating and self.row.kind in CALLS

    @property
    def is_put_through(self):
        """Whether it is a call of ours that a page began."""
        return self.is_call and "rings" in self.row.metadata

    @property
    def is_ringing(self):
        """Whether nothing was told of such a call yet: they are called, they speak, or nobody picked up over here."""
        return self.is_put_through and "outcome" not in self.row.metadata

    @property
    def is_missed(self):
        return self.is_call and not self.row.duration_seconds and not self.is_ringing

    @property
    def icon(self):
        if self.is_call:
            return "voicemail" if self.row.kind == MessageKind.VOICEMAIL else self._call_icon
        return CHANNEL_ICONS[self.row.channel]

    @property
    def _call_icon(self):
        if self.is_missed:
            return "phone-missed"
        return "phone-in" if self.row.is_inbound else "phone-out"

    @property
    def status_icon(self):
        return STATUS_ICONS.get(self.row.status, "clock")

    @property
    def has_gone_wrong(self):
        return self.row.status in (MessageStatus.FAILED, MessageStatus.SUPPRESSED, MessageStatus.UNKNOWN)

    @property
    def may_be_taken_back(self):
        return self.row.status in (MessageStatus.PLANNED, MessageStatus.PENDING)

    @property
    def may_go_again(self):
        return self.row.status in (MessageStatus.FAILED, MessageStatus.SUPPRESSED, MessageStatus.CANCELLED)


@dataclass(frozen=True)
class Thread:
    """A stretch of a conversation. `older` is the key before which more stands, "" at the beginning of it all.

    `oldest` is the key of its first message: asked for again from there, it is the same stretch and all that is newer.
    `closing_day` is the day of what stands after it, where that begins another one.
    """

    entries: list
    older: str = ""
    oldest: str = ""
    closing_day: date | None = None


def read_thread(conversation, *, before=None, since=None, read_until=None):
    """The newest stretch, that before a key (moment, id), or everything since one; `read_until` marks the unread."""
    rows, most = conversation.messages.for_thread(), PAGE_SIZE
    if before:
        rows = rows.filter(happened_at__lte=before[0]).exclude(happened_at=before[0], pk__gte=before[1])
    if since:
        rows, most = rows.filter(happened_at__gte=since[0]).exclude(happened_at=since[0], pk__lt=since[1]), MOST_AT_ONCE
    found = list(rows[: most + 1]) if before or since else NEWEST.rows(conversation=conversation.pk)
    prefetch_related_objects([message for message in found if message.attachment_count], "attachments")
    prefetch_related_objects([message for message in found if message.is_on_its_way], "account")
    messages = found[:most][::-1]
    has_older = len(found) > most or (since is not None and _is_older(conversation, messages))
    oldest = write_key(messages[0].happened_at, messages[0].pk) if messages else ""
    stretch = messages[0].happened_at if has_older else None, before and before[0]
    others = [*_notes_between(conversation, *stretch), *_answers_between(conversation, *stretch)]
    entries = _in_place([*messages, *others], read_until)
    closing = before and entries and _day(before[0]) != _day(entries[-1].at) and _day(before[0])
    return Thread(entries, oldest if has_older else "", oldest, closing or None)


def _is_older(conversation, messages):
    if not messages:
        return False
    first = messages[0]
    earlier = Q(happened_at__lt=first.happened_at) | Q(happened_at=first.happened_at, pk__lt=first.pk)
    return conversation.messages.filter(earlier).exists()


def _notes_between(conversation, start, end):
    notes = NOTES.rows(conversation=conversation.pk)
    notes = [note for note in notes if (start is None or note.created_at >= start)]
    notes = [note for note in notes if (end is None or note.created_at < end)]
    naming = [note for note in notes if "@" in note.text]
    prefetch_related_objects(naming, Prefetch("mentions", NoteMention.objects.select_related("member__user")))
    return notes


def _answers_between(conversation, start, end):
    """What they said of the clinic in a stretch; asked for only where they have said something."""
    if conversation.satisfaction is None:
        return []
    answers = conversation.questions.answered().order_by("-answered_at")
    if start is not None:
        answers = answers.filter(answered_at__gte=start)
    if end is not None:
        answers = answers.filter(answered_at__lt=end)
    return list(answers[:MOST_AT_ONCE])


def _in_place(rows, read_until):
    """The rows in order of their moments, each with what begins at it."""
    placed = sorted(((_at(row), str(row.pk), row) for row in rows), key=lambda place: place[:2])
    entries, before, marked = [], None, False
    for at, _pk, row in placed:
        is_note, is_said = isinstance(row, ConversationNote), isinstance(row, UnifiedMessage)
        is_new = not marked and is_said and read_until is not None and row.is_inbound and at > read_until
        marked = marked or is_new
        day = _day(at) if before is None or _day(before.at) != _day(at) else None
        follows = before is not None and not day and not is_new and _is_close(before, row, at)
        before = Entry(row, at, is_note, day, is_new, follows)
        entries.append(before)
    return entries


def _is_close(before, row, at):
    if not (isinstance(before.row, UnifiedMessage) and isinstance(row, UnifiedMessage)):
        return False
    if before.row.channel != row.channel:
        return False
    same = (before.row.direction, before.row.by_id) == (row.direction, row.by_id)
    return same and (at - before.at).total_seconds() < FOLLOWS_WITHIN


def _at(row):
    if isinstance(row, SatisfactionQuestion):
        return row.answered_at
    return row.happened_at if isinstance(row, UnifiedMessage) else row.created_at


def _day(moment):
    return timezone.localtime(moment).date()


def words_of(entry):
    """Who says an entry, in a word, for a list of them without pictures."""
    if entry.is_note:
        return entry.row.author
    return entry.row.by if entry.row.direction == Direction.OUTBOUND else entry.row.conversation
