"""A conversation as a whole, to be printed or taken along: every message and note in the order of time."""

from django.utils.translation import gettext_lazy as _

HEADER = (_("When"), _("Channel"), _("Direction"), _("Who"), _("Their address"), _("Subject"), _("Text"), _("Status"))
AT_MOST = 5000


def everything_said(conversation):
    """The newest messages of a conversation, a few thousand at most, oldest first. Notes of staff are left out."""
    return list(conversation.messages.for_thread()[:AT_MOST])[::-1]


def lines_of(conversation):
    """The lines of the file, asked for when it is written."""
    rows = conversation.messages.select_related("by__user").order_by("happened_at", "pk")
    for row in rows.iterator(chunk_size=500):
        who = conversation if row.is_inbound else row.by or _("Sent by itself")
        yield [
            row.happened_at,
            row.get_channel_display(),
            row.get_direction_display(),
            str(who),
            row.address,
            row.subject,
            row.text or row.get_kind_display(),
            row.get_status_display(),
        ]
