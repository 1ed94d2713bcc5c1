import time
from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client
from django.urls import get_resolver, reverse

from clinics.models import Clinic
from clinics.second_factor import sealed_factors_on_old_keys
from clinics.tests.factories import PASSWORD

KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="


def code_for(secret):
    return format_hotp_value(hotp_value(secret, int(time.time() // 30)))


@pytest.fixture(autouse=True)
def fresh_tries():
    cache.clear()


@pytest.fixture
def secret(owner):
    """The owner's authenticator app."""
    secret = generate_totp_secret()
    TOTP.activate(owner.user, secret)
    return secret


@pytest.fixture
def strict(clinic):
    Clinic.objects.filter(pk=clinic.pk).update(requires_second_factor=True)
    return clinic


def half_signed_in(owner):
    client = Client()
    client.post("/account/login/", {"login": owner.user.email, "password": PASSWORD})
    return client


def staff_pages():
    """Every page of the desk that needs no id, found in the URL list."""
    found = []
    for group in get_resolver().url_patterns:
        for each in getattr(group, "url_patterns", []):
            if getattr(each.callback, "audience", "") == "staff" and not each.pattern.converters:
                found.append(f"/{group.pattern}{each.pattern}")
    return found


def test_password_alone_opens_nothing_when_there_is_a_factor(owner, secret):
    client = half_signed_in(owner)

    assert "_auth_user_id" not in client.session
    for path in ("/", *staff_pages()):
        response = client.get(path)
        assert response.status_code in (302, 405), path
        assert response.status_code == 405 or response.url.startswith("/account/login/"), path


def test_code_opens_the_desk(owner, secret):
    client = half_signed_in(owner)

    wrong = client.post(reverse("mfa_authenticate"), {"code": "000000"})
    right = client.post(reverse("mfa_authenticate"), {"code": code_for(secret)})

    assert "is not right" in wrong.content.decode()
    assert right.url == "/"
    assert client.session["_auth_user_id"] == str(owner.user.pk)


def test_ten_wrong_codes_and_no_more_are_looked_at(owner, secret):
    client = half_signed_in(owner)
    for _guess in range(10):
        client.post(reverse("mfa_authenticate"), {"code": "000000"})

    response = client.post(reverse("mfa_authenticate"), {"code": code_for(secret)})

    assert "Too many tries" in response.content.decode()


def test_recovery_code_works_once(owner, secret, client_of):
    browser = client_of(owner)
    browser.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    browser.post(reverse("mfa_generate_recovery_codes"))
    codes = Authenticator.objects.get(user=owner.user, type="recovery_codes").wrap().get_unused_codes()

    first, second = half_signed_in(owner), half_signed_in(owner)
    first.post(reverse("mfa_authenticate"), {"code": codes[0]})
    second.post(reverse("mfa_authenticate"), {"code": codes[0]})

    assert "_auth_user_id" in first.session
    assert "_auth_user_id" not in second.session


def test_new_factor_ends_the_other_sessions(owner, client_of, mailoutbox, django_capture_on_commit_callbacks):
    here, elsewhere = client_of(owner), client_of(owner)
    assert elsewhere.get("/profile/").status_code == 200
    here.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    page = here.get(reverse("mfa_activate_totp"))

    with django_capture_on_commit_callbacks(execute=True):
        here.post(reverse("mfa_activate_totp"), {"code": code_for(page.context["form"].secret)})

    assert Authenticator.objects.filter(user=owner.user, type="totp").exists()
    assert elsewhere.get("/profile/").status_code == 302
    assert here.get("/profile/").status_code == 200
    assert "An authenticator app was added" in [message.subject for message in mailoutbox]


def test_changing_a_factor_asks_for_the_password_again(owner, client_of):
    response = client_of(owner).get(reverse("mfa_activate_totp"))

    assert response.url.startswith("/account/reauthenticate/")


def test_strict_clinic_shows_no_page_without_a_factor(owner, strict, client_of):
    client = client_of(owner)

    pages = ["/", "/admin/", *staff_pages()]
    answers = {path: (client.get(path), client.post(path)) for path in pages}

    assert len(pages) > 10
    switch = reverse("clinics:clinic_switch")
    for path, responses in answers.items():
        if path != switch:
            assert [(response.status_code, response.url) for response in responses] == [(302, "/account/2fa/")] * 2, (
                path
            )


def test_strict_clinic_sends_htmx_to_the_factor(owner, strict, htmx_of):
    response = htmx_of(owner).get("/notices/bell/")

    assert (response.status_code, response["HX-Redirect"]) == (204, "/account/2fa/")


def test_strict_clinic_lets_the_factor_be_set_up(owner, strict, client_of):
    client = client_of(owner)

    assert client.get(reverse("mfa_index")).status_code == 200
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    for name in ("mfa_activate_totp", "mfa_add_webauthn", "account_change_password"):
        assert client.get(reverse(name)).status_code == 200, name


def test_strict_clinic_opens_to_those_with_a_factor(owner, strict, secret, client_of):
    assert client_of(owner).get("/profile/").status_code == 200


def test_secrets_are_sealed_in_the_database(owner, secret):
    assert secret not in str(Authenticator.objects.values_list("data", flat=True))


def test_secrets_move_to_a_new_key(owner, secret, settings):
    settings.ENCRYPTION_KEYS = [f"new:{KEY}", *settings.ENCRYPTION_KEYS]
    (row,) = sealed_factors_on_old_keys()

    call_command("rotate_keys", stdout=StringIO())
    settings.ENCRYPTION_KEYS = settings.ENCRYPTION_KEYS[:1]

    assert sealed_factors_on_old_keys() == []
    assert Authenticator.objects.get(pk=row.pk).wrap().validate_code(code_for(secret))


def test_passkey_page_needs_no_inline_script(owner, client_of):
    client = client_of(owner)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})

    response = client.get(reverse("mfa_add_webauthn"))

    page = response.content.decode()
    assert '<script id="passkey-data" type="application/json">' in page
    assert "unsafe" not in response["Content-Security-Policy"]
    assert page.count("<script") - page.count('type="application/json"') == page.count("nonce=")
