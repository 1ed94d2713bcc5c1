"""Messages of a page by Meta's Graph API: sent once, its errors in the words of the sender, and when its access ends.

Sources: developers.facebook.com/docs/messenger-platform/reference/send-api, .../instagram-platform/instagram-api,
.../graph-api/reference/debug_token. No transaction may be open around these calls.
"""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import httpx
from django.conf import settings
from django.utils.translation import gettext as _

from clinics.tenancy import clinic_scope
from clinics.webhook_sources import Check
from inbox.carrier_errors import META, reason_of_meta
from inbox.channels.contract import Accepted, NotSent, Unclear
from inbox.channels.twilio_api import check_address
from inbox.models import ChannelAccount
from inbox.reasons import PASSING

TIMEOUT = httpx.Timeout(15.0, connect=5.0)  # seconds
REST = timedelta(seconds=30)
LONGEST = {"FACEBOOK_MESSENGER": 2000, "INSTAGRAM_DM": 1000}  # characters of a message


def send_by_meta(account, outgoing):
    """Hand one message over. Files go as links within the text, so that a message goes whole or not at all."""
    text = "\n".join(filter(None, [outgoing.text, *(each.url for each in outgoing.enclosures)]))
    if len(text) > LONGEST[account.channel]:
        raise NotSent("too_long", f"{len(text)} characters")
    said = {"recipient": {"id": outgoing.to_address}, "message": {"text": text}, "messaging_type": "RESPONSE"}
    if outgoing.tag:
        said |= {"messaging_type": "MESSAGE_TAG", "tag": outgoing.tag}
    answer = _post(account, f"{page_of(account)}/messages", said)
    if not answer.get("message_id"):
        raise Unclear("no message_id in the answer")
    return Accepted(answer["message_id"], "sent")


def page_of(account):
    """The page by which an account speaks; a page's account is its own."""
    return account.settings.get("page_id") or account.address


def check_meta(account):
    """Whether Meta knows the page and accepts the token, and until when; a list of Check."""
    text = _("Meta knows the page and accepts the token.")
    try:
        page = _get(account, page_of(account), fields="id,name")
    except NotSent as refused:
        return [Check(text, False, refused.detail)]
    except Unclear as error:
        return [Check(text, False, _("Meta did not answer (%s). Try again in a minute.") % error)]
    ends = note_end_of_access(account)
    lasts = Check(
        _("The access lasts."),
        ends is None or ends > datetime.now(UTC) + timedelta(days=7),
        _("Put in a new token, best one of a system user, which does not run out."),
    )
    return [Check(f"{text} ({page.get('name', '')})", True), lasts, *check_address(account.connection)]


def note_end_of_access(account):
    """Ask Meta until when a token is good and keep that; returns the time, or None for one without an end."""
    try:
        data = _get(account, "debug_token", input_token=account.credentials["page_token"]).get("data") or {}
    except (NotSent, Unclear):
        return account.token_expires_at
    seconds = data.get("expires_at") or data.get("data_access_expires_at") or 0
    ends = datetime.fromtimestamp(seconds, UTC) if seconds else None
    with clinic_scope(account.clinic_id):
        ChannelAccount.objects.filter(pk=account.pk).update(token_expires_at=ends)
    return ends


def _get(account, path, **parameters):
    return _asked("GET", account, path, params=parameters)


def _post(account, path, said):
    return _asked("POST", account, path, json=said)


def _asked(method, account, path, *, params=None, **sent):
    """One call. A refusal is NotSent; what may have been accepted all the same is Unclear."""
    token, secret = account.credentials.get("page_token", ""), account.credentials.get("app_secret", "")
    proof = hmac.new(secret.encode(), token.encode(), hashlib.sha256).hexdigest()
    url, headers = f"{settings.GRAPH_API_URL.rstrip('/')}/{path}", {"Authorization": f"Bearer {token}"}
    query = (params or {}) | {"appsecret_proof": proof}
    try:
        answer = httpx.request(method, url, params=query, headers=headers, timeout=TIMEOUT, **sent)
        said = answer.json()
    except (httpx.ConnectError, httpx.ConnectTimeout):
        raise NotSent("busy", "no connection", is_passing=True) from None
    except (httpx.HTTPError, ValueError) as error:
        raise Unclear(type(error).__name__) from None
    if answer.is_success and isinstance(said, dict):
        return said
    raise _said_no(answer.status_code, said.get("error") if isinstance(said, dict) else None)


def _said_no(status, error):
    error = error if isinstance(error, dict) else {}
    code, subcode = str(error.get("code", "")), str(error.get("error_subcode", ""))
    if status >= 500 or code in ("1", "2"):
        return Unclear(f"HTTP {status}")
    reason = reason_of_meta(subcode if subcode in META else code)
    is_passing = reason in PASSING or status == 429
    detail = f"{code} {error.get('message', '')}"[:300]
    return NotSent(reason, detail, is_passing=is_passing, retry_after=REST if is_passing else None)
