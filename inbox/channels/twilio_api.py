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
from inbox.carrier_errors import reason_of_twilio
from inbox.channels.contract import Accepted, CannotTell, NotSent, Unclear
from inbox.reasons import PASSING

TIMEOUT = 15  # seconds
LOOKED_THROUGH = 400  # messages to one number, newest first
SHOWS_AFTER = timedelta(seconds=20)  # until a message stands in Twilio's list
SKEW = timedelta(seconds=90)  # between their clock and ours
REST = timedelta(seconds=2)


def kept_alive():
    """A line to Twilio that stays open between the messages of one run of the sender."""
    return TwilioHttpClient(timeout=TIMEOUT)


def client_of(account, http=None):
    """Twilio's client with the credentials of an account. Raises NotSent where these are missing."""
    keys, http = account.credentials, http or kept_alive()
    try:
        client = Client(keys.get("account_sid"), keys.get("auth_token"), http_client=http)
    except TwilioException as error:
        raise NotSent("credentials", str(error)) from None
    client.api.base_url = settings.TWILIO_API_URL
    return client


def send_by_twilio(account, outgoing, *, scheme="", http=None):
    """Hand one message over; `scheme` stands before both addresses. Raises NotSent, Unclear."""
    client, template = client_of(account, http), outgoing.template
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
    message = asked(lambda: client.messages.create(**{name: value for name, value in facts.items() if value}))
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


def asked(ask):
    """Call Twilio; `ask` is the call. A refusal is NotSent; what may have been accepted all the same is Unclear."""
    try:
        return ask()
    except TwilioRestException as error:
        raise _said_no(error) from None
    except (requests.ConnectTimeout, requests.exceptions.InvalidURL) as error:
        raise NotSent("busy", type(error).__name__, is_passing=True) from None
    except requests.ConnectionError as error:
        if "NewConnectionError" in repr(error) or "NameResolutionError" in repr(error):
            raise NotSent("busy", "no connection", is_passing=True) from None
        raise Unclear(type(error).__name__) from None
    except (requests.RequestException, TwilioException, ValueError) as error:
        raise Unclear(type(error).__name__) from None


def _said_no(error):
    if error.status == 429:
        return NotSent("busy", error.msg, is_passing=True, retry_after=REST)
    if error.status >= 500:
        return Unclear(f"HTTP {error.status}")
    reason = reason_of_twilio(error.code)
    if reason == "refused" and error.status in (401, 403):
        reason = "credentials"
    pause = REST if reason == "busy" else None
    is_passing = reason in PASSING
    return NotSent(reason, f"{error.code}: {error.msg}"[:300], is_passing=is_passing, retry_after=pause)
