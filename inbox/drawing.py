"""Messages and rows of the list in plain words: equal words are drawn once, and drawn again from memory."""

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from clinics.moments import moments_of_reader
from clinics.templatetags.memory import draw
from inbox.models import Channel, ConversationStatus, Direction, MessageKind, MessageStatus
from inbox.reasons import explain

LONGEST_CALL = timedelta(hours=4)  # of which nothing is told while it lasts


@dataclass(frozen=True)
class MessageWords:
    """One message as it is shown: its facts in words. `call` is how a call went, "" for anything written."""

    pk: str
    icon: str
    channel: str
    is_email: bool
    is_inbound: bool
    is_mention: bool
    follows: bool
    subject: str
    text: str
    address: str
    who: str
    clock: str
    iso: str
    exact: str
    call: str = ""
    is_missed: bool = False
    lasted: str = ""
    is_urgent: bool = False
    original_url: str = ""
    status: str = ""
    status_icon: str = ""
    status_until: str = ""
    told: str = ""
    told_detail: str = ""
    has_gone_wrong: bool = False


@dataclass(frozen=True)
class RowWords:
    """One conversation as a row of the list shows it."""

    pk: str
    url: str
    name: str
    is_unmatched: bool
    is_news: bool
    unread: int
    channel: str
    when: str
    exact: str
    is_ours: bool
    preview: str
    owner: str
    owner_pk: str
    is_urgent: bool
    snoozed: str
    ended: str
    waits: str
    is_late: bool


class ThreadDrawing:
    """Draws the messages of one conversation; what they have in common is looked up once."""

    template = "inbox/_message.html"

    def __init__(self, conversation):
        self.conversation, self.moments = conversation, moments_of_reader()
        self.channels = {channel: str(channel.label) for channel in Channel}
        self.statuses = {status: str(status.label) for status in MessageStatus}
        self.automatic = _("Sent by itself")

    def of_all(self, entries):
        """The entries, each message with its words, and drawn already if these are all that it shows."""
        return [entry if entry.is_note or entry.is_rating else self._of(entry) for entry in entries]

    def _of(self, entry):
        words = self.words(entry)
        is_all = not (entry.row.attachment_count or entry.may_be_taken_back or entry.may_go_again)
        return replace(entry, words=words, drawn=self._drawn(entry, words) if is_all else "")

    def _drawn(self, entry, words):
        """The message, below what begins with it."""
        drawn = draw(self.template, {"words": words}, self.moments.language)
        if entry.is_new:
            drawn = new_line() + drawn
        return day_line(entry.day) + drawn if entry.day else drawn

    def words(self, entry):
        message, moments = entry.row, self.moments
        is_inbound = message.direction == Direction.INBOUND
        facts = {} if is_inbound else self._told(entry)
        if entry.is_call:
            facts |= {"call": _call(entry), "is_missed": entry.is_missed, "lasted": _clock(message.duration_seconds)}
        return MessageWords(
            pk=str(message.pk),
            icon=entry.icon,
            channel=self.channels[message.channel],
            is_email=message.channel == Channel.EMAIL,
            is_inbound=is_inbound,
            is_mention=message.kind == MessageKind.STORY_MENTION,
            follows=entry.follows,
            subject=message.subject,
            text="" if entry.is_put_through else message.text,
            address=message.address,
            who=self._who(message),
            clock=moments.clock(message.happened_at),
            iso=message.happened_at.isoformat(timespec="seconds"),
            exact=moments.exact(message.happened_at),
            is_urgent=message.is_urgent,
            original_url=self._original(message),
            **facts,
        )

    def _who(self, message):
        if message.by is not None:
            return message.by.display_name
        return self.automatic if message.is_automatic and message.direction == Direction.OUTBOUND else ""

    def _original(self, message):
        if message.channel != Channel.EMAIL or not message.has_original:
            return ""
        return reverse("inbox:message_original", args=[self.conversation.pk, message.pk])

    def _told(self, entry):
        told = explain(entry.row)
        return {
            "status": self.statuses[entry.row.status],
            "status_icon": entry.status_icon,
            "status_until": self.moments.day_and_time(told.until) if told.until else "",
            "told": told.text,
            "told_detail": told.detail,
            "has_gone_wrong": entry.has_gone_wrong,
        }


def _call(entry):
    """How a call went, in words."""
    if entry.row.kind == MessageKind.VOICEMAIL:
        return _("Voicemail")
    if entry.is_ringing:
        has_ended = entry.has_gone_wrong or entry.may_go_again or entry.at < timezone.now() - LONGEST_CALL
        return _("Call, not put through") if has_ended else _("Call, being put through")
    if entry.is_missed:
        return _("Missed call") if entry.row.is_inbound else _("Call, nobody answered")
    return _("They called") if entry.row.is_inbound else _("We called")


def _clock(seconds):
    return f"{seconds // 60}:{seconds % 60:02d}" if seconds else ""


def day_line(day):
    """The line between the days of a thread: Today, Yesterday, or the weekday with the date."""
    return _day_line(day, timezone.localdate(), get_language())


@lru_cache(maxsize=4096)
def _day_line(day, today, _language):
    days = (today - day).days
    if days in (0, 1):
        words = [_("Today"), _("Yesterday")][days]
    else:
        words = date_format(day, _("D, M j") if day.year == today.year else _("D, M j, Y"))
    return format_html('<li class="thread__day">{}</li>', words)


def new_line():
    """The line below which everything was said since the reader was here."""
    return format_html('<li class="thread__day thread__new">{}</li>', pgettext("messages", "New"))


class ListDrawing:
    """Draws the rows of the list, each as the reader has it open or not."""

    template = "inbox/_row.html"

    def __init__(self, query="", *, may_tick=False):
        """`query` goes on behind each address; who `may_tick` rows can act on many."""
        self.query, self.may_tick = query, may_tick
        self.moments, self.now = moments_of_reader(), timezone.now()

    def of_all(self, rows, opened=None):
        """The rows as HTML; `opened` is the id of the conversation that is read beside them."""
        return [self._drawn(row, is_open=row.pk == opened) for row in rows]

    def _drawn(self, row, *, is_open):
        facts = {"words": self.words(row), "is_open": is_open, "may_tick": self.may_tick}
        return draw(self.template, facts, self.moments.language)

    def words(self, row):
        snoozed = row.snoozed_until is not None and row.snoozed_until > self.now
        is_active = row.status == ConversationStatus.ACTIVE
        waits = row.waiting_since is not None and is_active and not snoozed
        return RowWords(
            pk=str(row.pk),
            url=f"{row.get_absolute_url()}{self.query}",
            name=row.person_name or row.unknown_address,
            is_unmatched=row.is_unmatched,
            is_news=row.is_news,
            unread=row.unread_count,
            channel=row.last_channel,
            when=self.moments.short_date(row.last_message_at),
            exact=self.moments.exact(row.last_message_at),
            is_ours=row.last_direction == Direction.OUTBOUND,
            preview=row.last_message_preview,
            owner=row.assigned_to.display_name if row.assigned_to_id else "",
            owner_pk=str(row.assigned_to_id or ""),
            is_urgent=row.is_urgent,
            snoozed=self.moments.day_and_time(row.snoozed_until) if snoozed else "",
            ended="" if is_active or snoozed else row.get_status_display().lower(),
            waits=self.moments.age(row.waiting_since) if waits else "",
            is_late=bool(waits and row.answer_due_at and row.answer_due_at < self.now),
        )
