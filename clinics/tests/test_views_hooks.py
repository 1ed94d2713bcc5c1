"""The door for outside services: who may post, what is refused, and what a stranger can learn."""

import json
import re
from datetime import timedelta

import pytest
import time_machine
from django.urls import get_resolver
from django.utils import timezone

from clinics.models import Role, WebhookConnection, WebhookLog
from clinics.tests.factories import ClinicUserFactory
from clinics.tests.toy_hooks import SECRET, connect, signature
from clinics.uploads import HOOK_LIMIT_BYTES
from clinics.webhook_connections import CHANGE_OVER, LastSecret, end_secret, pause_connection, rotate_secret
from conftest import Browser, next_door
from tests.isolation.addresses import every_address


@pytest.fixture(autouse=True)
def toys(settings):
    settings.HOOKS = "clinics.tests.toy_hooks.SOURCES"


@pytest.fixture
def toy(owner):
    return connect(owner)


def post(path, body, key=SECRET, **headers):
    """Deliver as the service does: from nowhere, without a cookie, signed."""
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    stranger = Browser(enforce_csrf_checks=True)
    headers = {"HTTP_X_TOY": signature(body, key)} | headers
    return stranger.post(path, body, content_type="application/json", **headers)


def test_hook_keeps_a_signed_delivery_and_answers(toy):
    response = post(toy.get_path(), {"id": "a"})

    assert (response.status_code, response.content) == (200, b"")
    assert WebhookLog.objects.get().payload == {"id": "a"}


def test_hook_wakes_a_worker_after_the_commit(toy, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        post(toy.get_path(), [{"id": "a"}, {"id": "b"}])

    assert set(WebhookLog.objects.values_list("status", flat=True)) == {"PROCESSED"}


@pytest.mark.parametrize("given", ["", "0" * 64, signature(b"something else")])
def test_a_delivery_that_is_not_signed_is_refused_counted_and_not_kept(toy, given):
    response = post(toy.get_path(), {"id": "a"}, HTTP_X_TOY=given)

    assert (response.status_code, response.json()["detail"]) == (403, "Bad signature.")
    toy.refresh_from_db()
    assert (toy.refused_count, toy.last_refusal) == (1, "The signature does not fit.")
    assert (toy.received_count, WebhookLog.objects.count()) == (0, 0)


def test_one_flipped_bit_is_noticed(toy):
    body = b'{"id": "a"}'

    response = post(toy.get_path(), b'{"id": "c"}', HTTP_X_TOY=signature(body))

    assert response.status_code == 403


def test_the_secret_of_another_clinic_does_not_open_ours(toy, other_clinic):
    with next_door(other_clinic):
        connect(ClinicUserFactory(role=Role.CLINIC_ADMIN), key="their-secret")

    response = post(toy.get_path(), {"id": "a"}, key="their-secret")

    assert (response.status_code, WebhookLog.objects.count()) == (403, 0)


def test_old_and_new_secret_are_good_until_the_change_over_ends(toy, owner):
    rotate_secret(toy, "key", "toy-secret-2", by=owner)

    assert post(toy.get_path(), {"id": "a"}, key=SECRET).status_code == 200
    assert post(toy.get_path(), {"id": "b"}, key="toy-secret-2").status_code == 200
    with time_machine.travel(timezone.now() + CHANGE_OVER + timedelta(minutes=1)):
        assert post(toy.get_path(), {"id": "c"}, key=SECRET).status_code == 403
        assert post(toy.get_path(), {"id": "c"}, key="toy-secret-2").status_code == 200


def test_an_old_secret_can_end_at_once_but_the_last_one_stays(toy, owner):
    old = toy.secrets.get(name="key")
    with pytest.raises(LastSecret):
        end_secret(old, by=owner)
    rotate_secret(toy, "key", "toy-secret-2", by=owner)

    end_secret(old, by=owner)

    assert post(toy.get_path(), {"id": "a"}, key=SECRET).status_code == 403


def test_an_unknown_address_and_another_sources_and_one_out_of_use_answer_alike(toy, owner):
    answers = [
        post("/hooks/toy/" + "x" * 43 + "/", {"id": "a"}),
        post(toy.get_path().replace("/toy/", "/slow/"), {"id": "a"}),
        post("/hooks/no-such-thing/" + toy.token + "/", {"id": "a"}),
    ]
    pause_connection(toy, by=owner)
    answers.append(post(toy.get_path(), {"id": "a"}))

    assert {(answer.status_code, answer.content) for answer in answers} == {(404, answers[0].content)}
    assert WebhookLog.objects.count() == 0


def test_the_connection_of_a_closed_clinic_is_not_there(toy, clinic):
    clinic.is_active = False
    clinic.save(update_fields=["is_active"])

    assert post(toy.get_path(), {"id": "a"}).status_code == 404


def test_a_delivery_may_have_one_megabyte_and_not_one_byte_more(toy):
    padding = HOOK_LIMIT_BYTES - len('{"id": "a", "x": ""}')
    exact = json.dumps({"id": "a", "x": "y" * padding}).encode()
    assert len(exact) == HOOK_LIMIT_BYTES

    assert post(toy.get_path(), exact).status_code == 200
    assert post(toy.get_path(), exact + b" ").status_code == 413


def test_a_size_that_is_announced_is_refused_before_the_address_is_looked_at(db):
    response = Browser().post("/hooks/toy/any/", b"", content_type="application/json", CONTENT_LENGTH="1048577")

    assert response.status_code == 413


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"\xff\xfe", "The body is not UTF-8."),
        (b"{", "The body is not valid JSON."),
        (b"NaN", "The body is not valid JSON."),
        (b"[" * 100_000 + b"]" * 100_000, "The body is not valid JSON."),
        (b"[" * 60 + b"]" * 60, "The body is nested deeper than 40 levels."),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_reason(toy, body, detail):
    response = post(toy.get_path(), body)

    assert (response.status_code, response.json()["detail"]) == (400, detail)
    assert WebhookLog.objects.count() == 0


