"""The walk over every address: as nobody, as each role, and as the people of the clinic next door."""

from collections import defaultdict
from dataclasses import dataclass, field

from django.contrib.auth import get_user_model
from django.db import transaction

from clinics.access import PERMISSIONS
from clinics.account_urls import closed
from clinics.admin_site import ClinicModelAdmin
from clinics.models import Role
from tests.isolation import emr_rows, webhook_rows  # noqa: F401 - say what stands in their addresses
from tests.isolation.addresses import every_address, is_hidden, random_values, row_slots, values_of
from tests.isolation.asking import METHODS, Tally, ask, taken_back
from tests.isolation.bodies import ASKED, POSTED
from tests.isolation.header_findings import findings
from tests.isolation.world import World, nobody, writes_so_far

# A code lets one in, and the row then says no: the rest of the roles that hold the code get 403.
NARROWER = {
    "api:lead_list": "who names the coordinator of a new lead also needs lead:assign",
    "clinics:job_cancel": "only who started it, and clinic admins",
    "clinics:job_retry": "only who started it, and clinic admins",
} | dict.fromkeys(
    [f"clinics:view_{act}" for act in ("create", "delete", "edit", "restore", "shift", "update")],
    "who may not read what a list shows has no views of it",
)
# Pages whose address is all that one needs, on purpose: the people next door are visitors like any other.
SHOWN_TO_ALL = {
    "crm:booking_cancel",
    "crm:booking_file",
    "crm:booking_move",
    "crm:booking_start",
    "crm:booking_times",
    "crm:booking_visit",
    "crm:offer_visit",
    "crm:public_form",
    "crm:public_form_thanks",
    "inbox:public_file",
    "inbox:public_preferences",
    "inbox:public_satisfaction",
    "inbox:public_unsubscribe",
}
# Pages that are there and never open, with the reason.
CLOSED = {
    "clinics:hook": "asks for a signature or a token instead of a login",
    "admin:login": "logging in is the house's own page",
    "metrics": "asks for a token instead of a login",
    "mfa_reauthenticate_webauthn": "asks for a passkey, which only a real browser has",
    "mfa_login_webauthn": "asks for a passkey, which only a real browser has",
}


def walk_as_nobody(tally, world, addresses=None):
    """Without a login, every page leads to it, those apart that say so themselves."""
    browser = nobody()
    for address, path in paths_of(addresses, world, world.admin):
        for method in METHODS:
            answer = ask(browser, method, path)
            tally.count(answer)
            if not address.is_public and not answer.is_refusal:
                tally.leaked.append(f"{method} {address} answers {answer.status} to nobody in particular")
            if world.is_told_in(answer.text) and not tells_by_secret(address):
                tally.leaked.append(f"{method} {address} tells nobody in particular about the clinic")
            _note_breakage(tally, method, address, "nobody", answer)


def walk_as_members(tally, world, neighbours, addresses=None):
    """Each role gets into what its codes open and into nothing else; each page opens to somebody.

    Nobody is told of the neighbours. Where no row stands in the address, they are watched as well: whose rows a page
    shows or changes that is asked for none is up to the page alone.
    """
    opened, shown = set(), set()
    for role, member in world.members.items():
        for address, path in paths_of(addresses, world, member):
            for method in _methods(address, role):
                watched = neighbours if _is_up_to_the_page(address, method, role) else None
                answer = ask(world.clients[role], method, path, _sent(address, method, world), watched=watched)
                tally.count(answer)
                if (answer.status < 400 and not answer.leads_to_login) or answer.status in (409, 422):
                    opened.add(address)
                    shown |= {address} if answer.status != 302 else set()
                _judge_member(tally, method, address, role, answer)
                _note_leaks(tally, neighbours, method, address, role, answer)
                _note_breakage(tally, method, address, role, answer)
                if answer.status == 403 and _is_guarded_from(address, role):
                    break
    for address, _path in paths_of(addresses, world, world.admin):
        if is_closed(address) and address in shown:
            tally.leaked.append(f"{address} is a closed page and opens")
        if not is_closed(address) and address not in opened:
            tally.wrong.append(f"{address} opens to nobody: its refusals prove nothing")


def _judge_member(tally, method, address, role, answer):
    code = address.permission_for(method)
    if code == "" or is_closed(address):
        return
    is_open_to = code is None or code in PERMISSIONS[role]
    if not is_open_to and answer.status not in (403, 404, 405):
        tally.leaked.append(f"{method} {address} answers {answer.status} to {role} without {code}")
    if is_open_to and answer.status in (403, 404) and not (address.is_admin or address.name in NARROWER):
        tally.wrong.append(f"{method} {address} answers {answer.status} to {role}, who holds {code}")


def walk_next_door(tally, world, neighbours, addresses=None):
    """The people next door get 404 for rows of `world`: the same answer, to the letter, as for an id nobody has."""
    untouched, walk = world.checksum(), _NextDoor(tally, world, neighbours)
    with_rows = [address for address in addresses or every_address() if row_slots(address)]
    for role, member in neighbours.members.items():
        for address, _path in paths_of(with_rows, neighbours, member):
            world.checksum_at_first = untouched
            walk.try_rows(address, role, values_of(address, neighbours, member))


