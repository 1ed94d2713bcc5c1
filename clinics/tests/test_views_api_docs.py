import json
from collections import Counter

import jsonschema_rs
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils.module_loading import import_string
from ninja import Schema

from clinics.api_reading import read_document


def house_api():
    return import_string(settings.API)


def operations():
    return [operation for _room, found in read_document(house_api().get_openapi_schema()) for operation in found]


def test_the_document_is_there_for_everybody_and_names_every_operation(db):
    document = Client().get(reverse("clinics:api_document")).json()

    named = {(path, method.upper()) for path, methods in document["paths"].items() for method in methods}
    assert document["openapi"].startswith("3.1")
    assert named == {(path, method) for path, method, _code in house_api().permissions()}
    ids = [said["operationId"] for methods in document["paths"].values() for said in methods.values()]
    assert len(ids) == len(set(ids))


def test_every_refusal_is_documented_as_a_problem(db):
    for methods in Client().get(reverse("clinics:api_document")).json()["paths"].values():
        for said in methods.values():
            refusals = {status: answer for status, answer in said["responses"].items() if int(status) >= 400}
            assert {"401", "403", "422", "429"} <= set(refusals)
            assert all(list(answer["content"]) == ["application/problem+json"] for answer in refusals.values())


def test_the_page_shows_every_operation_with_its_permission_and_a_line_to_try(client_of, viewer):
    text = client_of(viewer).get(reverse("clinics:api_docs")).content.decode()

    for operation in operations():
        assert f'id="{operation.name}"' in text
        assert operation.permission in text
    assert "Authorization: Bearer $TOKEN" in text


def test_an_operation_tells_its_fields_in_words():
    [create] = [each for each in operations() if each.name == "lead_create"]
    [update] = [each for each in operations() if each.name == "lead_update"]
    fields = {field.name: field for field in create.fields}

    assert (fields["first_name"].kind, fields["patient_dob"].kind) == ("string ≤ 80", "date, or null")
    assert fields["preferred_contact"].kind == "PHONE · EMAIL · TEXT · ANY"
    assert fields["treatment_interest"].kind.startswith("list of BRACES_METAL")
    assert "Idempotency-Key: $(uuidgen)" in create.command
    assert json.loads(create.body_example)["phone"] == "(312) 555-0147"
    assert json.loads(create.success.example)["stage"]["kind"] == "OPEN"
    assert 'If-Match: "7"' in update.command
    assert "/api/leads/$LEAD_ID" in update.command


def test_every_example_that_is_shown_can_be_sent():
    """An example that its own operation refuses would teach nobody anything."""
    for operation in operations():
        if operation.body:
            missing = set(operation.body.get("required", [])) - set(json.loads(operation.body_example))
            assert not missing, operation.name


def test_no_two_schemas_bear_one_name():
    """The document would hold only one of the two, and lie about the other."""
    house_api()
    schemas, found = [Schema], []
    while schemas:
        schemas = [below for schema in schemas for below in schema.__subclasses__()]
        found += [schema for schema in schemas if ".api" in schema.__module__ and "[" not in schema.__name__]
    names = [schema.__name__ for schema in dict.fromkeys(found)]

    assert [name for name, number in Counter(names).items() if number > 1] == []
    assert len(names) > 40


def test_every_example_of_the_document_fits_its_schema(db):
    document = Client().get(reverse("clinics:api_document")).json()
    wrong, count = [], 0
    for path, methods in document["paths"].items():
        for method, said in methods.items():
            assert not any(isinstance(each.get("examples"), list) for each in said["parameters"])
            answers = [answer for status, answer in said["responses"].items() if int(status) < 300]
            for part in (said.get("requestBody", {}), *answers):
                for content in part.get("content", {}).values():
                    schema = content["schema"] | {"components": document["components"]}
                    found = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
                    wrong += [f"{method} {path}: {error.message}" for error in found.iter_errors(content["example"])]
                    count += 1

    assert wrong == []
    assert count > len(document["paths"])
