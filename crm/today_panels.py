"""Panels that rooms add to the page of the day. Each takes (member, everybody) and returns {"template", …} or None."""

from crm.models import Lead

SHOWN = 5


def waiting_for_an_answer(member, everybody):
    """Leads who have written something that nobody has read, as their own counter tells."""
    unread = Lead.objects.unread() if everybody else Lead.objects.unread().owned_by(member)
    leads = list(unread.order_by("-captured_at")[: SHOWN + 1])
    if not leads:
        return None
    return {"template": "crm/today/_unread.html", "leads": leads[:SHOWN], "is_more": len(leads) > SHOWN}
