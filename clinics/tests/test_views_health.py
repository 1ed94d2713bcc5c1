import pytest
from django.db import OperationalError, connection


def test_healthz_asks_neither_database_nor_session(owner, client, client_of, django_assert_num_queries):
    client.cookies = client_of(owner).cookies

    with django_assert_num_queries(0):
        response = client.get("/healthz")

    assert (response.status_code, response.content) == (200, b"ok")
    assert response["X-Request-Id"]


def test_readyz_asks_the_database_once(owner, client, client_of, django_assert_num_queries):
    client.cookies = client_of(owner).cookies

    with django_assert_num_queries(1):
        response = client.get("/readyz")

    assert (response.status_code, response.content) == (200, b"ready")


def test_readyz_is_503_while_the_database_is_away(client, db, monkeypatch):
    def away(*args):
        raise OperationalError

    with monkeypatch.context() as patched:
        patched.setattr(connection, "cursor", away)
        answers = [client.get(address).status_code for address in ("/readyz", "/healthz")]

    assert answers == [503, 200]


@pytest.mark.parametrize("address", ["/healthz", "/readyz"])
def test_probes_are_only_read(client, db, address):
    assert client.post(address).status_code == 405


@pytest.mark.parametrize("address", ["/healthz", "/readyz"])
def test_probes_answer_under_any_name_and_without_https(client, db, settings, address):
    settings.SECURE_SSL_REDIRECT = True
    settings.ALLOWED_HOSTS = ["clinic.example"]

    assert client.get(address, headers={"host": "10.1.2.3"}).status_code == 200
