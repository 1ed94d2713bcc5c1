"""The Graph API of Meta, as far as lead ads need it: a lead by its id, the forms of a page, the leads of a form.

No transaction may be open around these calls. Tokens travel in a header, never in an address, which logs would keep.
"""

import hashlib
import hmac

import httpx
from django.conf import settings
from django.utils.translation import gettext as _

TIMEOUT = httpx.Timeout(10.0, connect=5.0)  # seconds
LEAD_FIELDS = (
    "id,created_time,ad_id,ad_name,adset_id,adset_name,campaign_id,campaign_name,form_id,platform,is_organic,field_data"
)
PAGES_AT_MOST = 200  # of a list that is followed; 100 entries each
TOKEN_CODES = {102, 190, 463, 467}
BUSY_CODES = {4, 17, 32, 613, *range(80000, 80015)}
BRIEF_CODES = {1, 2}


class GraphError(Exception):
    """The Graph API said no, or nothing. The text is for clinic admins; `code` is Meta's, 0 when there was none."""

    def __init__(self, text, code=0):
        super().__init__(text)
        self.code = code


class TokenRefused(GraphError):
    """The page token has run out, was withdrawn, or may not do this: only a person can help."""


class GraphBusy(GraphError):
    """Too many calls for now."""


class GraphAway(GraphError):
    """No answer, or an answer that says nothing: it may work in a minute."""


class NotThere(GraphError):
    """What was asked for is not there, or not for this token."""


class Graph:
    """Calls as one page: `token` is its page token, `app_secret` proves that they come from the app it was made for."""

    def __init__(self, token, app_secret=""):
        self.headers = {"Authorization": f"Bearer {token}"}
        proof = hmac.new(app_secret.encode(), token.encode(), hashlib.sha256).hexdigest() if app_secret else ""
        self.always = {"appsecret_proof": proof} if proof else {}

    def lead(self, lead_id):
        """One lead with the answers to its form."""
        return self._get(lead_id, fields=LEAD_FIELDS)

    def page(self, page_id):
        return self._get(page_id, fields="id,name")

    def subscriptions(self, page_id):
        """The names of what the page tells our app of, "leadgen" among them."""
        apps = self._get(f"{page_id}/subscribed_apps", fields="id,subscribed_fields").get("data", [])
        return {field for app in apps for field in app.get("subscribed_fields", [])}

    def forms(self, page_id):
        """Every lead form of a page, one after the other."""
        return self._all(f"{page_id}/leadgen_forms", fields="id,name,status")

    def leads_since(self, form_id, moment):
        """The leads of a form that came after `moment`, their ids and times."""
        after = f'[{{"field":"time_created","operator":"GREATER_THAN","value":{int(moment.timestamp())}}}]'
        return self._all(f"{form_id}/leads", fields="id,created_time", filtering=after)

    def _all(self, path, **parameters):
        cursor = ""
        for _page in range(PAGES_AT_MOST):
            answer = self._get(path, limit=100, **parameters | ({"after": cursor} if cursor else {}))
            yield from answer.get("data", [])
            paging = answer.get("paging") or {}
            cursor = (paging.get("cursors") or {}).get("after")
            if not cursor or "next" not in paging:
                return

    def _get(self, path, **parameters):
        url = f"{settings.GRAPH_API_URL.rstrip('/')}/{path}"
        try:
            answer = httpx.get(url, params=parameters | self.always, headers=self.headers, timeout=TIMEOUT)
            said = answer.json()
        except httpx.HTTPError:
            raise GraphAway(_("Meta did not answer.")) from None
        except ValueError:
            raise GraphAway(_("Meta answered something that cannot be read.")) from None
        if answer.is_success and isinstance(said, dict):
            return said
        raise _error(answer.status_code, said.get("error") if isinstance(said, dict) else None)


def _error(status, error):
    """Meta's error as one of ours, its own words at the end for whoever looks it up."""
    error = error if isinstance(error, dict) else {}
    code, words = error.get("code", 0), str(error.get("message", ""))[:120]
    if code in TOKEN_CODES:
        return TokenRefused(_("Meta no longer accepts the page token. Put in a new one. (%s)") % words, code)
    if code == 10 or 200 <= code < 300:
        return TokenRefused(_("The page token may not read leads: it needs leads_retrieval. (%s)") % words, code)
    if code in BUSY_CODES or status == 429:
        return GraphBusy(_("Meta asks to wait: too many calls. (%s)") % words, code)
    if code in BRIEF_CODES or status >= 500:
        return GraphAway(_("Meta has a problem of its own at the moment. (%s)") % words, code)
    return NotThere(_("Meta does not know it, or does not show it to this page token. (%s)") % words, code)
