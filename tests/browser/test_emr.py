"""An EMR from its connection to the page of a patient: tested, read, a conflict decided, and heard."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from clinics.models import Role, WebhookLog, WebhookSecret
from clinics.tenancy import clinic_scope
from clinics.webhook_connections import connect_service
from clinics.webhook_processing import process_webhooks
from conftest import Browser
from patients.emr import login
from patients.emr.connections import connect_emr
from patients.emr.keys import published_keys
from patients.models import Patient
from patients.tests.emr.live.resources import appointment, patient
from tests.doubles.fhir import FhirDouble
from tests.doubles.serving import Fault


@pytest.fixture
def emr(settings):
    """A FHIR server of our own machine that knows three patients and one booking."""
    settings.LOCAL = True
    login._kept.clear()
    with FhirDouble() as double:
        for number in "123":
            double.store.put(patient(number, telecom=email(f"old{number}@example.com")))
        double.store.put(appointment("a1", "1"))
        yield double


@pytest.fixture
def admin(member_of):
    return member_of(Role.CLINIC_ADMIN, "Olga")


@pytest.fixture
def connection(practice, emr, admin):
    """Connected and not read yet; the EMR has our keys."""
    with clinic_scope(practice):
        values = {"name": "Epic", "system": "OTHER", "base_url": emr.url, "client_id": "recare-test"}
        made = connect_emr(values, by=admin)
        keys = published_keys(made)
    emr.desk.jwks = lambda: keys
    return made


@pytest.fixture
def tells(practice, emr, admin, connection):
    """tells(facts): the EMR keeps something new and says by its subscription that it did; we have worked it off."""
    with clinic_scope(practice):
        settings = {"connection": str(connection.pk)}
        service = connect_service("fhir", label="Epic tells", settings=settings, secrets={}, by=admin)
        token = WebhookSecret.objects.get(connection=service).value

    def tell(resource):
        kept = emr.store.put(resource)
        said = emr.notification(f"{kept['resourceType']}/{kept['id']}", number=int(kept["meta"]["versionId"]))
        kind = {"content_type": "application/fhir+json", "HTTP_AUTHORIZATION": f"Bearer {token}"}
        assert Browser().post(service.get_path(), said, **kind).status_code == 200
        with clinic_scope(practice):
            due = list(WebhookLog.objects.due(timezone.now()).values_list("pk", flat=True))
        process_webhooks(practice, due)

    return tell


def email(address, phone=""):
    said = [{"system": "email", "value": address}]
    return [*said, {"system": "phone", "value": phone}] if phone else said


def counts_of(page):
    return dict(
        zip(page.locator(".stat__label").all_inner_texts(), page.locator(".stat__value").all_inner_texts(), strict=True)
    )


def test_an_emr_is_tested_read_and_heard_and_a_conflict_is_decided(
    window_of, practice, worker, emr, admin, connection, tells
):
    page = window_of(admin, connection.get_absolute_url())

    page.get_by_role("button", name="Test the connection").click()
    page.get_by_role("button", name="Test again").wait_for()
    expect(page.locator("#connection-test .checks__item").first).to_be_visible()
    expect(page.locator("#connection-test .checks__item--failed")).to_have_count(0)

    page.get_by_role("button", name="Begin to read").click()
    emr.fail(Fault(delay=1))
    page.get_by_role("button", name="Read now").click()
    page.locator("#emr-state progress").wait_for()
    runs = page.get_by_role("group", name="Last runs")
    expect(page.locator("#emr-state progress")).to_have_count(0, timeout=15_000)
    runs.get_by_text("Done").wait_for(timeout=4000)
    expect(page.locator("#emr-state progress")).to_have_count(0)
    runs.get_by_role("link").first.click()
    page.get_by_role("heading", name="What became of the resources").wait_for()
    assert counts_of(page)["New"] == "4"

    with clinic_scope(practice):
        known = Patient.objects.get(external_id="1")
        Patient.objects.filter(pk=known.pk).update(email="ours@example.com", email_norm="ours@example.com")
    tells(patient("1", telecom=email("theirs@example.com")))
    page.goto("/emr/waiting/")
    page.get_by_role("link", name=str(known)).click()
    expect(page.get_by_role("cell", name="ours@example.com")).to_be_visible()
    page.get_by_role("button", name="Take theirs").click()
    page.get_by_text("Decided.").wait_for()
    page.get_by_role("heading", name="Nothing to decide").wait_for()

    page.goto(known.get_absolute_url())
    expect(page.get_by_text("theirs@example.com").first).to_be_visible()
    tells(patient("1", telecom=email("theirs@example.com", "+13125550199")))
    expect(page.get_by_text("(312) 555-0199").first).to_be_visible()
