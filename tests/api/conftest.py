"""Programs that ask the API: each is a member of the cast with a token of their own."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from clinics.access import PERMISSIONS
from clinics.api_tokens import SCOPES
from clinics.models import ApiToken, Role
from clinics.requests import digest
from conftest import Browser


class Program(Browser):
    """Sends and reads JSON, with a token."""

    def __init__(self, secret="", **defaults):
        super().__init__(raise_request_exception=True, **defaults)
        if secret:
            self.defaults["HTTP_AUTHORIZATION"] = f"Bearer {secret}"

    def send(self, method, path, sent=None, **headers):
        named = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
        body = "" if sent is None else json.dumps(sent, default=str)
        return self.generic(method, path, body, content_type="application/json", **named)


def give_token(member, scopes=None, **facts):
    """A token of a member with all that their role holds, or these scopes; returns (ApiToken, secret)."""
    secret = f"rc_{member.pk.hex}{ApiToken.objects.count()}"
    held = sorted(PERMISSIONS[Role(member.role)] & set(SCOPES))
    facts = {"name": "a program", "expires_at": timezone.now() + timedelta(days=30)} | facts
    facts["scopes"] = held if scopes is None else scopes
    token = ApiToken.objects.create(
        member=member,
        prefix=secret[:10],
        token_digest=digest(secret),
        **facts,
    )
    return token, secret


@pytest.fixture
def program_of():
    """program_of(member, scopes=None): a program with a token of that member."""

    def program(member, scopes=None):
        return Program(give_token(member, scopes)[1])

    return program


@pytest.fixture
def program(coordinator, program_of):
    """The program of a treatment coordinator."""
    return program_of(coordinator)
