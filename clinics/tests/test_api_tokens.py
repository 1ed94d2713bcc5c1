from datetime import timedelta

import pytest
from django.utils import timezone

from clinics.api_tokens import (
    AT_ONCE,
    ScopeNotHeld,
    TokenShownBefore,
    TooManyTokens,
    create_token,
    narrow_tokens,
    revoke_token,
)
from clinics.members import change_role, deactivate_member, reactivate_member
from clinics.models import ApiToken, AuditLog, Role
from clinics.requests import digest
from conftest import last_audit

READ = {"name": "report", "scopes": ["lead:read"], "days": 30}


def test_a_token_is_kept_as_its_digest_alone(coordinator):
    token, secret = create_token(coordinator, **READ, key="k1")

    row = ApiToken.objects.get()
    assert (row, row.token_digest, row.prefix) == (token, digest(secret), secret[:10])
    assert len(secret) == 67
    assert not any(secret in str(value) for value in vars(row).values())
    assert (last_audit(token).action, last_audit(token).after["scopes"]) == ("clinics.api_token.created", ["lead:read"])
    assert secret not in repr(vars(last_audit(token)))


def test_a_double_click_makes_one_token_and_shows_it_twice(coordinator):
    first = create_token(coordinator, **READ, key="k1")
    second = create_token(coordinator, **READ, key="k1")

    assert (second, ApiToken.objects.count()) == (first, 1)
    assert create_token(coordinator, **READ, key="k2")[1] != first[1]


def test_the_same_key_of_somebody_else_makes_another_secret(coordinator, owner):
    assert create_token(coordinator, **READ, key="k1")[1] != create_token(owner, **READ, key="k1")[1]


def test_a_token_is_not_shown_again_later(coordinator):
    create_token(coordinator, **READ, key="k1")
    ApiToken.objects.update(created_at=timezone.now() - timedelta(minutes=2))

    with pytest.raises(TokenShownBefore):
        create_token(coordinator, **READ, key="k1")


@pytest.mark.parametrize("scopes", [[], ["lead:configure"], ["staff:manage"], ["lead:read", "nonsense"]])
def test_a_token_may_no_more_than_its_member_and_the_api(coordinator, scopes):
    with pytest.raises((ScopeNotHeld, KeyError)):
        create_token(coordinator, **READ | {"scopes": scopes}, key="k1")

    assert ApiToken.objects.count() == 0


def test_somebody_has_so_many_tokens_at_once(coordinator):
    for number in range(AT_ONCE):
        create_token(coordinator, **READ, key=f"k{number}")

    with pytest.raises(TooManyTokens):
        create_token(coordinator, **READ, key="one more")


def test_revoking_twice_is_revoking_once(coordinator):
    token, _secret = create_token(coordinator, **READ, key="k1")

    first = revoke_token(token, by=coordinator).revoked_at
    second = revoke_token(token, by=coordinator).revoked_at

    assert first == second
    assert AuditLog.objects.filter(action="clinics.api_token.revoked").count() == 1


def test_a_token_loses_what_another_role_does_not_hold(coordinator, owner):
    scopes = ["lead:read", "lead:create", "lead:assign"]
    create_token(coordinator, **READ | {"scopes": scopes}, key="k1")

    change_role(coordinator, Role.FRONT_DESK, by=owner)
    change_role(coordinator, Role.TREATMENT_COORDINATOR, by=owner)

    assert ApiToken.objects.get().scopes == ["lead:create", "lead:read"]


def test_a_token_that_is_left_with_nothing_ends(coordinator, owner):
    create_token(coordinator, **READ | {"scopes": ["lead:create"]}, key="k1")

    change_role(coordinator, Role.VIEWER, by=owner)

    assert ApiToken.objects.get().revoked_at is not None


def test_who_leaves_loses_all_tokens_for_good(coordinator, owner):
    create_token(coordinator, **READ, key="k1")

    deactivate_member(coordinator, by=owner)
    reactivate_member(coordinator, by=owner)

    assert not ApiToken.objects.standing().exists()


def test_narrowing_what_is_narrow_enough_writes_nothing(coordinator, owner):
    token, _secret = create_token(coordinator, **READ, key="k1")

    narrow_tokens(coordinator, by=owner)

    assert last_audit(token).action == "clinics.api_token.created"
