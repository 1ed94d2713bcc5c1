"""Every page that a member of staff can open, found by introspection over a clinic that has one row of everything."""

from django.db import transaction

from clinics.models import Role
from tests.isolation import webhook_rows  # noqa: F401 - says what stands in their addresses
from tests.isolation.addresses import every_address, values_of
from tests.isolation.world import World

# Not a page, or one that only a browser with a real passkey is shown (tests/browser/test_people.py).
LEFT_OUT = ("clinics:live", "metrics", "mfa_reauthenticate_webauthn", "mfa_login_webauthn")


def furnished_world():
    """A clinic with one row of each model, committed, so that a server sees it."""
    with transaction.atomic():
        world = World("zephyrine")
    return world


def pages_of(world, part=0, parts=1):
    """The path of every whole page that opens to the clinic admin with a GET, in a stable order: {path: name}.

    Of several parts, only the pages of one: addresses are dealt out in turn.
    """
    browser, found = world.clients[Role.CLINIC_ADMIN], {}
    for address in every_address()[part::parts]:
        if address.is_admin or address.name in LEFT_OUT:
            continue
        path = address.path(values_of(address, world, world.admin))
        answer = browser.get(path)
        is_html = answer.headers.get("Content-Type", "").startswith("text/html") and not answer.streaming
        if answer.status_code == 200 and is_html and b"<html" in answer.content:
            found.setdefault(path, str(address))
    return found
