"""Who is behind a request to the API: a token, a session, or nobody."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from clinics.models import ApiToken, AuditLog, Clinic
from conftest import last_audit
from crm.tests.factories import LeadFactory
from tests.api.conftest import Program, give_token

NEW = {"phone": "(312) 555-0147"}


def test_nobody_is_asked_for_a_token_in_json(clinic):
    answer = Program().send("GET", "/api/leads")

    assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")
    assert answer["WWW-Authenticate"] == 'Bearer realm="Recare"'
    assert answer.json()["type"] == "urn:recare:problem:unauthorized"


@pytest.mark.parametrize("header", ["Bearer rc_unknown", "Bearer", "Basic bm9yYTpub3Jh", "rc_unknown"])
def test_what_is_no_token_opens_nothing_even_for_who_is_logged_in(client_of, coordinator, header):
    browser = client_of(coordinator)

    answer = browser.get("/api/leads", HTTP_AUTHORIZATION=header)

    assert (answer.status_code, answer.json()["detail"]) == (401, "This token is unknown, has expired or was revoked.")


def test_a_session_may_ask_and_says_its_csrf_token_to_change(client_of, coordinator):
    browser = client_of(coordinator)
    assert browser.get("/api/leads").status_code == 200
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = browser.cookies

    refused = strict.post("/api/leads", NEW, content_type="application/json")

    assert (refused.status_code, refused.json()["type"]) == (403, "urn:recare:problem:csrf")


def test_a_token_needs_no_csrf_token(coordinator):
    strict = Program(give_token(coordinator)[1], enforce_csrf_checks=True)

    assert strict.send("POST", "/api/leads", NEW).status_code == 201


def test_a_token_may_do_what_its_scopes_say_and_no_more(coordinator, program_of):
    reader = program_of(coordinator, ["lead:read"])

    refused = reader.send("POST", "/api/leads", NEW)

    assert reader.send("GET", "/api/leads").status_code == 200
    assert (refused.status_code, refused.json()["permission"]) == (403, "lead:create")


def test_a_token_may_not_do_what_its_member_may_not(viewer, program_of):
    greedy = program_of(viewer, ["lead:read", "lead:create"])

    assert greedy.send("POST", "/api/leads", NEW).status_code == 403


def test_what_a_token_did_is_on_record_with_the_token(coordinator):
    token, secret = give_token(coordinator)
    lead = LeadFactory()

    Program(secret).send("GET", f"/api/leads/{lead.pk}")

    entry = last_audit(lead)
    assert (entry.action, entry.actor, entry.metadata["api_token"]) == ("crm.lead.viewed", coordinator, str(token.pk))


def test_the_use_of_a_token_is_noted_once_a_minute(coordinator):
    token, secret = give_token(coordinator)
    Program(secret).send("GET", "/api/leads")
    first = ApiToken.objects.get(pk=token.pk).last_used_at

    Program(secret).send("GET", "/api/leads")

    assert first is not None
    assert ApiToken.objects.get(pk=token.pk).last_used_at == first


def test_a_clinic_that_asks_for_a_second_factor_asks_programs_too(clinic, program):
    Clinic.objects.filter(pk=clinic.pk).update(requires_second_factor=True)

    answer = program.send("GET", "/api/leads")

    assert (answer.status_code, answer.json()["type"]) == (403, "urn:recare:problem:second-factor-missing")


def test_an_expired_token_is_no_token(coordinator):
    _token, secret = give_token(coordinator, expires_at=timezone.now() - timedelta(seconds=1))

    assert Program(secret).send("GET", "/api/leads").status_code == 401


def test_a_refused_token_leaves_nothing_in_the_audit_log(coordinator):
    before = AuditLog.objects.count()

    Program("rc_unknown").send("GET", "/api/leads")

    assert AuditLog.objects.count() == before
