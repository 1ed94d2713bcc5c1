import re

import pytest
from django.urls import reverse

from clinics.models import ApiToken
from tests.api.conftest import Program, give_token

PASSWORD = "a quiet morning in may"
NEW = {"key": "k1", "name": "Month’s report", "scopes": ["lead:read"], "days": "30"}


@pytest.fixture
def just_confirmed(client_of):
    """just_confirmed(member): a browser whose member has just typed the password again."""

    def browser(member):
        member.user.set_password(PASSWORD)
        member.user.save()
        client = client_of(member)
        client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
        return client

    return browser


def test_making_a_token_asks_for_the_password_again(client_of, coordinator):
    response = client_of(coordinator).get(reverse("clinics:api_token_create"))

    assert response.url.startswith(reverse("account_reauthenticate"))


def test_a_token_is_made_shown_once_and_opens_the_api(just_confirmed, coordinator):
    browser = just_confirmed(coordinator)

    page = browser.post(reverse("clinics:api_token_create"), NEW)

    secret = re.search(r"rc_[0-9a-f]{64}", page.content.decode())[0]
    assert page["Cache-Control"] == "no-store"
    assert Program(secret).send("GET", "/api/leads").status_code == 200
    assert secret not in browser.get(reverse("clinics:profile")).content.decode()


def test_only_what_one_may_oneself_is_offered(just_confirmed, viewer):
    browser = just_confirmed(viewer)
    offered = re.findall(r'value="(lead:\w+)"', browser.get(reverse("clinics:api_token_create")).content.decode())

    refused = browser.post(reverse("clinics:api_token_create"), NEW | {"scopes": ["lead:create"]})

    assert (offered, refused.status_code, ApiToken.objects.count()) == (["lead:read"], 422, 0)


def test_the_profile_shows_tokens_and_revokes_them(client_of, coordinator):
    token, secret = give_token(coordinator, name="Month’s report")
    browser = client_of(coordinator)
    assert "Month’s report" in browser.get(reverse("clinics:profile")).content.decode()

    response = browser.post(reverse("clinics:api_token_revoke", args=[token.pk]), follow=True)

    assert "“Month’s report” is revoked" in response.content.decode()
    assert Program(secret).send("GET", "/api/leads").status_code == 401
    assert token.prefix not in browser.get(reverse("clinics:profile")).content.decode()


def test_nobody_revokes_the_token_of_a_colleague_or_a_stranger(client_of, coordinator, owner, stranger):
    mine, _secret = give_token(coordinator)
    path = reverse("clinics:api_token_revoke", args=[mine.pk])

    assert client_of(owner).post(path).status_code == 404
    assert client_of(stranger).post(path).status_code == 404
    assert ApiToken.objects.get(pk=mine.pk).is_standing
