"""Until when one may answer freely on channels that close some time after the person's last word. Pure.

Sources: WhatsApp Business Platform, "customer service windows" (24 hours, then approved templates only); Messenger and
Instagram Platform, "standard messaging" (24 hours) and the HUMAN_AGENT tag (7 days, written by a person).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from inbox.models import Channel

DAY, WEEK = timedelta(hours=24), timedelta(days=7)
HUMAN_AGENT = "HUMAN_AGENT"
META = (Channel.FACEBOOK_MESSENGER, Channel.INSTAGRAM_DM)


@dataclass(frozen=True)
class Window:
    """`closes_at` is None for a channel that never closes; `needs` is what goes afterwards: template, person, none."""

    is_open: bool
    closes_at: datetime | None = None
    needs: str = ""
    person_until: datetime | None = None

    def tag_for(self, *, is_by_hand, has_template):
        """What the carrier is told so that a message may go: "" in an open window; None if it may not go at all."""
        if self.is_open or (self.needs == "template" and has_template):
            return ""
        return HUMAN_AGENT if self.needs == "person" and is_by_hand else None


def window_of(channel, last_inbound_at, now):
    """The window of a channel for somebody who last wrote at a moment, or never (None)."""
    if channel not in (Channel.WHATSAPP, *META):
        return Window(True)
    closes_at = last_inbound_at and last_inbound_at + DAY
    if closes_at and now < closes_at:
        return Window(True, closes_at)
    if channel == Channel.WHATSAPP:
        return Window(False, closes_at, "template")
    person_until = last_inbound_at and last_inbound_at + WEEK
    needs = "person" if person_until and now < person_until else "none"
    return Window(False, closes_at, needs, person_until)
