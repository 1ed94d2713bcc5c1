"""What mail services tell of letters of ours, in the sender's words."""

from inbox.models import MessageStatus
from inbox.reporting import Report

KNOWN_EVENTS = {
    "sent": (MessageStatus.SENT, ""),
    "delivered": (MessageStatus.DELIVERED, ""),
    "bounced": (MessageStatus.FAILED, "bounced"),
    "rejected": (MessageStatus.FAILED, "refused"),
    "failed": (MessageStatus.FAILED, "not_delivered"),
    "complained": (MessageStatus.FAILED, "complaint"),
    "unsubscribed": (MessageStatus.DELIVERED, ""),
}


def report_in(event):
    """What an event (WebhookLog) says of a letter, as a Report."""
    said = event.payload
    status, reason = KNOWN_EVENTS[said["event"]]
    if said["event"] == "bounced" and said["reason"] in ("blocked", "spam"):
        reason = "blocked_by_carrier"
    return Report(
        external_id=said["id"],
        status=status,
        word=said["event"],
        reason=reason,
        detail=said["words"],
        key=said["key"],
        told_at=event.created_at,
        payload={"recipient": said["recipient"]},
    )
