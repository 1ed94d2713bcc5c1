"""The tests of the wall bite: whatever is broken in it, one thing at a time, is found."""

from contextlib import contextmanager

import pytest
from django.contrib.auth.decorators import login_not_required
from django.db import connection, models, transaction
from django.http import HttpResponse
from django.urls import clear_url_caches, get_resolver

from clinics import access
from clinics.models import Role
from clinics.wall import APPEND_ONLY, clinic_links, clinic_models
from clinics.wall_audit import find_gaps
from crm.models import Lead
from crm.models.lead import LeadQuerySet
from tests.isolation.addresses import every_address
from tests.isolation.asking import Tally
from tests.isolation.probes import Target
from tests.isolation.test_models import Probed, findings_at, probe_links
from tests.isolation.walking import walk_as_members, walk_as_nobody, walk_next_door

WHOSE = "(SELECT nullif(current_setting('app.clinic_id', true), '')::uuid)"
# What may be wrong with the wall around a table: name -> SQL, and whether rows are then reached from next door.
TABLE_MUTANTS = {
    "policy forgotten": ("DROP POLICY clinic ON {table}", False),
    "row security forgotten": ("ALTER TABLE {table} DISABLE ROW LEVEL SECURITY", True),
    "row security not forced": ("ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY", False),
    "policy that lets everybody in": (
        "DROP POLICY clinic ON {table}; CREATE POLICY clinic ON {table} USING (true) WITH CHECK (true)",
        True,
    ),
    "policy for reading only": (
        f"DROP POLICY clinic ON {{table}}; CREATE POLICY clinic ON {{table}} FOR SELECT USING (clinic_id = {WHOSE})",
        False,
    ),
    "a second policy beside the first": ("CREATE POLICY more ON {table} USING (true)", True),
    "everybody may empty it": ("GRANT TRUNCATE ON {table} TO PUBLIC", False),
}


