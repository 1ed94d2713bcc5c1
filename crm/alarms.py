"""Telling somebody in charge that nobody takes care of a lead: by the clock of new leads, or by a follow-up rule.

Both may find the same silence. Whoever hears of both finds one notice: the later alarm takes the place of an unread
earlier one.
"""

from clinics.notifications import notify_instead

BY_CLOCK, BY_RULE = "escalation", "lead_escalated"


def raise_alarm(member, kind, text, lead):
    """Leave `text` (in the member's language) about a lead in a member's bell, once however many alarms there are."""
    return notify_instead(member, kind, text, instead_of=(BY_CLOCK, BY_RULE), url=lead.get_absolute_url())
