"""Twilio's Messages API over real HTTP: it accepts, refuses, breaks after accepting, and calls back with signatures."""

import base64
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.conf import settings
from twilio.request_validator import RequestValidator

from tests.doubles.serving import Double, Fault

ACCOUNT, AUTH_TOKEN = "AC" + "0" * 32, "auth-token-1"
PATH = re.compile(rf"/2010-04-01/Accounts/{ACCOUNT}(/Messages|/Calls)?(/[A-Z0-9a-z]+)?\.json")


@dataclass
class TwilioDouble(Double):
    """`messages` are those it has; `refused` maps numbers to the error that sending there brings."""

    messages: list = field(default_factory=list)
    calls: list = field(default_factory=list)
    refused: dict = field(default_factory=dict)
    breaks_after_accepting: int = 0  # so many messages are accepted, and the answer is a 500
    status: str = "active"

    def respond(self, asked):
        known = base64.b64encode(f"{ACCOUNT}:{AUTH_TOKEN}".encode()).decode()
        if asked.headers.get("Authorization") != f"Basic {known}":
            return 401, error(20003, "Authenticate", 401)
        place = PATH.fullmatch(asked.path)
        if place is None:
            return 404, error(20404, "The requested resource was not found", 404)
        if place[1] is None:
            return 200, {"sid": ACCOUNT, "status": self.status, "friendly_name": "Downtown"}
        if place[1] == "/Calls":
            return self._call(asked) if asked.method == "POST" else (200, {"calls": self.calls[::-1], "page": 0})
        if place[2]:
            return 200, next(each for each in self.messages if each["sid"] == place[2][1:])
        return self._create(asked) if asked.method == "POST" else (200, self._listed(asked.query))

    def _create(self, asked):
        fields = parse_qsl(asked.body.decode())
        form = dict(fields)
        if number := self.refused.get(form["To"]):
            return 400, error(number, "Unable to create record")
        message = {
            "sid": f"SM{len(self.messages) + 1:032d}",
            "account_sid": ACCOUNT,
            "to": form["To"],
            "from": form.get("From"),
            "body": form.get("Body", ""),
            "status": "queued",
            "num_segments": "1",
            "date_created": format_datetime(datetime.now(UTC)),
            "media": [value for name, value in fields if name == "MediaUrl"],
            "callback": form.get("StatusCallback", ""),
            "content": (form.get("ContentSid"), form.get("ContentVariables")),
        }
        self.messages.append(message)
        if self.breaks_after_accepting:
            self.breaks_after_accepting -= 1
            return 500, error(20500, "Internal server error", 500)
        return 201, message

    def _call(self, asked):
        fields = parse_qsl(asked.body.decode())
        form = dict(fields)
        call = {"sid": f"CA{len(self.calls) + 1:032d}", "account_sid": ACCOUNT, "status": "queued"}
        call |= {"to": form["To"], "from": form["From"], "url": form["Url"], "callback": form["StatusCallback"]}
        self.calls.append(call | {"date_created": format_datetime(datetime.now(UTC))})
        return 201, self.calls[-1]

    def fetch_media(self, browser):
        """Fetch what the last message brings from where we said, as Twilio does: [(type, bytes)]."""
        answers = [browser.get(url.removeprefix(settings.BASE_URL)) for url in self.messages[-1]["media"]]
        return [(answer.headers["Content-Type"], answer.content) for answer in answers if answer.status_code == 200]

    def _listed(self, query):
        found = [
            each
            for each in reversed(self.messages)
            if all(query.get(name.title(), each[name]) == each[name] for name in ("to", "from"))
        ]
        return {"messages": found, "page": 0, "page_size": 100, "next_page_uri": None}


def error(code, message, status=400):
    more = f"https://www.twilio.com/docs/errors/{code}"
    return {"code": code, "message": message, "status": status, "more_info": more}


def signed_post(browser, url, fields, *, auth_token=AUTH_TOKEN, signature=None):
    """One request as Twilio makes it, signed over the public address and all fields."""
    parts = urlsplit(url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    fields = {name: str(value) for name, value in fields.items()}
    signed = RequestValidator(auth_token).compute_signature(settings.BASE_URL + path, fields)
    return browser.post(
        path,
        urlencode(fields),
        content_type="application/x-www-form-urlencoded",
        HTTP_X_TWILIO_SIGNATURE=signed if signature is None else signature,
    )


def text_from(number, words, *, sid="SM" + "1" * 32, to="+13125550100", media=(), **more):
    """The fields of a message that came in; `media` are (URL, type)."""
    fields = {"MessageSid": sid, "AccountSid": ACCOUNT, "From": number, "To": to, "Body": words}
    fields |= {"SmsStatus": "received", "NumMedia": len(media), "ApiVersion": "2010-04-01"}
    for at, (url, kind) in enumerate(media):
        fields |= {f"MediaUrl{at}": url, f"MediaContentType{at}": kind}
    return fields | more


def report_about(sid, status, *, error_code="", **more):
    """The fields of a status callback."""
    fields = {"MessageSid": sid, "SmsSid": sid, "AccountSid": ACCOUNT, "MessageStatus": status, "SmsStatus": status}
    return fields | ({"ErrorCode": error_code} if error_code else {}) | more


TOO_MANY = Fault(429, error(20429, "Too Many Requests", 429))
BROKEN = Fault(500, error(20500, "Internal server error", 500))
NOT_JSON = Fault(502, b"<html>Bad gateway</html>")
CUT_OFF = Fault(cut=True)


def slow(seconds):
    return Fault(delay=seconds)
