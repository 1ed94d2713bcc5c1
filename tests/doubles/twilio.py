"""Twilio as it calls us about a call: requests signed over the public address and all fields."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings
from twilio.request_validator import RequestValidator

ACCOUNT = "AC" + "0" * 32
OUR_NUMBER = "+13125550100"


@dataclass
class Call:
    """One call to the clinic's number; each method is one request that Twilio makes about it, and its answer."""

    browser: object
    path: str
    sid: str = "CA" + "1" * 32
    caller: str = "+13125550147"
    auth_token: str = "auth-token-1"

    def rings(self):
        return self.post(CallStatus="ringing")

    def of_desk(self, status, seconds=None):
        """What became of the line that was put through to the desk."""
        return self.post(
            CallStatus="in-progress",
            DialCallStatus=status,
            **({} if seconds is None else {"DialCallDuration": seconds}),
        )

    def ends(self, status="completed", seconds=30):
        return self.post(
            CallStatus=status, CallDuration=seconds, SequenceNumber=0, CallbackSource="call-progress-events"
        )

    def post(self, *, signature=None, **facts):
        fields = {
            "AccountSid": ACCOUNT,
            "ApiVersion": "2010-04-01",
            "CallSid": self.sid,
            "From": self.caller,
            "To": OUR_NUMBER,
            "Direction": "inbound",
            "FromCity": "CHICAGO",
            "FromState": "IL",
            **{name: str(value) for name, value in facts.items()},
        }
        signed = RequestValidator(self.auth_token).compute_signature(settings.BASE_URL + self.path, fields)
        return self.browser.post(
            self.path,
            urlencode(fields),
            content_type="application/x-www-form-urlencoded",
            HTTP_X_TWILIO_SIGNATURE=signed if signature is None else signature,
        )
