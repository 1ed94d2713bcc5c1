"""The shelves of the inbox: which conversations stand on each and in which order, and a page of them by keyset."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinics.counting import in_words
from inbox.finding import find_conversations, newest_found
from inbox.models import Channel, UnifiedConversation
from inbox.page_questions import TAGS, first_page_of, numbers_of, shown_rows

PAGE_SIZE = 30
MOST_ROWS = 300
MOST_COUNTED = 100  # conversations of a shelf: "99+" from then on
# Who waits longest stands on top, so that what is late is seen first; everywhere else the newest word does.
NEWEST_FIRST, LONGEST_FIRST = ("-last_message_at", "-pk"), ("waiting_since", "pk")
CHANNEL_ICONS = {
    Channel.SMS: "sms",
    Channel.WHATSAPP: "chat",
    Channel.EMAIL: "mail",
    Channel.FACEBOOK_MESSENGER: "chat",
    Channel.INSTAGRAM_DM: "image",
    Channel.VOICE: "phone",
    Channel.PORTAL: "smile",
}


@dataclass(frozen=True)
class Shelf:
    """A view of the inbox. `rows` takes (conversations, member, moment); a number stands at it if it `counts`.

    It is read in its `order`, along an index.
    """

    key: str
    label: str
    icon: str
    rows: Callable
    counts: bool = False
    order: tuple = NEWEST_FIRST


SHELVES = (
    Shelf("open", _("All open"), "inbox", lambda rows, member, now: rows.awake(now)),
    Shelf("mine", _("Mine"), "user", lambda rows, member, now: rows.awake(now).filter(assigned_to=member), counts=True),
    Shelf("mentions", _("Mentions"), "at", lambda rows, member, now: rows.open().naming(member), counts=True),
    Shelf("nobodys", _("Unassigned"), "help", lambda rows, member, now: rows.awake(now).filter(assigned_to=None), True),
    Shelf("unread", _("Unread"), "mail", lambda rows, member, now: rows.awake(now).unread(), counts=True),
    Shelf(
        "waiting",
        _("Waiting for an answer"),
        "hourglass",
        lambda rows, member, now: rows.awake(now).waiting(),
        counts=True,
        order=LONGEST_FIRST,
    ),
    Shelf("snoozed", _("Snoozed"), "snooze", lambda rows, member, now: rows.snoozed(now), counts=True),
    Shelf("unmatched", _("Not matched"), "user-plus", lambda rows, member, now: rows.open().unmatched(), counts=True),
    Shelf("resolved", _("Resolved"), "archive", lambda rows, member, now: rows.resolved()),
)
BY_KEY = {shelf.key: shelf for shelf in SHELVES}
NUMBERS = numbers_of([shelf for shelf in SHELVES if shelf.counts], MOST_COUNTED)
FIRST_PAGES = {shelf.key: first_page_of(shelf, PAGE_SIZE) for shelf in SHELVES}


@dataclass(frozen=True)
class Asked:
    """What of the inbox is asked for: by the address of its page, in plain words."""

    shelf: Shelf = BY_KEY["open"]
    channel: str = ""
    tag: UUID | None = None
    text: str = ""
    after: tuple | None = None
    rows: int = PAGE_SIZE

    @classmethod
    def of(cls, query):
        """Read an address; what makes no sense in it is left out."""
        channel, rows = query.get("channel", ""), query.get("rows", "")
        return cls(
            BY_KEY.get(query.get("box"), BY_KEY["open"]),
            channel if channel in Channel.values else "",
            as_uuid(query.get("tag")),
            query.get("q", "").strip()[:100],
            read_key(query.get("after", "")),
            min(max(int(rows), 1), MOST_ROWS) if rows.isdigit() else PAGE_SIZE,
        )

    def is_all_of(self, query):
        """Whether nothing that the address asks for was left out: who acts on all of it must take no more than that."""
        read = {"box": self.shelf.key, "channel": self.channel, "tag": self.tag and str(self.tag)}
        return all(not query.get(name) or query[name] == value for name, value in read.items())

    @property
    def is_narrowed(self):
        """Whether it is more than a shelf as it stands, and so worth a name."""
        return bool(self.channel or self.tag or self.text)

    @property
    def is_oldest_first(self):
        return self.shelf.order == LONGEST_FIRST and not self.text


@dataclass(frozen=True)
class ConversationPage:
    """Some conversations in order; `more` is the key that the next page begins after, "" at the end."""

    rows: list
    more: str = ""
    shown: int = 0


def read_shelf(asked, member):
    """The conversations that are asked for, as ConversationPage: nothing is read but what their own rows hold."""
    if asked == Asked(asked.shelf) and not asked.is_oldest_first:
        found = FIRST_PAGES[asked.shelf.key].rows(member=member.pk)
    else:
        found = list(_page_of(asked, member))
    shown = found[: asked.rows]
    more = write_key(_moment(shown[-1], asked), shown[-1].pk) if len(found) > asked.rows else ""
    return ConversationPage(shown, more, len(shown))


def _page_of(asked, member):
    """The rows of a page: which they are is found before anything is joined to them."""
    order = LONGEST_FIRST if asked.is_oldest_first else NEWEST_FIRST
    if asked.text:
        here = newest_found(
            _after(_narrowed(UnifiedConversation.objects.present(), asked), asked), asked.text, asked.rows + 1
        )
    else:
        rows = asked_rows(UnifiedConversation.objects.order_by(*order), asked, member)
        here = _after(rows, asked).values("pk")[: asked.rows + 1]
    return shown_rows(member).filter(pk__in=here).order_by(*order)


def asked_rows(rows, asked, member):
    """Of some conversations those that are asked for, whatever page of them."""
    rows = (
        find_conversations(rows.present(), asked.text) if asked.text else asked.shelf.rows(rows, member, timezone.now())
    )
    return _narrowed(rows, asked)


def _narrowed(rows, asked):
    """Of some conversations those with the channel and the tag that are asked for."""
    if asked.channel:
        rows = rows.over(asked.channel)
    return rows.tagged(asked.tag) if asked.tag else rows


def count_asked(asked, member):
    """How many conversations are asked for in all."""
    return asked_rows(UnifiedConversation.objects.order_by(), asked, member).values("pk").count()


def _after(rows, asked):
    """Of rows in their order those that come after the key that is asked for."""
    if not asked.after:
        return rows
    moment, pk = asked.after
    if asked.is_oldest_first:
        return rows.filter(Q(waiting_since__gt=moment) | Q(waiting_since=moment, pk__gt=pk))
    return rows.filter(last_message_at__lte=moment).exclude(last_message_at=moment, pk__gte=pk)


def _moment(row, asked):
    return row.waiting_since if asked.is_oldest_first else row.last_message_at


@dataclass(frozen=True)
class ShelfBar:
    """The list of shelves beside the conversations, each with how many stand there, counted to MOST_COUNTED."""

    shelves: list = field(default_factory=list)
    channels: list = field(default_factory=list)
    tags: list = field(default_factory=list)

    @staticmethod
    def in_words(number):
        """The number at a shelf, "" for none."""
        return in_words(number, most=MOST_COUNTED) if number else ""


def shelf_bar(asked, member, tags=None):
    """All shelves, channels and tags of the inbox, with their numbers, in two statements; `tags` where they are at
    hand."""
    [numbers] = NUMBERS.rows(member=member.pk)
    is_plain = not (asked.channel or asked.tag or asked.text)
    return ShelfBar(
        [(shelf, numbers.get(shelf.key), is_plain and shelf is asked.shelf) for shelf in SHELVES],
        [(channel, CHANNEL_ICONS[channel], channel == asked.channel) for channel in Channel],
        [(tag, tag.pk == asked.tag) for tag in (TAGS.rows() if tags is None else tags)],
    )


def unread_conversations():
    """The conversations that the navigation counts: open, with words that nobody has read."""
    return UnifiedConversation.objects.awake(Now()).unread()


def write_key(moment, pk):
    return f"{moment.isoformat()}~{pk}"


def read_key(text):
    """(moment, id) of a key as it stands in an address; None if it is none."""
    moment, _tilde, pk = text.replace(" ", "+").partition("~")
    try:
        moment, pk = datetime.fromisoformat(moment), UUID(pk)
    except ValueError:
        return None
    return (moment, pk) if timezone.is_aware(moment) else None


def as_uuid(text):
    try:
        return UUID(text or "")
    except ValueError:
        return None
