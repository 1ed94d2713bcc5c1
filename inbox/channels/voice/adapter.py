"""A phone line calls whoever pressed the button; what it puts them through to, it asks when they have picked up."""

from itertools import islice

import requests
from django.utils import timezone
from twilio.base.exceptions import TwilioException

from inbox.channels.contract import Accepted, Adapter, NotSent, Unclear
from inbox.channels.twilio_api import SHOWS_AFTER, SKEW, asked, check_twilio, client_of

RING_SECONDS = 25
LOOKED_THROUGH = 20


class VoiceAdapter(Adapter):
    can_look_up = True

    def send(self, account, outgoing):
        if not outgoing.rings or not outgoing.report_url:
            raise NotSent("unreachable", "a call is made by a person")
        client = client_of(account)
        call = asked(
            lambda: client.calls.create(
                to=outgoing.rings,
                from_=outgoing.from_address,
                url=outgoing.report_url,
                status_callback=outgoing.report_url,
                status_callback_event=["completed"],
                timeout=RING_SECONDS,
            )
        )
        return Accepted(call.sid, call.status or "")

    def look_up(self, account, outgoing, *, since):
        """The newest call to the member's phone since then; None if there was none. Raises Unclear."""
        client = client_of(account)
        try:
            calls = client.calls.stream(to=outgoing.rings, from_=outgoing.from_address, page_size=LOOKED_THROUGH)
            for call in islice(calls, LOOKED_THROUGH):
                if not call.date_created or call.date_created >= since - SKEW:
                    return Accepted(call.sid, call.status or "")
        except (TwilioException, requests.RequestException, ValueError) as error:
            raise Unclear(str(error)[:200]) from None
        if timezone.now() < since + SHOWS_AFTER:
            raise Unclear("too early to tell")
        return None

    def check(self, account):
        return check_twilio(account, connection=account.connection)
