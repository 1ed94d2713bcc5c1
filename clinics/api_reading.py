"""The OpenAPI document as people read it: operations by room, their fields in words, examples and a line to try."""

import json
import re
from dataclasses import dataclass
from functools import cached_property

from django.conf import settings
from django.utils.translation import gettext as _

from clinics.api_examples import resolve
from clinics.api_problems import PLAIN, TYPES

METHODS = ("get", "post", "put", "patch")


@dataclass(frozen=True)
class Field:
    """One field or parameter: what is sent or told there."""

    name: str
    kind: str
    is_required: bool
    text: str
    where: str = ""


@dataclass(frozen=True)
class Answer:
    status: str
    words: str
    example: str = ""


class Operation:
    """One method of one address."""

    def __init__(self, path, method, said, schemas):
        self.path, self.method, self.said, self.schemas = path, method.upper(), said, schemas
        self.name, self.summary, self.permission = said["operationId"], said["summary"], said["x-permission"]
        self.text = said.get("description", "").rpartition("\n\nAsks for")[0]

    @cached_property
    def parameters(self):
        found = [
            Field(each["name"], self._kind(each["schema"]), each["required"], each.get("description", ""), each["in"])
            for each in self.said["parameters"]
        ]
        return sorted(found, key=lambda field: (not field.is_required, field.where != "path"))

    @cached_property
    def body(self):
        """The schema of what is sent and an example of it, or None."""
        return self.said.get("requestBody", {}).get("content", {}).get("application/json")

    @property
    def fields(self):
        return self._fields(resolve(self.body["schema"], self.schemas)) if self.body else []

    @property
    def body_example(self):
        return _pretty(self.body["example"]) if self.body else ""

    @cached_property
    def success(self):
        """The Answer to a request that was worked."""
        status, said = next((status, said) for status, said in self.said["responses"].items() if int(status) < 300)
        return Answer(str(status), said["description"], _pretty(said["content"]["application/json"]["example"]))

    @property
    def refusals(self):
        answers = sorted((int(status), said["description"]) for status, said in self.said["responses"].items())
        return [Answer(str(status), words) for status, words in answers if status >= 400]

    @property
    def command(self):
        """A line for the shell that sends the example."""
        path = re.sub(r"{(\w+)}", lambda slot: f"${slot[1].upper()}", self.path)
        lines = [f'curl "{settings.BASE_URL}{path}"', '-H "Authorization: Bearer $TOKEN"']
        if self.method != "GET":
            lines.insert(1, f"-X {self.method}")
        if any(each.name == "If-Match" and each.is_required for each in self.parameters):
            lines.append("-H 'If-Match: \"7\"'")
        if self.method == "POST":
            lines.append('-H "Idempotency-Key: $(uuidgen)"')
        if self.body:
            example = json.dumps(self.body["example"], ensure_ascii=False)
            lines += ['-H "Content-Type: application/json"', f"-d '{example}'"]
        return " \\\n  ".join(lines)

    def _fields(self, schema):
        required = schema.get("required", [])
        return [
            Field(name, self._kind(each), name in required, self._text(each))
            for name, each in schema.get("properties", {}).items()
        ]

    def _text(self, schema):
        """What the document says of the field itself, not of the kind of its values."""
        return schema.get("description", "")

    def _kind(self, schema):
        """What may stand in a field, in a few words."""
        if "anyOf" in schema:
            kinds = [self._kind(each) for each in schema["anyOf"] if each.get("type") != "null"]
            or_null = any(each.get("type") == "null" for each in schema["anyOf"])
            return ", ".join(kinds) + (f", {_('or null')}" if or_null else "")
        schema = resolve(schema, self.schemas)
        if "enum" in schema or "const" in schema:
            return " · ".join(map(str, schema.get("enum", [schema.get("const")])))
        if schema.get("type") == "array":
            return _("list of %(kind)s") % {"kind": self._kind(schema["items"])}
        kind = schema.get("format") or schema.get("type", "")
        bounds = [
            f"{sign} {schema[name]}"
            for name, sign in (
                ("minimum", "≥"), ("exclusiveMinimum", ">"), ("maximum", "≤"), ("minLength", "≥"), ("maxLength", "≤"),
            )
            if schema.get(name)
        ]  # fmt: skip
        return " ".join([kind, *bounds])


def read_document(document):
    """(room, [Operation]) in the order of the document."""
    rooms = {}
    for path, methods in document["paths"].items():
        for method in METHODS:
            if method in methods:
                operation = Operation(path, method, methods[method], document["components"]["schemas"])
                rooms.setdefault(methods[method]["tags"][0], []).append(operation)
    return list(rooms.items())


def plain_problems():
    """(status, type, words) of the refusals that any operation may answer."""
    return [(status, TYPES + type, words) for status, (type, words) in sorted(PLAIN.items())]


def _pretty(value):
    return json.dumps(value, indent=2, ensure_ascii=False)