def test_characters_that_a_database_cannot_keep_are_taken_out(toy):
    post(toy.get_path(), b'{"id": "a", "name": "Q\\u0000u\\ud800inn", "worth": 1e999}')

    assert WebhookLog.objects.get().payload == {"id": "a", "name": "Qu?inn", "worth": "inf"}


def test_get_is_for_services_that_ask_that_way(toy):
    response = Browser().get(toy.get_path())

    assert (response.status_code, response.headers["Allow"]) == (405, "POST")


def test_a_delivery_costs_a_fixed_number_of_statements(toy, django_assert_max_num_queries):
    post(toy.get_path(), {"id": "warm"})

    with django_assert_max_num_queries(35):
        post(toy.get_path(), [{"id": str(number)} for number in range(40)])


# The pages that are posted to without a token of ours against forgery, each with the reason why that is safe.
EXEMPT = {
    "clinics:hook": "signed, or guarded by the secret in its address; no cookie counts",
    "crm:public_form": "sent by visitors without a session; stamped, or from an origin that the form lists",
    "crm:public_form_thanks": "only read; stands behind the same door",
    "crm:booking_start": "sent by visitors without a session; stamped, or from an origin that the page lists",
    "crm:booking_times": "the same page, at a time that was chosen",
    "crm:booking_visit": "only read; the letter's own secret stands in its address",
    "crm:booking_file": "only read; the letter's own secret stands in its address",
    "crm:booking_move": "sent by whoever has the secret of the letter in the address; no cookie counts",
    "crm:booking_cancel": "sent by whoever has the secret of the letter in the address; no cookie counts",
    "crm:offer_visit": "sent by whoever has the secret of the message in the address; no cookie counts",
    "inbox:public_file": "only read; signed for one file and a few days",
    "inbox:public_preferences": "the letter's own secret stands in its address; no cookie counts",
    "inbox:public_satisfaction": "sent by whoever has the secret of the question in the address; no cookie counts",
    "inbox:public_unsubscribe": "sent by mail programs (RFC 8058); the letter's own secret stands in its address",
}


def test_exactly_the_known_pages_take_posts_without_a_token_of_ours():
    exempt = {address.name for address in every_address() if getattr(address.view, "csrf_exempt", False)}

    assert {name for name in exempt if not name.startswith("api:")} == set(EXEMPT)  # the API asks for a token itself


def test_the_address_of_a_connection_cannot_be_guessed_from_what_is_stored(toy):
    stored = WebhookConnection.objects.values_list("token_digest", flat=True).get()

    assert re.fullmatch(r"[0-9a-f]{64}", stored)
    assert stored not in toy.get_path()
    assert len(toy.token) >= 43
    assert get_resolver().resolve(toy.get_path()).url_name == "hook"
