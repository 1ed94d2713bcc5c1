"""Meta's Graph API as lead ads see it: pages, forms, leads in pages of two, tokens, and its errors."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tests.doubles.serving import Double, Fault

PAGE_ID, FORM_ID, TOKEN = "112464600187556", "1616801872291121", "page-token-1"
PAGE_SIZE = 2


@dataclass
class GraphDouble(Double):
    tokens: set = field(default_factory=lambda: {TOKEN})
    leads: dict = field(default_factory=dict)
    forms: dict = field(default_factory=lambda: {FORM_ID: "Free consultation"})
    subscribed: list = field(default_factory=lambda: ["leadgen"])

    def add_lead(self, lead_id, *, created=None, form_id=FORM_ID, **facts):
        """A lead of a form: `facts` are fields of the lead beside its answers, `field_data` the answers."""
        created = (created or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%S+0000")
        answers = facts.pop("answers", {"full_name": "Ana Lopez", "email": f"ana{lead_id}@example.com"})
        self.leads[lead_id] = {
            "id": lead_id,
            "created_time": created,
            "form_id": form_id,
            "field_data": [{"name": name, "values": [value]} for name, value in answers.items()],
            **facts,
        }

    def respond(self, asked):
        token = asked.headers.get("Authorization", "").removeprefix("Bearer ")
        if token not in self.tokens:
            return 400, error(190, "Error validating access token: Session has expired.", subcode=463)
        node, _slash, edge = asked.path.strip("/").partition("/")
        if node == PAGE_ID:
            return 200, self._of_page(edge)
        if node in self.forms and edge == "leads":
            return 200, self._leads_of(node, asked.query)
        if node in self.leads:
            return 200, self.leads[node]
        return 400, error(100, f"Unsupported get request. Object with ID '{node}' does not exist.", subcode=33)

    def _of_page(self, edge):
        if edge == "leadgen_forms":
            return {"data": [{"id": form, "name": name, "status": "ACTIVE"} for form, name in self.forms.items()]}
        if edge == "subscribed_apps":
            return {"data": [{"id": "1", "subscribed_fields": self.subscribed}]}
        return {"id": PAGE_ID, "name": "Downtown Orthodontics"}

    def _leads_of(self, form_id, query):
        since = int(re.search(r'"value":(\d+)', query["filtering"])[1])
        found = [lead for lead in self.leads.values() if lead["form_id"] == form_id and _time(lead) > since]
        start = int(query.get("after", 0))
        rows = [{name: lead[name] for name in ("id", "created_time")} for lead in found[start : start + PAGE_SIZE]]
        paging = {"cursors": {"after": str(start + PAGE_SIZE)}}
        if start + PAGE_SIZE < len(found):
            paging["next"] = f"{self.url}/{form_id}/leads?after={start + PAGE_SIZE}"
        return {"data": rows, "paging": paging}


def error(code, message, *, subcode=None):
    return {"error": {"message": message, "type": "OAuthException", "code": code, "error_subcode": subcode}}


TOO_MANY_CALLS = Fault(400, error(4, "Application request limit reached"))
TOKEN_EXPIRED = Fault(400, error(190, "Error validating access token", subcode=463))
NO_PERMISSION = Fault(403, error(200, "Requires leads_retrieval permission"))
BROKEN = Fault(500, error(2, "Service temporarily unavailable"))
NOT_JSON = Fault(502, b"<html>Bad gateway</html>")
CUT_OFF = Fault(cut=True)


def _time(lead):
    return datetime.strptime(lead["created_time"], "%Y-%m-%dT%H:%M:%S%z").timestamp()
