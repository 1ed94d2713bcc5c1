"""Twilio's messages, by its own client: sent once, looked up again, and its errors in the words of the sender.

No transaction may be open around these calls. A request that certainly did not arrive, or that was refused, is NotSent;
whatever may have arrived is Unclear.
"""

import json
from datetime import timedelta
from itertools import islice

import requests
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from clinics.webhook_sources import Check
from inbox.channels.contract import Accepted, CannotTell, NotSent, Unclear

TIMEOUT = 15  # seconds
LOOKED_THROUGH = 400  # messages to one number, newest first
SHOWS_AFTER = timedelta(seconds=20)  # until a message stands in Twilio's list
SKEW = timedelta(seconds=90)  # between their clock and ours
REST = timedelta(seconds=2)

# https://www.twilio.com/docs/api/errors: their number -> (reason of ours, whether it passes by itself)
ERRORS = {
    21610: ("opted_out", False),
    63032: ("opted_out", False),
    21211: ("bad_address", False),
    21217: ("bad_address", False),
    21614: ("not_reachable", False),
    21635: ("not_reachable", False),
    30006: ("not_reachable", False),
    30005: ("not_reachable", False),
    63003: ("not_reachable", False),
    30003: ("handset_off", True),
    30004: ("blocked_by_person", False),
    30007: ("filtered", False),
    30008: ("carrier_error", True),
    30001: ("busy", True),
    21611: ("busy", True),
    20429: ("busy", True),
    30022: ("busy", True),
    63018: ("busy", True),
    14107: ("busy", True),
    30034: ("not_registered", False),
    30036: ("too_late", False),
    21408: ("region_closed", False),
    21606: ("bad_sender", False),
    21612: ("bad_sender", False),
    21659: ("bad_sender", False),
    63007: ("bad_sender", False),
    63016: ("window_closed", False),
    21617: ("too_long", False),
    21620: ("bad_file", False),
    11200: ("bad_file", False),
    63005: ("rejected", False),
    20003: ("bad_credentials", False),
    20404: ("bad_credentials", False),
    20005: ("account_suspended", False),
    90010: ("account_suspended", False),
    30002: ("account_suspended", False),
}
# Reasons that are about the account: as long as nobody mends it, nothing goes.
OF_ACCOUNT = {"bad_credentials", "account_suspended", "bad_sender", "not_registered"}


def client_of(account):
    """Twilio's client with the credentials of an account. Raises NotSent where these are missing."""
    keys = account.credentials
    try:
        http = TwilioHttpClient(timeout=TIMEOUT)
        client = Client(keys.get("account_sid"), keys.get("auth_token"), http_client=http)
    except TwilioException as error:
        raise NotSent("bad_credentials", str(error)) from None
    client.api.base_url = settings.TWILIO_API_URL
    return client


def send_by_twilio(account, outgoing, *, scheme=""):
    """Hand one message over; `scheme` stands before both addresses. Raises NotSent, Unclear."""
    client, template = client_of(account), outgoing.template
    facts = {
        "to": scheme + outgoing.to_address,
        "from_": scheme + outgoing.from_address,
        "status_callback": outgoing.report_url or None,
        "media_url": [each.url for each in outgoing.enclosures] or None,
    }
    if template:
        facts |= {"content_sid": template["id"], "content_variables": variables_of(template)}
    else:
        facts["body"] = outgoing.text
    if service := account.settings.get("messaging_service"):
        facts |= {"messaging_service_sid": service}
    message = _asked(lambda: client.messages.create(**{name: value for name, value in facts.items() if value}))
    return Accepted(message.sid, message.status or "", int(message.num_segments or 0))


def variables_of(template):
    """The values of a template as Twilio takes them: a JSON object by number, from "1" on; "" where it has none."""
    values = template.get("values") or {}
    by_number = values if isinstance(values, dict) else {str(at): value for at, value in enumerate(values, 1)}
    return json.dumps({str(name): str(value) for name, value in by_number.items()}) if by_number else ""


