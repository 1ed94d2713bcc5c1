"""Connecting a service: its address, its keys, the test, and pausing it."""

import pytest
from django.urls import reverse

from clinics.jobs import run_job
from clinics.models import BackgroundJob, WebhookConnection, WebhookSecret
from clinics.tests.toy_hooks import connect
from conftest import last_audit


@pytest.fixture(autouse=True)
def toys(settings):
    settings.HOOKS = "clinics.tests.toy_hooks.SOURCES"


@pytest.fixture
def toy(owner):
    return connect(owner)


def url(name, *args):
    return reverse(f"clinics:{name}", args=args)


def test_a_service_is_connected_with_its_keys(owner, client_of):
    sent = {"label": "Our toys", "secret_key": " abcdef-1234 "}

    response = client_of(owner).post(url("webhook_connection_create", "toy"), sent)

    made = WebhookConnection.objects.get()
    assert (response.url, made.label, made.created_by) == (made.get_absolute_url(), "Our toys", owner)
    keys = {secret.name: secret.value for secret in WebhookSecret.objects.all()}
    assert (keys["key"], len(keys["made"]), set(keys)) == ("abcdef-1234", 32, {"key", "made"})
    assert last_audit(made).action == "clinics.webhook.connected"


def test_a_service_without_its_key_is_not_connected(owner, client_of):
    response = client_of(owner).post(url("webhook_connection_create", "toy"), {"label": "Our toys"})

    assert (response.status_code, WebhookConnection.objects.count()) == (422, 0)


def test_a_kind_of_service_that_nobody_knows_is_not_found(owner, client_of):
    assert client_of(owner).get(url("webhook_connection_create", "pigeons")).status_code == 404


def test_the_page_shows_address_and_made_key_and_never_the_one_that_was_typed_in(toy, owner, client_of, settings):
    settings.BASE_URL = "https://desk.example"

    page = client_of(owner).get(toy.get_absolute_url()).content.decode()

    assert f"https://desk.example{toy.get_path()}" in page
    assert toy.secrets.get(name="made").value in page
    assert "toy-secret-1" not in page
    assert "…et-1" in page


def test_settings_are_changed_without_touching_the_keys(toy, owner, client_of):
    client_of(owner).post(url("webhook_connection_edit", toy.pk), {"label": "Bricks"})

    toy.refresh_from_db()
    assert (toy.label, toy.secrets.count()) == ("Bricks", 2)


def test_a_key_is_changed_over_and_the_old_one_ended(toy, owner, client_of):
    browser = client_of(owner)
    browser.post(url("webhook_secret_rotate", toy.pk, "key"), {"value": "second-key-5678"})
    new, old = toy.secrets.filter(name="key").order_by("-id")
    assert (new.value, new.works_until, old.is_active) == ("second-key-5678", None, True)

    browser.post(url("webhook_secret_end", old.pk))

    old.refresh_from_db()
    assert not old.is_active
    assert last_audit(toy).action == "clinics.webhook.secret_ended"


def test_a_made_key_is_made_anew_without_asking_for_one(toy, owner, client_of):
    browser = client_of(owner)
    assert b'type="password"' not in browser.get(url("webhook_secret_rotate", toy.pk, "made")).content

    browser.post(url("webhook_secret_rotate", toy.pk, "made"), {"at_once": "on"})

    assert toy.secrets.active().filter(name="made").count() == 1


def test_pausing_can_be_undone(toy, owner, client_of):
    browser = client_of(owner)
    browser.post(url("webhook_connection_pause", toy.pk))
    toy.refresh_from_db()
    assert not toy.is_active

    browser.post(url("webhook_connection_resume", toy.pk))

    toy.refresh_from_db()
    assert toy.is_active


def test_the_test_runs_in_the_background_and_says_what_to_do(toy, owner, clinic, client_of):
    WebhookSecret.objects.all().delete()
    browser = client_of(owner)
    browser.post(url("webhook_connection_test", toy.pk))
    job = BackgroundJob.objects.get()
    assert "Being tested" in browser.get(toy.get_absolute_url()).content.decode()

    run_job(clinic, job.pk)

    page = browser.get(toy.get_absolute_url()).content.decode()
    assert "There is a key" in page
    assert "Put one in." in page
