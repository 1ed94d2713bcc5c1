"""A FHIR R4 server as EPIC, CERNER and ATHENA run one: login, search in pages, bulk export, booking, and its faults.

`fail(...)` lets the next requests go wrong; the fields of the double say what else is crooked.
"""

import json
from dataclasses import dataclass, field
from urllib.parse import urlencode
from uuid import uuid4

from tests.doubles.fhir_login import TokenDesk
from tests.doubles.fhir_store import Store, identifiers_of, patched
from tests.doubles.serving import Double, Fault

FHIR = {"Content-Type": "application/fhir+json"}
R4 = "4.0.1"


@dataclass
class FhirDouble(Double):
    desk: TokenDesk = field(default_factory=lambda: TokenDesk(jwks=lambda: {"keys": []}))
    store: Store = field(default_factory=Store)
    page_size: int = 2
    version: str = R4
    knows_smart: bool = True
    knows_bulk: bool = True
    remembers_gone: bool = True  # what was deleted is told from what never was
    unlisted: set = field(default_factory=set)  # types that are searched for one patient only
    polls: int = 1  # how often an export is not ready yet
    warnings: list = field(default_factory=list)  # OperationOutcomes that stand inside the next bundles
    foreign_next: str = ""  # a host that `next` links lead to
    cut_files: int = 0  # so many bulk files break off in the middle of a line
    pages: dict = field(default_factory=dict)
    exports: dict = field(default_factory=dict)
    patched_with: list = field(default_factory=list)

    def respond(self, asked):
        path = asked.path.strip("/")
        if path == ".well-known/smart-configuration":
            return (200, {"token_endpoint": f"{self.url}/token"}) if self.knows_smart else (404, {})
        if path == "metadata":
            return 200, self._capability(), FHIR
        if path == "token":
            return self.desk.give(asked, f"{self.url}/token")
        if not self.desk.knows(asked):
            return 401, outcome("login", "The access token has expired."), {"WWW-Authenticate": "Bearer"} | FHIR
        if path == "" and "page" in asked.query:
            return 200, self._page(asked.query["page"], int(asked.query["offset"])), FHIR
        if path.startswith(("$export", "Patient/$export", "bulk/")):
            return self._bulk(asked, path)
        kind, _slash, row_id = path.partition("/")
        act = {"GET": self._read, "POST": self._create, "PATCH": self._patch}.get(asked.method)
        return act(asked, kind, row_id) if act else (405, outcome("not-supported", "Not here."), FHIR)

    def notification(self, *focus, number=1, kind="event-notification", subscription="77"):
        """What a subscription posts to us (R4 backport) about some "Type/id", as a JSON text."""
        events = [
            {
                "name": "notification-event",
                "part": [
                    {"name": "event-number", "valueString": str(number + place)},
                    {"name": "focus", "valueReference": {"reference": f"{self.url}/{reference}"}},
                ],
            }
            for place, reference in enumerate(focus)
        ]
        status = {
            "resourceType": "Parameters",
            "parameter": [
                {"name": "subscription", "valueReference": {"reference": f"{self.url}/Subscription/{subscription}"}},
                {"name": "type", "valueCode": kind},
                *events,
            ],
        }
        return json.dumps({"resourceType": "Bundle", "type": "history", "entry": [{"resource": status}]})

    def _capability(self):
        security = {"service": [{"coding": [{"code": "SMART-on-FHIR"}]}]}
        kinds = [{"type": name} for name in ("Patient", "Encounter", "Appointment", "Practitioner", "Location")]
        rest = [{"mode": "server", "security": security, "resource": kinds}]
        return {"resourceType": "CapabilityStatement", "fhirVersion": self.version, "rest": rest}

    def _read(self, asked, kind, row_id):
        if not row_id and kind in self.unlisted:
            return 400, outcome("required", "Name a patient."), FHIR
        if not row_id:
            key = uuid4().hex
            self.pages[key] = shortened(self.store.search(kind, asked.query), asked.query)
            return 200, self._page(key, 0), FHIR
        if (kind, row_id) in self.store.gone and self.remembers_gone:
            return 410, outcome("deleted", "It was deleted."), FHIR
        row = self.store.get(kind, row_id)
        return (200, row, told_of(row)) if row else (404, outcome("not-found", "Not known."), FHIR)

    def _page(self, key, offset):
        """One page of what was found when the search began, whatever has changed since."""
        found, end = self.pages[key], offset + self.page_size
        entries = [
            {"fullUrl": f"{self.url}/{row['resourceType']}/{row['id']}", "resource": row, "search": {"mode": "match"}}
            for row in found[offset:end]
        ]
        entries += [{"resource": self.warnings.pop(), "search": {"mode": "outcome"}} for _each in self.warnings[:1]]
        links = [{"relation": "self", "url": self.url}]
        if end < len(found):
            host = self.foreign_next or self.url
            links.append({"relation": "next", "url": f"{host}/?{urlencode({'page': key, 'offset': end})}"})
        return {"resourceType": "Bundle", "type": "searchset", "total": len(found), "link": links, "entry": entries}

    def _create(self, asked, kind, _row_id):
        resource = json.loads(asked.body)
        condition = asked.headers.get("If-None-Exist", "")
        wanted = condition.removeprefix("identifier=").replace("%7C", "|").replace("%3A", ":").replace("%2F", "/")
        for row in self.store.of(kind) if condition else ():
            if wanted in identifiers_of(row):
                return 200, row, told_of(row)
        row = self.store.put(resource | {"id": uuid4().hex[:12]})
        return 201, row, told_of(row)

    def _patch(self, asked, kind, row_id):
        row = self.store.get(kind, row_id)
        if row is None:
            return 404, outcome("not-found", "Not known."), FHIR
        if asked.headers.get("If-Match") not in (None, f'W/"{row["meta"]["versionId"]}"'):
            return 412, outcome("conflict", "Somebody changed it meanwhile."), FHIR
        try:
            row = patched(row, json.loads(asked.body))
        except (KeyError, IndexError, ValueError) as error:
            return 422, outcome("processing", f"The patch does not fit: {error}"), FHIR
        self.patched_with.append(json.loads(asked.body))
        row = self.store.put(row)
        return 200, row, told_of(row)

    def _bulk(self, asked, path):
        if not self.knows_bulk:
            return 404, outcome("not-supported", "No bulk export here."), FHIR
        if path.endswith("$export"):
            number = str(len(self.exports) + 1)
            kinds = asked.query.get("_type", "Patient").split(",")
            self.exports[number] = {"polls": self.polls, "kinds": kinds, "asked": asked.query}
            return 202, b"", {"Content-Location": f"{self.url}/bulk/{number}"}
        _bulk, number, *rest = path.split("/")
        export = self.exports[number]
        if asked.method == "DELETE":
            export["is_deleted"] = True
            return 202, b""
        if rest:
            return 200, self._file(rest[0].removesuffix(".ndjson")), {"Content-Type": "application/fhir+ndjson"}
        if export["polls"]:
            export["polls"] -= 1
            return 202, b"", {"Retry-After": "0", "X-Progress": "50%"}
        return 200, self._manifest(number, export["kinds"])

    def _manifest(self, number, kinds):
        files = [{"type": kind, "url": f"{self.url}/bulk/{number}/{kind}.ndjson"} for kind in kinds]
        moment = self.store.clock.isoformat().replace("+00:00", "Z")
        return {"transactionTime": moment, "requiresAccessToken": True, "output": files, "error": []}

    def _file(self, kind):
        text = "".join(json.dumps(row) + "\n" for row in self.store.of(kind)).encode()
        if self.cut_files and text:
            self.cut_files -= 1
            return text[: len(text) * 2 // 3]
        return text


def shortened(rows, query):
    """Resources with the elements alone that are asked for (`_elements`), and what none goes without."""
    if not (wanted := query.get("_elements")):
        return rows
    kept = {"resourceType", "id", "meta", *wanted.split(",")}
    return [{name: value for name, value in row.items() if name in kept} for row in rows]


def outcome(code, words, severity="error"):
    issue = {"severity": severity, "code": code, "diagnostics": words}
    return {"resourceType": "OperationOutcome", "issue": [issue]}


def told_of(row):
    return {"ETag": f'W/"{row["meta"]["versionId"]}"', "Location": f"{row['resourceType']}/{row['id']}"} | FHIR


TOO_MANY = Fault(429, outcome("throttled", "Slow down."), headers={"Retry-After": "0"} | FHIR)
TOKEN_EXPIRED = Fault(401, outcome("login", "The access token has expired."))
BROKEN = Fault(500, outcome("exception", "Something broke."))
NOT_JSON = Fault(502, b"<html>Bad gateway</html>", headers={"Content-Type": "text/html"})
CUT_OFF = Fault(cut=True)


def too_many(seconds):
    return Fault(429, outcome("throttled", "Slow down."), headers={"Retry-After": str(seconds)} | FHIR)


def merged(patient, into):
    """A patient that is another one: the server tells the old record with a link to the one that stands."""
    return patient | {"active": False, "link": [{"type": "replaced-by", "other": {"reference": f"Patient/{into}"}}]}
