"""Every address of the project, found by introspection, asked by everybody who may not see what stands there."""

import pytest

from clinics.models import Clinic, Role
from tests.isolation.addresses import unmapped
from tests.isolation.asking import Tally, ask
from tests.isolation.walking import paths_of, walk_as_members, walk_as_nobody, walk_next_door

pytestmark = pytest.mark.long


def test_every_slot_of_every_address_is_mapped_to_a_row():
    missing = unmapped()

    assert not missing, "Say in tests/isolation/addresses.py which row stands here:\n" + "\n".join(missing)


def test_nobody_gets_past_the_login(worlds, report):
    tally = Tally()

    walk_as_nobody(tally, worlds[0])

    report("nobody", tally)


def test_each_role_gets_into_what_its_codes_open_and_nothing_else(worlds, report):
    tally = Tally()

    walk_as_members(tally, *worlds)

    report("six roles", tally)


def test_next_door_gets_the_answer_of_an_unknown_id(worlds, report):
    tally = Tally()

    walk_next_door(tally, *worlds)

    report("next door", tally)


def test_a_closed_clinic_opens_no_page(worlds):
    """Its people can still log in, since they may work elsewhere, but nothing of the clinic answers."""
    world = worlds[0]
    Clinic.objects.filter(pk=world.clinic.pk).update(is_active=False)
    opened = []

    for address, path in paths_of(None, world, world.admin):
        if address.permission != "":
            answer = ask(world.clients[Role.CLINIC_ADMIN], "GET", path, HTTP_HX_REQUEST="true")
            opened += [] if answer.is_refusal and not world.is_told_in(answer.text) else [f"{address}: {answer.status}"]

    assert not opened, "\n".join(opened)