def look_up_at_twilio(account, outgoing, *, since, scheme=""):
    """The message in Twilio's list: to this number, with these words, made since then; None if it never arrived.

    Raises Unclear while it may not stand there yet, CannotTell when the list is too long to be looked through.
    """
    client = client_of(account)
    to, sender = scheme + outgoing.to_address, scheme + outgoing.from_address
    words = " ".join(outgoing.text.split())
    try:
        listed = list(islice(client.messages.stream(to=to, from_=sender, page_size=100), LOOKED_THROUGH))
    except (TwilioException, requests.RequestException, ValueError) as error:
        raise Unclear(str(error)[:200]) from None
    recent = [each for each in listed if not each.date_created or each.date_created >= since - SKEW]
    for message in recent:
        if outgoing.template or " ".join((message.body or "").split()) == words:
            return Accepted(message.sid, message.status or "", int(message.num_segments or 0))
    if len(recent) == LOOKED_THROUGH:
        raise CannotTell
    if timezone.now() < since + SHOWS_AFTER:
        raise Unclear("too early to tell")
    return None


def check_twilio(account, *, connection):
    """Whether the credentials are good, and the number is of this account; a list of Check."""
    keys = account.credentials
    checks = [
        Check(
            _("There are an account SID and an auth token."),
            bool(keys.get("account_sid") and keys.get("auth_token")),
            _("Both stand on the first page of the Twilio console."),
        )
    ]
    if not checks[0].passed:
        return checks
    client = client_of(account)
    try:
        owner = client.api.v2010.accounts(keys["account_sid"]).fetch()
    except TwilioRestException as error:
        advice = _("Twilio says: %s") % error.msg
        return [*checks, Check(_("Twilio accepts the credentials."), False, advice)]
    except (TwilioException, requests.RequestException, ValueError) as error:
        advice = _("Twilio did not answer (%s). Try again in a minute.") % type(error).__name__
        return [*checks, Check(_("Twilio accepts the credentials."), False, advice)]
    is_open = owner.status == "active"
    checks.append(Check(_("Twilio accepts the credentials."), True))
    checks.append(Check(_("The account at Twilio is active."), is_open, _("It is %s there.") % owner.status))
    return [*checks, *check_address(connection)]


def check_address(connection):
    """Whether a carrier can reach us and has done so; a list of Check."""
    refused = _("What came was refused: look whether the keys are those of the account.")
    silent = _("Nothing has come yet. Paste the address at the carrier, then write to the account once.")
    return [
        Check(
            _("The address can be reached from outside."),
            settings.BASE_URL.startswith("https://"),
            _("BASE_URL must be the https address that people use."),
        ),
        Check(
            _("The carrier has told something with the right signature."),
            connection is not None and connection.last_received_at is not None,
            refused if connection is not None and connection.refused_count else silent,
        ),
    ]


def reason_of(code):
    """(reason of ours, whether it passes) for one of Twilio's error numbers, as it stands in a report or an answer."""
    number = int(code) if str(code or "").isdigit() else 0
    return ERRORS.get(number, ("refused", False))


def _asked(ask):
    """Call Twilio. A refusal is NotSent; what may have been accepted all the same is Unclear."""
    try:
        return ask()
    except TwilioRestException as error:
        raise _said_no(error) from None
    except (requests.ConnectTimeout, requests.exceptions.InvalidURL) as error:
        raise NotSent("carrier_away", type(error).__name__, is_passing=True) from None
    except requests.ConnectionError as error:
        if "NewConnectionError" in repr(error) or "NameResolutionError" in repr(error):
            raise NotSent("carrier_away", "no connection", is_passing=True) from None
        raise Unclear(type(error).__name__) from None
    except (requests.RequestException, TwilioException, ValueError) as error:
        raise Unclear(type(error).__name__) from None


def _said_no(error):
    if error.status == 429:
        return NotSent("busy", error.msg, is_passing=True, retry_after=REST)
    if error.status >= 500:
        return Unclear(f"HTTP {error.status}")
    reason, is_passing = reason_of(error.code)
    if reason == "refused" and error.status in (401, 403):
        reason = "bad_credentials"
    pause = REST if reason == "busy" else None
    return NotSent(reason, f"{error.code}: {error.msg}"[:300], is_passing=is_passing, retry_after=pause)