@contextmanager
def as_owner():
    """Change the tables as their owner; what stands open in this transaction is checked before."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        cursor.execute("SELECT current_user")
        role = cursor.fetchone()[0]
        cursor.execute("RESET ROLE")
        yield cursor
        cursor.execute(f'SET ROLE "{role}"')


@contextmanager
def broken(statement):
    """The database with one thing broken in it."""
    with transaction.atomic():
        with as_owner() as cursor:
            cursor.execute(statement)
        yield
        transaction.set_rollback(True)


def whose(gaps):
    """What the findings of an audit are about: `table`, `table.column` or `Model.manager`."""
    return {gap.partition(":")[0].partition(" ")[0] for gap in gaps}


@pytest.mark.parametrize("mutant", TABLE_MUTANTS)
def test_wall_audit_finds_it_on_every_table(mutant, db):
    """On all tables at once, each of which must be named, and on one alone."""
    statement, _reaches = TABLE_MUTANTS[mutant]
    tables = [model._meta.db_table for model in clinic_models()]
    assert find_gaps(connection) == []

    with broken(";".join(statement.format(table=table) for table in tables)):
        missed = set(tables) - whose(find_gaps(connection))
    with broken(statement.format(table=tables[-1])):
        alone = whose(find_gaps(connection))

    assert not missed, f"{mutant}: the audit of the wall does not see it on {', '.join(sorted(missed))}"
    assert alone == {tables[-1]}


def test_wall_audit_finds_a_plain_foreign_key_in_the_place_of_each_composite_one(db):
    keys = {}
    for model in clinic_models():
        table = model._meta.db_table
        for link in clinic_links(model):
            name = f"{table}_{link.column}"[:55] + "_in_clinic"
            keys[f"{table}.{link.column}"] = f'ALTER TABLE {table} DROP CONSTRAINT "{name}"'

    with broken(";".join(keys.values())):
        missed = set(keys) - whose(find_gaps(connection))
    last = list(keys)[-1]
    with broken(keys[last]):
        alone = whose(find_gaps(connection))

    assert not missed, f"The audit of the wall misses these keys: {', '.join(sorted(missed))}"
    assert alone == {last}


def test_wall_audit_finds_an_unscoped_manager_of_each_model(db, monkeypatch):
    for model in clinic_models():
        manager = models.Manager()
        manager.model, manager.name = model, "everything"
        monkeypatch.setitem(vars(model._meta), "managers", (manager,))

    missed = {f"{model._meta.label}.everything" for model in clinic_models()} - whose(find_gaps(connection))

    assert not missed, f"The audit of the wall does not see unscoped managers of {', '.join(sorted(missed))}"


@pytest.mark.parametrize("mutant", [name for name, (_statement, reaches) in TABLE_MUTANTS.items() if reaches])
def test_probes_reach_every_table_whose_wall_is_down(mutant, worlds):
    statement, _reaches = TABLE_MUTANTS[mutant]
    unharmed = []
    worlds[0].checksum_at_first  # noqa: B018
    for model in clinic_models():
        with broken(statement.format(table=model._meta.db_table)):
            if not any(findings_at(Probed(), Target(model, *worlds))):
                unharmed.append(model.__name__)

    assert not unharmed, f"{mutant}: the probes notice nothing at {', '.join(unharmed)}"


# Another rule of the database refuses the change before a key is asked: the facts of a touch never change, what was
# earned has one earner, and a block with a provider has no room.
REFUSED_ANYWAY = {
    "Touchpoint.source",
    "Touchpoint.ad_campaign",
    "Commission.provider",
    "Commission.referrer",
    "ScheduleBlock.room",
}


def test_probes_hang_rows_on_rows_next_door_without_the_composite_key(worlds):
    unharmed = []
    for model in clinic_models():
        for link in clinic_links(model) if model._meta.db_table not in APPEND_ONLY else ():
            table, name = model._meta.db_table, f"{model._meta.db_table}_{link.column}"[:55] + "_in_clinic"
            probed = Probed()
            with broken(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"'):
                probe_links(probed, Target(model, *worlds))
            name = f"{model.__name__}.{link.name}"
            if name not in REFUSED_ANYWAY and not any(found.startswith(f"{name} ") for found in probed.found):
                unharmed.append(name)

    assert not unharmed, f"Without its key, nothing is noticed at {', '.join(unharmed)}"


LEAD_PAGES = ("crm:lead_detail", "crm:lead_list", "crm:lead_note", "crm:board")


def lead_pages(*names):
    return [address for address in every_address() if address.name in (names or LEAD_PAGES)]


def test_the_walk_finds_nothing_where_nothing_is_broken(worlds):
    tally = Tally()

    walk_as_nobody(tally, worlds[0], lead_pages())
    walk_as_members(tally, *worlds, lead_pages())
    walk_next_door(tally, *worlds, lead_pages())

    assert not tally.leaked, tally.findings()


def test_the_walk_finds_leads_without_their_wall(worlds, monkeypatch):
    """Both walls down: a manager that is not scoped over tables without row-level security."""
    down = ";".join(f"ALTER TABLE {model._meta.db_table} DISABLE ROW LEVEL SECURITY" for model in clinic_models())
    everybodys = models.Manager.from_queryset(LeadQuerySet)()
    everybodys.model, everybodys.name = Lead, "objects"
    monkeypatch.setattr(Lead, "objects", everybodys)
    tally = Tally()

    with broken(down):
        walk_next_door(tally, *worlds, lead_pages())
        walk_as_members(tally, *worlds, lead_pages("crm:lead_list"))

    assert any("crm:lead_detail answers 200" in leak for leak in tally.leaked), tally
    assert any("crm:lead_detail tells" in leak for leak in tally.leaked), tally
    assert any("crm:lead_list tells" in leak for leak in tally.leaked), tally


def test_the_walk_finds_a_guard_that_lets_every_role_in(worlds, monkeypatch):
    monkeypatch.setattr(access, "may", lambda member, code: True)
    tally = Tally()

    walk_as_members(tally, *worlds, lead_pages())

    for role in (Role.VIEWER, Role.MARKETING):
        assert any(leak.startswith("POST crm:lead_note") and f"to {role}" in leak for leak in tally.leaked), tally


def test_the_walk_finds_a_page_that_nobody_has_to_log_in_for(worlds, monkeypatch):
    pattern = pattern_of("clinics:notification_list")
    monkeypatch.setattr(pattern, "callback", login_not_required(lambda request: _greeting(worlds[0])))
    clear_url_caches()
    every_address.cache_clear()
    tally = Tally()

    walk_as_nobody(tally, worlds[0], lead_pages("clinics:notification_list"))

    every_address.cache_clear()
    assert tally.leaked, tally


def _greeting(world):
    return HttpResponse(world.word)


def pattern_of(name):
    space, _mark, name = name.partition(":")
    for resolver in get_resolver().url_patterns:
        if getattr(resolver, "namespace", None) == space:
            return next(pattern for pattern in resolver.url_patterns if pattern.name == name)
    raise LookupError(name)
