"""What the API takes at all, how often, and the shape of each of its refusals."""

import json

import pytest

from crm.api import leads
from crm.models import Lead
from tests.api.conftest import Program


def problem(answer):
    assert answer["Content-Type"] == "application/problem+json"
    said = answer.json()
    assert said["status"] == answer.status_code
    assert said["request_id"] == answer["X-Request-Id"]
    return said["type"].removeprefix("urn:recare:problem:")


@pytest.mark.parametrize(
    ("body", "kind", "status", "type"),
    [
        ('{"phone": ', "application/json", 400, "not-json-text"),
        ("[" * 100_000, "application/json", 400, "not-json-text"),
        ('{"notes": %s}' % ("9" * 5000), "application/json", 400, "not-json-text"),
        ("[" * 20 + "]" * 20, "application/json", 422, "too-deep"),
        (json.dumps({"first_name": "N\x00ora"}), "application/json", 422, "invalid"),
        (json.dumps({"first_name": "\ud800"}), "application/json", 422, "invalid"),
        ("phone=3125550147", "application/x-www-form-urlencoded", 415, "not-json"),
        (json.dumps({"notes": "x" * 300_000}), "application/json", 413, "too-large"),
        ("", "application/json", 422, "invalid"),
        ("[]", "application/json", 422, "invalid"),
    ],
)
def test_what_is_no_proper_json_is_refused(program, body, kind, status, type):
    answer = program.generic("POST", "/api/leads", body, content_type=kind)

    assert (answer.status_code, problem(answer)) == (status, type)
    assert Lead.objects.count() == 0


def test_a_null_character_in_the_address_is_refused(program):
    assert problem(program.send("GET", "/api/leads?q=%00")) == "invalid"


@pytest.mark.parametrize(
    ("method", "path", "type"),
    [
        ("GET", "/api/nothing", "not-found"),
        ("GET", "/api/leads/not-an-id", "not-found"),
        ("GET", "/api/leads/0190b5f2-0000-7000-8000-000000000000", "not-found"),
        ("DELETE", "/api/leads", "method-not-allowed"),
        ("PUT", "/api/leads/matches", "method-not-allowed"),
    ],
)
def test_an_address_that_is_none_says_so_in_json(program, method, path, type):
    assert problem(program.send(method, path)) == type


def test_a_method_that_is_not_known_names_those_that_are(program):
    assert set(program.send("DELETE", "/api/leads")["Allow"].split(", ")) == {"GET", "POST"}


def test_what_breaks_is_reported_without_a_word_of_why(program, monkeypatch):
    def break_down(*args, **kwargs):
        raise RuntimeError("the secret of the house")

    monkeypatch.setattr(leads, "leads_asked", break_down)
    program.raise_request_exception = False

    answer = program.send("GET", "/api/leads")

    assert (answer.status_code, problem(answer)) == (500, "internal-error")
    assert b"secret" not in answer.content


def test_requests_are_counted_for_each_token(program, program_of, receptionist, settings):
    settings.API_REQUESTS_A_MINUTE = 2
    answers = [program.send("GET", "/api/leads/matches") for _each in range(3)]

    assert [answer["RateLimit-Remaining"] for answer in answers] == ["1", "0", "0"]
    assert problem(answers[2]) == "too-many-requests"
    assert 0 < int(answers[2]["Retry-After"]) <= 60
    assert program_of(receptionist).send("GET", "/api/leads/matches").status_code == 200


def test_who_has_no_token_is_counted_by_address(clinic, settings):
    settings.API_REQUESTS_A_MINUTE = 10
    answers = [Program(f"rc_{number}").send("GET", "/api/leads").status_code for number in range(3)]

    assert answers == [401, 401, 429]


def test_no_answer_may_be_kept_by_what_lies_between(program):
    assert program.send("GET", "/api/leads")["Cache-Control"] == "no-store"
