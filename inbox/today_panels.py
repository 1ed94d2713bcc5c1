"""Panels that the inbox adds to the page of the day: each takes (member, everybody), and may have nothing to say."""

from django.utils import timezone

from clinics.access import may
from inbox.models import UnifiedConversation

SHOWN = 5


def waiting_conversations(member, everybody):
    """The conversations of a member, or of all, that wait for an answer or were not read; who waits longest first."""
    if not may(member, "inbox:read"):
        return None
    now = timezone.now()
    rows = UnifiedConversation.objects.awake(now).needing_somebody().longest_waiting_first()
    found = list((rows if everybody else rows.filter(assigned_to=member))[: SHOWN + 1])
    if not found:
        return None
    return {
        "template": "inbox/_today.html",
        "conversations": found[:SHOWN],
        "is_more": len(found) > SHOWN,
        "box": "waiting" if everybody else "mine",
        "now": now,
    }
