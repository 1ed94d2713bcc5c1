"""The wall is written whole, as often as one likes, and its audit bites: each test opens a gap and finds it named."""

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django_scopes.state import state as scopes

from clinics.models import AuditLog, Location
from clinics.wall import build_wall, clinic_models
from clinics.wall_audit import find_gaps


@pytest.fixture
def owner_rights(db):
    """Run statements as the owner of the tables; the application's role comes back afterwards, all is rolled back."""

    def run(*statements):
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('role', 'none', true)")
            for statement in statements:
                cursor.execute(statement)
            cursor.execute("SELECT set_config('role', %s, true)", [settings.DATABASE_ROLE])

    return run


@pytest.fixture(autouse=True)
def outside_of_any_clinic():
    token = scopes.set({})
    yield
    scopes.reset(token)


def shape():
    """Everything that the wall consists of, from the catalogue."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename, policyname, cmd, qual, with_check FROM pg_policies ORDER BY 1, 2")
        policies = cursor.fetchall()
        cursor.execute("SELECT conrelid::regclass::text, conname FROM pg_constraint ORDER BY 1, 2")
        keys = cursor.fetchall()
        cursor.execute("SELECT indexrelid::regclass::text FROM pg_index ORDER BY 1")
        return policies, keys, cursor.fetchall()


def test_wall_stands(db):
    assert find_gaps(connection) == []


def test_wall_is_built_twice_as_once(db):
    before = shape()

    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('role', 'none', true)")
        build_wall(connection, role=settings.DATABASE_ROLE)
        cursor.execute("SELECT set_config('role', %s, true)", [settings.DATABASE_ROLE])

    assert shape() == before


def test_every_model_of_a_clinic_is_behind_the_wall(db):
    policies, _keys, _indexes = shape()

    assert {model._meta.db_table for model in clinic_models()} <= {table for table, *_ in policies}


GAPS = [
    ("ALTER TABLE crm_lead DISABLE ROW LEVEL SECURITY", "crm_lead: row-level security is not enabled and forced."),
    ("ALTER TABLE crm_lead NO FORCE ROW LEVEL SECURITY", "crm_lead: row-level security is not enabled and forced."),
    ("DROP POLICY clinic ON crm_lead", "crm_lead: no policy binds reading and writing to the clinic."),
    (
        "DROP POLICY clinic ON crm_lead; CREATE POLICY clinic ON crm_lead USING (true) WITH CHECK (true)",
        "crm_lead: no policy binds reading and writing to the clinic.",
    ),
    (
        "ALTER POLICY clinic ON crm_lead USING (clinic_id::text = current_setting('app.clinic_id') OR true)",
        "crm_lead: no policy binds reading and writing to the clinic.",
    ),
    ("CREATE TABLE stray (id int)", "stray has no clinic and is not named as a shared table."),
    ("CREATE VIEW everything AS SELECT * FROM crm_lead", "everything: the view runs with its owner's rights."),
    (
        "ALTER TABLE crm_lead ADD CONSTRAINT one_phone UNIQUE (phone_e164)",
        "crm_lead: unique index one_phone reaches across clinics.",
    ),
    (
        "ALTER TABLE crm_lead DROP CONSTRAINT crm_lead_stage_id_in_clinic",
        "crm_lead.stage_id: no composite foreign key guards it.",
    ),
    (
        "ALTER TABLE crm_lead ADD CONSTRAINT plain FOREIGN KEY (stage_id) REFERENCES crm_pipelinestage (id)",
        "crm_lead: foreign key plain does not include the clinic.",
    ),
    ("GRANT TRUNCATE ON crm_lead TO {role}", "crm_lead: the application may truncate it."),
    ("GRANT UPDATE ON clinics_auditlog TO {role}", "clinics_auditlog: rows can be changed or deleted."),
    ("ALTER TABLE clinics_auditlog DISABLE TRIGGER append_only", "clinics_auditlog: rows can be changed or deleted."),
]


@pytest.mark.parametrize(("statement", "finding"), GAPS, ids=[statement[:50] for statement, _ in GAPS])
def test_audit_names_the_gap(owner_rights, statement, finding):
    owner_rights(statement.format(role=settings.DATABASE_ROLE))

    assert find_gaps(connection) == [finding]


def test_audit_names_a_permissive_policy_beside_ours(owner_rights):
    """Policies add up: one that lets everything through opens the table, though ours stands beside it."""
    owner_rights("CREATE POLICY generous ON crm_lead USING (true)")

    assert find_gaps(connection) == ["crm_lead: policy generous opens it beside the clinic's own."]


def test_audit_names_an_unscoped_manager(db, monkeypatch):
    monkeypatch.setattr(Location.objects.__class__, "get_queryset", lambda manager: AuditLog._base_manager.all())

    assert any("answers outside of a clinic's scope." in gap for gap in find_gaps(connection))


def test_audit_names_a_role_that_no_policy_binds(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('role', 'none', true)")
        gaps = find_gaps(connection)
        cursor.execute("SELECT set_config('role', %s, true)", [settings.DATABASE_ROLE])

    assert any("owns" in gap or "does not bind" in gap for gap in gaps)


def test_audit_is_a_command_that_fails_on_a_gap(owner_rights):
    call_command("wall_audit")
    owner_rights("DROP POLICY clinic ON crm_lead")

    with pytest.raises(CommandError, match="1 gaps in the wall"):
        call_command("wall_audit")
