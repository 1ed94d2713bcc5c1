"""The OpenAPI document as people read it: operations by room, their fields in words, examples and a line to try."""

import json
import re
from dataclasses import dataclass
from functools import cached_property

from django.conf import settings
from django.utils.translation import gettext as _

from clinics.api_problems import PLAIN, TYPES

EXAMPLES = {
    "uuid": "0190b5f2-7c1e-7d3a-9f00-4b6c1f2e8a11",
    "date-time": "2026-11-25T09:30:00-05:00",
    "date": "2026-11-25",
    "uri": "https://example.com/",
}
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
        """The schema of what is sent, or None."""
        content = self.said.get("requestBody", {}).get("content", {})
        return self._resolve(content["application/json"]["schema"]) if content else None

    @property
    def fields(self):
        return self._fields(self.body) if self.body else []

    @property
    def body_example(self):
        return _pretty(self._example(self.body, is_sent=True)) if self.body else ""

    @cached_property
    def success(self):
        """The Answer to a request that was worked."""
        status, said = next((status, said) for status, said in self.said["responses"].items() if int(status) < 300)
        schema = said["content"]["application/json"]["schema"]
        return Answer(str(status), said["description"], _pretty(self._example(schema)))

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
            example = json.dumps(self._example(self.body, is_sent=True), ensure_ascii=False)
            lines += ['-H "Content-Type: application/json"', f"-d '{example}'"]
        return " \\\n  ".join(lines)

    def _resolve(self, schema):
        while "$ref" in schema or "allOf" in schema:
            schema = self.schemas[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema["allOf"][0]
        return schema

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
        schema = self._resolve(schema)
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

    def _example(self, schema, *, is_sent=False):
        """A value that fits: what the schema gives as an example, else one made of its kind."""
        if "examples" in schema:
            return schema["examples"][0]
        if "anyOf" in schema:
            return self._example(schema["anyOf"][0], is_sent=is_sent)
        schema = self._resolve(schema)
        if "properties" in schema:
            return {name: self._example(each, is_sent=is_sent) for name, each in self._shown(schema, is_sent)}
        if "enum" in schema or "const" in schema:
            return schema.get("enum", [schema.get("const")])[0]
        if schema.get("type") == "array":
            return [self._example(schema["items"], is_sent=is_sent)]
        made = {"integer": 1, "number": 0.5, "boolean": True, "object": {}}
        return made.get(schema.get("type"), EXAMPLES.get(schema.get("format"), ""))

    def _shown(self, schema, is_sent):
        """Everything of an answer; of what is sent, what is required, and what the schema shows an example of."""
        required = schema.get("required", [])
        for name, each in schema["properties"].items():
            if not is_sent or name in required or "examples" in each:
                yield name, each


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
