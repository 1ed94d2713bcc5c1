"""By which channels a person can be answered, which of them is best, and what stands against each, in words."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _

from clinics.templatetags.ui import phone
from inbox.consent import Standing
from inbox.models import Channel, InboxSettings, Purpose
from inbox.models.choices import PHONE_CHANNELS
from inbox.page_questions import ACCOUNTS, ADDRESSES, SETTINGS
from inbox.planning import best_address
from inbox.quiet_hours import is_quiet, zones_of
from inbox.reasons import REASONS
from inbox.shelves import CHANNEL_ICONS
from inbox.windows import window_of

WRITTEN = [channel for channel in Channel if channel != Channel.VOICE]
RINGS = (Channel.SMS, Channel.WHATSAPP)
PREFERRED = {"SMS": Channel.SMS, "TEXT": Channel.SMS, "EMAIL": Channel.EMAIL}


@dataclass(frozen=True)
class Way:
    """One channel to one address. `against` says why nothing goes now; `warning` what to think of before it does."""

    channel: Channel
    address: str
    against: str = ""
    warning: str = ""
    closes_at: datetime | None = None
    needs_template: bool = False

    @property
    def icon(self):
        return CHANNEL_ICONS[self.channel]

    @property
    def label(self):
        return self.channel.label

    @property
    def shown(self):
        """The address as people write it; "" for the ids of channels that nobody reads."""
        return in_words(self.channel, self.address)

    @property
    def is_free(self):
        return not self.against and not self.needs_template

    @property
    def share_left(self):
        """How much of the 24 hours of its window is left, 0 to 1."""
        left = self.closes_at - timezone.now() if self.closes_at else None
        return max(0, min(1, left.total_seconds() / 86400)) if left else 1


def in_words(channel, address):
    """An address as people write it; "" for the ids of channels that nobody reads."""
    if channel in PHONE_CHANNELS:
        return phone(address)
    return address if channel == Channel.EMAIL else ""


def ways_to(conversation, clinic, addresses=None):
    """The ways to answer a conversation, best first: what they used last, then what they prefer, each if it is free.

    `addresses` are its ConversationAddress rows, where they are at hand.
    """
    accounts = {}
    for account in ACCOUNTS.rows():
        accounts.setdefault(account.channel, account)
    rows = ADDRESSES.rows(conversation=conversation.pk) if addresses is None else addresses
    heard = {(row.channel, row.address): row.last_inbound_at for row in rows}
    reached = [(channel, best_address(conversation, channel, rows)) for channel in WRITTEN if channel in accounts]
    reached = [(channel, address) for channel, address in reached if address]
    standing, rules = Standing(reached, for_answers=True), next(iter(SETTINGS.rows()), None) or InboxSettings()
    ways = []
    for channel, address in reached:
        permission = standing.permission(channel, address, Purpose.REPLY)
        window = window_of(channel, heard.get((channel, address)), timezone.now())
        against = _against(accounts[channel], permission, window, rules)
        warning = "" if against else _warning(channel, address, conversation, clinic, rules)
        needs = not window.is_open and window.needs == "template"
        ways.append(Way(channel, address, against, warning, window.closes_at if window.is_open else None, needs))
    return sorted(ways, key=lambda way: _rank(way, conversation))


def _rank(way, conversation):
    preferred = getattr(conversation.person, "preferred_channel", None) or PREFERRED.get(
        getattr(conversation.person, "preferred_contact", "")
    )
    return (not way.is_free, way.channel != conversation.last_channel, way.channel != preferred)


def _against(account, permission, window, rules):
    if rules.stopped_at:
        return str(REASONS["stopped"])
    if not account.may_send:
        return str(REASONS["account_blocked"])
    if permission.reason:
        return str(REASONS[permission.reason])
    if not window.is_open and window.needs == "nothing":
        return str(_("They wrote more than 7 days ago: the channel takes no answer any more. Choose another one."))
    return ""


def _warning(channel, address, conversation, clinic, rules):
    if channel not in RINGS:
        return ""
    location = conversation.location
    home = ZoneInfo(location.time_zone) if location and location.time_zone else clinic.zone
    zones = zones_of(address, home)
    if is_quiet(timezone.now(), zones, rules.quiet_from, rules.quiet_until):
        until = rules.quiet_until.strftime("%H:%M")
        return _("It is night where they are: it would ring now. Send it later, from %(time)s.") % {"time": until}
    return ""
