"""How a message shows outside of its conversation: as a line of a list, and as an entry of a lead's timeline."""

from crm.models import ActivityType
from inbox.models import Channel

LONGEST = 160
_KINDS = {Channel.EMAIL: ActivityType.EMAIL, Channel.VOICE: ActivityType.PHONE_CALL}


def preview_of(message):
    """The line of a list that tells what a message says."""
    words = " ".join((message.text or message.subject).split())
    return words[:LONGEST] or str(message.get_kind_display())


def activity_type_of(message):
    """The ActivityType under which a message stands on the page of a lead."""
    return _KINDS.get(message.channel, ActivityType.SMS)
