"""A conversation as a whole, to be printed or taken along: every message and note in the order of time."""

from django.utils.translation import gettext_lazy as _

HEADER = (_("When"), _("Channel"), _("Direction"), _("Who"), _("Their address"), _("Subject"), _("Text"), _("Status"))
AT_MOST = 5000
PLAIN = ("id", "channel", "direction", "kind", "address", "subject", "text", "happened_at", "is_automatic", "status")


def everything_said(conversation):
    """The newest messages of a conversation, a few thousand at most, oldest first. Notes of staff are left out."""
    return list(conversation.messages.for_thread()[:AT_MOST])[::-1]


def lines_of(conversation):
    """The lines of the file, asked for when it is written."""
    rows = conversation.messages.select_related("by__user").order_by("happened_at", "pk")
    for row in rows.order_by("happened_at", "pk").iterator(chunk_size=500):
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


def as_facts(conversation):
    """A conversation as plain facts for another program: whom it is with, and every message, oldest first."""
    rows = conversation.messages.select_related("by__user").prefetch_related("attachments")
    return {
        "id": conversation.pk,
        "with": str(conversation),
        "patient": conversation.patient_id,
        "lead": conversation.lead_id,
        "status": conversation.status,
        "channels": conversation.channels,
        "addresses": list(conversation.addresses.order_by("channel", "address").values("channel", "address")),
        "messages": [_facts_of(row) for row in rows.order_by("happened_at", "pk").iterator(chunk_size=500)],
    }


def _facts_of(row):
    files = [
        {"name": each.name, "type": each.content_type, "bytes": each.size_bytes}
        for each in row.attachments.all()
        if each.deleted_at is None
    ]
    who = None if row.is_inbound or row.by is None else row.by.display_name
    return {name: getattr(row, name) for name in PLAIN} | {"by": who, "files": files}
