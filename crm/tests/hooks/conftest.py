"""Connections to each kind of service, with what they share, and deliveries as those services make them."""

import json

import pytest

from clinics.models import WebhookLog
from clinics.webhook_connections import connect_service
from clinics.webhook_processing import process_webhooks
from conftest import Browser
from crm.models import Lead, LeadSource, LeadSubmission
from crm.understanding import process_due_submissions

SECRETS = {
    "meta": {"app_secret": "app-secret-1", "page_token": "page-token-1", "verify_token": "verify-1"},
    "google": {"google_key": "testkey"},
    "json": {},
    "calls": {"auth_token": "auth-token-1"},
    "mail": {},
}


@pytest.fixture
def lead_source(clinic):
    return LeadSource.objects.create(name="Spring ads", category="WEB_PAID")


@pytest.fixture
def connected(owner, lead_source):
    """connected(kind, **settings): a connection of this kind with its keys; more keys as `secrets`."""

    def connect(kind, *, secrets=None, **settings):
        settings = {"source": str(lead_source.pk)} | settings
        return connect_service(
            kind, label=kind.title(), settings=settings, secrets=SECRETS[kind] | (secrets or {}), by=owner
        )

    return connect


@pytest.fixture
def deliver():
    """deliver(connection, what): post JSON, bytes or form fields to its address, from nowhere."""

    def post(connection, what, content_type="application/json", **headers):
        body = what if isinstance(what, bytes | str) else json.dumps(what)
        browser = Browser(enforce_csrf_checks=True)
        return browser.generic("POST", connection.get_path(), body, content_type=content_type, **headers)

    return post


@pytest.fixture
def work_off(clinic):
    """Work off all that came in, up to the leads; returns the clinic's leads, oldest first."""

    def work():
        process_webhooks(clinic, list(WebhookLog.objects.values_list("pk", flat=True)))
        process_due_submissions(clinic)
        return list(Lead.objects.order_by("captured_at", "pk"))

    return work


@pytest.fixture
def inquiry(clinic):
    """The one inquiry that was kept."""
    return lambda: LeadSubmission.objects.get()
