"""Naming a browser in words that its owner recognises: "Firefox on Windows"."""

import re
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

# The first that is found counts: browsers claim to be each other, the newer ones all the older ones.
BROWSERS = [("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari")]
SYSTEMS = [
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
]


@dataclass(frozen=True)
class Seat:
    """One place where somebody is signed in."""

    pk: int
    browser: str
    ip_address: str
    created_at: datetime
    last_seen_at: datetime
    is_current: bool


def browser_name(user_agent):
    """The name of a browser and its system, from what it says about itself."""
    browser = _first(BROWSERS, user_agent) or _("A browser")
    system = _first(SYSTEMS, user_agent)
    return _("%(browser)s on %(system)s") % {"browser": browser, "system": system} if system else browser


def describe(session, request):
    """A row of the list of one's own sessions."""
    return Seat(
        pk=session.pk,
        browser=browser_name(session.user_agent),
        ip_address=session.ip,
        created_at=session.created_at,
        last_seen_at=session.last_seen_at,
        is_current=session.session_key == request.session.session_key,
    )


def _first(names, user_agent):
    return next((name for sign, name in names if re.search(rf"\b{sign}", user_agent)), "")
