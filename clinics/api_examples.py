"""Examples for the OpenAPI document: whole bodies and answers, made of the example that each field gives of itself."""

OF_FORMAT = {
    "uuid": "0190b5f2-7c1e-7d3a-9f00-4b6c1f2e8a11",
    "date-time": "2026-11-25T09:30:00-05:00",
    "date": "2026-11-25",
    "uri": "https://example.com/",
}
OF_TYPE = {"integer": 1, "number": 0.5, "boolean": True, "object": {}}


def show_examples(operation, schemas):
    """Put an example beside the schema of what is sent and of what a request that was worked is answered."""
    for content in operation.get("requestBody", {}).get("content", {}).values():
        content["example"] = example_of(content["schema"], schemas, is_sent=True)
    for status, answer in operation["responses"].items():
        for content in answer.get("content", {}).values():
            if int(status) < 300:
                content["example"] = example_of(content["schema"], schemas)


def resolve(schema, schemas):
    """The schema that a reference leads to."""
    while "$ref" in schema or "allOf" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema["allOf"][0]
    return schema


def example_of(schema, schemas, *, is_sent=False):
    """A value that fits: what the schema gives as an example, else one made of its kind."""
    if "examples" in schema:
        return schema["examples"][0]
    if "anyOf" in schema:
        return example_of(schema["anyOf"][0], schemas, is_sent=is_sent)
    schema = resolve(schema, schemas)
    if "properties" in schema:
        shown = _shown(schema, is_sent)
        return {name: example_of(each, schemas, is_sent=is_sent) for name, each in shown}
    if "enum" in schema or "const" in schema:
        return schema.get("enum", [schema.get("const")])[0]
    if schema.get("type") == "array":
        return [example_of(schema["items"], schemas, is_sent=is_sent)]
    return OF_TYPE.get(schema.get("type"), OF_FORMAT.get(schema.get("format"), ""))


def _shown(schema, is_sent):
    """Everything of an answer; of what is sent, what is required, and what the schema shows an example of."""
    required = schema.get("required", [])
    for name, each in schema["properties"].items():
        if not is_sent or name in required or "examples" in each:
            yield name, each