@dataclass
class _NextDoor:
    """People of one clinic who ask for the rows of another, and how they were answered to ids that nobody has."""

    tally: Tally
    world: World
    neighbours: World
    unknown_ids: dict = field(default_factory=lambda: defaultdict(set))

    def try_rows(self, address, role, values):
        """Ask for a row of theirs in each slot, until the guard refuses, which looks at the person and at no row."""
        for slots in _foreign_slots(address):
            writes = writes_so_far()
            foreign = values | _pick(slots, values_of(address, self.world, self.world.admin))
            if writes_so_far() != writes:
                self.world.settle()
            paths = [address.path(each) for each in (foreign, values | _pick(slots, random_values(address, values)))]
            for method in _methods(address, role):
                answer = self._compare(address, role, method, paths, self.unknown_ids[address, method, *slots])
                if answer.status == 403 and _is_guarded_from(address, role):
                    return

    def _compare(self, address, role, method, paths, known):
        """Ask for a foreign id, and for one that nobody has unless `known` says how colleagues were answered to it."""
        client, sent = self.neighbours.clients[role], _sent(address, method, self.neighbours)
        asked = ask(client, method, paths[0], sent, watched=self.world)
        self.tally.count(asked)
        _note_leaks(self.tally, self.world, method, address, role, asked)
        _note_breakage(self.tally, method, address, role, asked)
        # Django's admin says "perhaps it was deleted" elsewhere; allauth asks for the password first.
        is_sent_away = asked.status == 302 and (address.is_admin or address.permission == "")
        if not asked.is_refusal and not is_sent_away:
            self.tally.leaked.append(f"{method} {address} answers {asked.status} to {role} of another clinic")
        # The code or the method was refused before any row was looked for; or it is the answer to an unknown id.
        if asked.status in (403, 405) or asked.shape in known:
            return asked
        guessed = ask(client, method, paths[1], sent)
        self.tally.count(guessed)
        known.add(guessed.shape)
        if asked.shape != guessed.shape:
            self.tally.leaked.append(
                f"{method} {address} tells {role} of another clinic a foreign id from an unknown one:"
                f" {asked.shape} beside {guessed.shape}"
            )
        return asked


def _pick(names, values):
    return {name: values[name] for name in names}


def _is_guarded_from(address, role):
    """Tell whether staff_page refuses this role: it asks who somebody is before the view asks for anything."""
    return not (address.is_api or address.is_admin or not address.permission or address.permission in PERMISSIONS[role])


def _methods(address, role):
    """All methods where anything might open; the rest are refused by one rule for every page and need no crowd."""
    if address.is_api:
        return [method for method in METHODS if method in address.view.permissions or role == Role.CLINIC_ADMIN]
    if role == Role.CLINIC_ADMIN:
        return METHODS[:2] if is_closed(address) else METHODS
    return METHODS[:1] if address.is_admin and is_closed(address) else METHODS[:2]


def _foreign_slots(address):
    """Each row of an address by itself, beside one's own others, then all of them together."""
    slots = row_slots(address)
    if address.name in SHOWN_TO_ALL:
        return []
    has_all = len(slots) > 1 and not tells_by_secret(address)
    return [[slot] for slot in slots] + ([slots] if has_all else [])


def _is_up_to_the_page(address, method, role):
    """Tell whether no row is asked for; that a page changes something of others is asked of the admin's alone."""
    return not row_slots(address) and method in (METHODS[:2] if role == Role.CLINIC_ADMIN else METHODS[:1])


def _note_leaks(tally, world, method, address, role, answer):
    told = answer.text + repr(sorted(answer.headers.items()))
    if world.is_told_in(told):
        tally.leaked.append(f"{method} {address} tells {role} of another clinic what stands in its rows")
    if answer.has_written:
        tally.leaked.append(f"{method} {address} lets {role} of another clinic change its rows")


def _note_breakage(tally, method, address, role, answer):
    if answer.status >= 500 or answer.error:
        tally.wrong.append(f"{method} {address} breaks for {role}: {answer.status} {answer.error}")
    if method == "GET":
        tally.wrong += [f"{address} to {role}: {finding}" for finding in findings(address, role, answer)]


def tells_by_secret(address):
    """An invitation, a provider's feed, a form: whoever holds the link may read the name of the clinic."""
    return address.name in {"clinics:invitation_accept", "patients:emr_keys", "patients:provider_feed", *SHOWN_TO_ALL}


def is_closed(address):
    """Tell whether a page opens to nobody at all, on purpose."""
    admin = getattr(address.view, "model_admin", None)
    if address.name in CLOSED or address.view is closed or address.route.endswith("(?P<url>.*)$"):
        return True
    if admin is None:
        return address.is_admin and "<path:object_id>" in address.route and not address.name
    if not isinstance(admin, ClinicModelAdmin):
        return True
    request = type("Request", (), {"member": _Everybody(), "user": get_user_model()()})()
    act = address.name.rpartition("_")[2]
    may = {"add": admin.has_add_permission, "delete": admin.has_delete_permission}.get(act)
    return act == "history" or (may is not None and not may(request))


class _Everybody:
    """A member who holds every code, to ask an admin what it opens at all."""

    role, is_active = Role.CLINIC_ADMIN, True


def _sent(address, method, world):
    """What goes along with a request: an honest form, or an honest question."""
    has_body = method == "POST" or (address.is_api and method in ("PUT", "PATCH"))
    make = (POSTED if has_body else ASKED if method == "GET" else {}).get(address.name)
    if make is None:
        return {}
    with world.open():
        return make(world)


def paths_of(addresses, world, member):
    """Each address with its path; what was made to fill it is taken away again before the next one."""
    for address in addresses or every_address():
        point = transaction.savepoint() if address.slots else None
        path = address.path(values_of(address, world, member))
        if not is_hidden(address, path):
            yield address, path
        if point:
            taken_back(point)
