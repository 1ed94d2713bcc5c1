"""What one FHIR resource says, in our words: the dataclass between reading and applying."""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime

from patients.emr.datatypes import dict_of, display_of, moment_of, reference_of, text_of
from patients.emr.reasons import because

LONGEST_ID = 120


@dataclass(slots=True)
class Facts:
    """One resource: `values` by the names of our fields, `refs` to what belongs to it, as ("Patient/123",).

    `refusal` is the Reason why it cannot be taken at all, `gone` why what we have of it should go; `displays` are the
    names that stand beside references.
    """

    resource: dict
    resource_type: str
    external_id: str
    version_id: str = ""
    last_updated: datetime | None = None
    digest: str = ""
    values: dict = field(default_factory=dict)
    refs: dict = field(default_factory=dict)
    displays: dict = field(default_factory=dict)
    refusal: object = None
    gone: object = None
    replaced_by: str = ""
    remarks: list = field(default_factory=list)

    @property
    def key(self):
        return (self.resource_type, self.external_id)

    @property
    def name(self):
        return f"{self.resource_type}/{self.external_id}"

    def remark(self, code, **details):
        self.remarks.append(because(code, **details))

    def point(self, name, references, kind):
        """Keep what references to a kind of thing point at. One by urn:uuid does not tell: then each may be meant."""
        found = [(reference_of(each, expected=kind), display_of(each)) for each in references if _may_be(each, kind)]
        self.refs[name] = tuple(reference for reference, _said in found if reference)
        self.displays[name] = next((said for reference, said in found if reference or said), "")

    def put(self, name, text, *, limit):
        """Keep a text as the value of a field, cut to the length that fits."""
        if len(text) > limit:
            self.remark("text_cut", field=name)
            text = text[:limit].rstrip()
        self.values[name] = text


def _may_be(reference, kind):
    return isinstance(reference, dict) and reference.get("type") in (None, kind)


def open_facts(resource):
    """The Facts of a resource before anything of its type is read: type, id, version and digest."""
    meta = dict_of(resource.get("meta"))
    external_id = text_of(resource.get("id"))
    facts = Facts(
        resource=resource,
        resource_type=text_of(resource.get("resourceType"))[:40],
        external_id=external_id[:LONGEST_ID],
        version_id=text_of(meta.get("versionId"))[:80],
        last_updated=moment_of(meta.get("lastUpdated"), zone=UTC),
        digest=digest_of(resource),
    )
    if not external_id.strip():
        facts.refusal = because("no_id")
        facts.external_id = facts.digest[:24]
    elif len(external_id) > LONGEST_ID:
        facts.refusal = because("id_too_long")
    return facts


def digest_of(resource):
    """The same for the same content, whatever its order; what the server says of the version does not count."""
    content = {name: value for name, value in resource.items() if name not in ("meta", "text")}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def is_older(facts, record):
    """Tell whether a resource is of an earlier version than the one that is known: versions may come out of order."""
    if facts.version_id.isdecimal() and record.version_id.isdecimal() and facts.version_id != record.version_id:
        return int(facts.version_id) < int(record.version_id)
    if facts.last_updated and record.last_updated:
        return facts.last_updated < record.last_updated
    return False
