"""The API, asked with tokens: by the people next door, by each role, and by tokens that no longer stand."""

from datetime import timedelta

from django.db import transaction
from django.test import Client
from django.utils import timezone

from clinics.models import ApiToken, Clinic, ClinicUser, Role, User
from tests.api.conftest import give_token
from tests.isolation.addresses import every_address
from tests.isolation.asking import Tally, ask
from tests.isolation.bodies import body_of
from tests.isolation.walking import paths_of, walk_as_members, walk_next_door


def by_token(world, scopes=None):
    """Let the members of a world ask with tokens instead of their browsers.

    That a token was used is noted a day ahead, so that no request notes it anew, which would pass for a change.
    """
    with world.open():
        secrets = {role: give_token(member, scopes)[1] for role, member in world.members.items()}
        ApiToken.objects.update(last_used_at=timezone.now() + timedelta(days=1))
    world.clients = {
        role: Client(HTTP_AUTHORIZATION=f"Bearer {secret}", raise_request_exception=False)
        for role, secret in secrets.items()
    }
    return world


def api_addresses():
    return [address for address in every_address() if address.is_api]


def test_tokens_get_next_door_the_answer_of_an_unknown_id(worlds, report):
    tally = Tally()
    world, neighbours = worlds[0], by_token(worlds[1])

    walk_next_door(tally, world, neighbours, api_addresses())

    report("tokens next door", tally)


def test_tokens_get_into_what_the_codes_of_their_role_open(worlds, report):
    tally = Tally()

    walk_as_members(tally, by_token(worlds[0]), worlds[1], api_addresses())

    report("tokens of six roles", tally)


def test_a_token_without_the_scope_opens_nothing_for_an_admin(worlds):
    world = by_token(worlds[0], scopes=[])
    opened = []

    for address, path in paths_of(api_addresses(), world, world.admin):
        for method in address.view.permissions:
            answer = ask(world.clients[Role.CLINIC_ADMIN], method, path, body_in(world, address))
            opened += [] if answer.status == 403 else [f"{method} {address}: {answer.status}"]

    assert not opened, "\n".join(opened)


ENDS = {
    "revoked": lambda: ApiToken.objects.update(revoked_at=timezone.now()),
    "expired": lambda: ApiToken.objects.update(expires_at=timezone.now()),
    "left": lambda: ClinicUser.objects.update(is_active=False),
    "left everywhere": lambda: User.objects.update(is_active=False),
    "closed": lambda: Clinic.objects.update(is_active=False),
}


def test_a_token_that_has_ended_opens_nothing(worlds):
    """However it came to its end: 401, and not a word about the clinic."""
    world, told = by_token(worlds[0]), {}
    program = world.clients[Role.CLINIC_ADMIN]
    assert ask(program, "GET", "/api/leads").status == 200

    for end, bring_it in ENDS.items():
        with transaction.atomic():
            with world.open():
                bring_it()
            answer = ask(program, "GET", "/api/leads")
            transaction.set_rollback(True)
        told[end] = (answer.status, world.is_told_in(answer.text))

    assert told == dict.fromkeys(ENDS, (401, False))


def test_a_token_opens_the_api_alone(worlds):
    """Pages take no token: whoever has one cannot read what it was not made for."""
    world = by_token(worlds[0])
    admin = world.clients[Role.CLINIC_ADMIN]

    opened = [path for path in ("/leads/", "/board/", "/profile/", "/audit/") if ask(admin, "GET", path).status == 200]

    assert opened == []


def test_a_foreign_id_in_what_is_sent_is_an_unknown_one(worlds):
    """Each id in an honest body, replaced by one of next door: refused with the words for an id that nobody has."""
    world, neighbours = worlds[0], by_token(worlds[1])
    taken = []

    for address, path in paths_of(api_addresses(), neighbours, neighbours.admin):
        for method in set(address.view.permissions) & {"POST", "PUT", "PATCH"}:
            honest, foreign = body_in(neighbours, address), body_in(world, address)
            for name, value in honest.items():
                if hasattr(value, "hex") and value != foreign[name]:
                    sent = honest | {name: foreign[name]}
                    answer = ask(neighbours.clients[Role.CLINIC_ADMIN], method, path, sent, watched=world)
                    is_refused = answer.status == 422 and "no such id here" in answer.text
                    taken += [] if is_refused and not answer.has_written else [f"{method} {address} {name} {answer}"]

    assert not taken, "\n".join(taken)


def body_in(world, address):
    with world.open():
        return body_of(address, world)
