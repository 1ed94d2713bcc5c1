"""What a FHIR server remembers: every version of every resource, what was deleted, and who was booked by whom."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta


@dataclass
class Store:
    """Resources by type and id, each with a version and a time of its last change."""

    rows: dict = field(default_factory=dict)
    gone: set = field(default_factory=set)
    clock: datetime = datetime(2026, 3, 2, 12, tzinfo=UTC)

    def put(self, resource, *, updated=None, version=None):
        """Keep a new version of a resource; returns it as the server tells it."""
        kind, row_id = resource["resourceType"], resource["id"]
        known = self.rows.setdefault(kind, {}).get(row_id)
        number = version or (int(known["meta"]["versionId"]) + 1 if known else 1)
        self.clock += timedelta(seconds=1)
        moment = (updated or self.clock).isoformat().replace("+00:00", "Z")
        kept = json.loads(json.dumps(resource))
        kept["meta"] = kept.get("meta", {}) | {"versionId": str(number), "lastUpdated": moment}
        self.rows[kind][row_id] = kept
        self.gone.discard((kind, row_id))
        return kept

    def delete(self, kind, row_id):
        del self.rows[kind][row_id]
        self.gone.add((kind, row_id))

    def get(self, kind, row_id):
        return self.rows.get(kind, {}).get(row_id)

    def of(self, kind):
        return list(self.rows.get(kind, {}).values())

    def search(self, kind, query):
        """Those that a search finds, in the order of their last change, as a server may tell them."""
        found = self.of(kind)
        if since := query.get("_lastUpdated", "").removeprefix("ge"):
            found = [row for row in found if moment_of(row) >= datetime.fromisoformat(since)]
        if wanted := query.get("identifier"):
            found = [row for row in found if wanted in identifiers_of(row)]
        if wanted := query.get("_id"):
            found = [row for row in found if row["id"] in wanted.split(",")]
        return sorted(found, key=lambda row: (row["meta"]["lastUpdated"], row["id"]))


def moment_of(row):
    return datetime.fromisoformat(row["meta"]["lastUpdated"])


def identifiers_of(row):
    """Identifiers as a search names them: "system|value"."""
    return {f"{each.get('system', '')}|{each.get('value', '')}" for each in row.get("identifier", [])}


def patched(resource, operations):
    """A resource after a JSON Patch (add, replace, remove, test). Raises KeyError, IndexError, ValueError."""
    result = json.loads(json.dumps(resource))
    for operation in operations:
        *way, last = [part.replace("~1", "/").replace("~0", "~") for part in operation["path"].split("/")[1:]]
        holder = result
        for part in way:
            holder = holder[int(part)] if isinstance(holder, list) else holder[part]
        place = int(last) if isinstance(holder, list) and last != "-" else last
        if operation["op"] == "test":
            if holder[place] != operation["value"]:
                raise ValueError("A test of the patch failed.")
        elif operation["op"] == "remove":
            del holder[place]
        elif operation["op"] == "replace":
            holder[place]
            holder[place] = operation["value"]
        elif isinstance(holder, list):
            holder.insert(len(holder) if last == "-" else place, operation["value"])
        else:
            holder[place] = operation["value"]
    return result
