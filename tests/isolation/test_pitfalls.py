"""The traps of row-level security, each with the probe that shows that it does not catch us.

They are run as the application's role; where a trap is one of the owner's or of a plain connection, the test says so.
"""

import re

import psycopg
import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.utils import ProgrammingError
from psycopg import sql

from clinics.models import Location
from clinics.tenancy import clinic_scope
from clinics.tests.factories import ClinicFactory, LocationFactory
from clinics.wall import clinic_models
from conftest import next_door
from crm.models import Lead, LeadActivity
from crm.tests.factories import LeadFactory


def rows(query, parameters=()):
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return cursor.fetchall()


def setting():
    return rows("SELECT current_setting('app.clinic_id', true)")[0][0]


@pytest.fixture
def foreign(clinic, other_clinic):
    """A lead of the clinic next door, while ours is open."""
    with next_door(other_clinic):
        return LeadFactory(first_name="Foreign")


# 1 Owner and superuser ------------------------------------------------------------------------------


def test_application_runs_as_a_role_that_owns_nothing_and_bypasses_nothing(db):
    [(name, is_super, bypasses, owned)] = rows(
        "SELECT current_user, rolsuper, rolbypassrls, (SELECT count(*) FROM pg_class WHERE relowner = r.oid)"
        " FROM pg_roles r WHERE rolname = current_user"
    )

    assert (name, is_super, bypasses, owned) == (settings.DATABASE_ROLE, False, False, 0)


def test_policies_bind_the_owner_of_the_tables_too(db):
    """FORCE: an owner who is no superuser sees no more than the application does."""
    open_ones = "SELECT relname FROM pg_class WHERE relname = ANY(%s) AND NOT (relrowsecurity AND relforcerowsecurity)"

    assert rows(open_ones, [[model._meta.db_table for model in clinic_models()]]) == []


# 2 Settings of a session ------------------------------------------------------------------------------


def test_next_user_of_a_connection_finds_no_clinic(transactional_db):
    with clinic_scope(ClinicFactory()):
        pass

    assert (setting() or "", rows("SELECT count(*) FROM clinics_location")[0][0]) == ("", 0)


# 3 Released savepoints --------------------------------------------------------------------------------


def test_released_savepoint_leaves_the_outer_clinic_as_it_was(clinic, other_clinic):
    with next_door(other_clinic), transaction.atomic():
        LocationFactory(name="Theirs")

    assert setting() == str(clinic.pk)
    assert not Location.objects.filter(name="Theirs").exists()


# 4 Empty settings -------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["", None])
def test_empty_or_missing_setting_means_no_rows_and_no_error(foreign, value):
    rows("SELECT set_config('app.clinic_id', %s, true)", [value or ""])

    assert {table: rows(f"SELECT count(*) FROM {table}")[0][0] for table in ("crm_lead", "clinics_location")} == {
        "crm_lead": 0,
        "clinics_location": 0,
    }


# 8 Foreign keys ---------------------------------------------------------------------------------------


def test_row_cannot_point_at_another_clinics_row(clinic, foreign):
    """PostgreSQL checks a plain foreign key past every policy: only the composite key refuses."""
    activity = LeadActivity(lead_id=foreign.pk, type="NOTE", occurred_at=foreign.captured_at)

    with pytest.raises(IntegrityError), transaction.atomic():
        activity.save(force_insert=True)
        rows("SET CONSTRAINTS ALL IMMEDIATE")


def test_row_cannot_change_its_clinic(clinic, other_clinic):
    lead = LeadFactory()

    with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
        Lead.objects.filter(pk=lead.pk).update(clinic_id=other_clinic.pk)


# 9 Unique constraints as an oracle --------------------------------------------------------------------


def test_unique_value_of_another_clinic_is_free_here(clinic, other_clinic):
    with next_door(other_clinic):
        LeadFactory(external_id="HS-1")
        LocationFactory(name="Main street")

    assert LeadFactory(external_id="HS-1").pk
    assert LocationFactory(name="Main street").pk


# 10 Data migrations -----------------------------------------------------------------------------------


def test_update_without_a_clinic_is_refused_by_the_models_and_reaches_no_row_below(foreign):
    rows("SELECT set_config('app.clinic_id', '', true)")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE crm_lead SET first_name = 'Changed'")
        assert cursor.rowcount == 0


# 11 Dumps ---------------------------------------------------------------------------------------------


def test_dump_as_the_application_fails_instead_of_being_empty(clinic):
    """pg_dump sets row_security off, which turns a silently empty dump into an error."""
    with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
        rows("SELECT set_config('row_security', 'off', true)")
        rows("SELECT count(*) FROM crm_lead")


# 12 Views and TRUNCATE --------------------------------------------------------------------------------


def test_no_view_runs_with_its_owners_rights(db):
    assert (
        rows(
            "SELECT relname FROM pg_class WHERE relkind IN ('v', 'm') AND relnamespace = 'public'::regnamespace"
            " AND NOT coalesce(reloptions::text LIKE '%%security_invoker=true%%', false)"
        )
        == []
    )


@pytest.mark.parametrize("model", clinic_models(), ids=lambda model: model._meta.label)
def test_application_may_empty_no_table(db, model):
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        rows(f"TRUNCATE {model._meta.db_table} CASCADE")


# 14 Planner -------------------------------------------------------------------------------------------


def test_search_columns_reach_their_index_behind_the_policy(clinic):
    """lower() and LIKE do not; = on a stored column under the clinic does. Small tables are made to look big."""
    LeadFactory()
    rows("SELECT set_config('enable_seqscan', 'off', true)")

    for column in ("phone_e164", "email_norm", "name_key", "external_id"):
        plan = " ".join(line for (line,) in rows(f"EXPLAIN SELECT id FROM crm_lead WHERE {column} = 'x'"))
        assert re.search(rf"Index Cond: \(.*{column}", plan), plan


def test_every_index_of_a_clinics_table_leads_with_the_clinic(db):
    tables = [model._meta.db_table for model in clinic_models()]

    strays = rows(
        """
        SELECT i.indexrelid::regclass::text FROM pg_index i
        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
        WHERE i.indrelid::regclass::text = ANY(%s) AND NOT i.indisprimary AND a.attname <> 'clinic_id'
        """,
        [tables],
    )

    # Asked before a clinic is chosen: which clinics somebody works for, and whose a token or an address is.
    assert {name for (name,) in strays} <= {"member_of_user", "api_token_by_digest", "webhook_by_address"}


# 16 The one question before a clinic is chosen --------------------------------------------------------


def test_own_memberships_are_read_before_a_clinic_is_chosen_and_only_ones_own(clinic, coordinator, stranger):
    user_id = str(coordinator.user_id)
    rows("SELECT set_config('app.clinic_id', '', true), set_config('app.user_id', %s, true)", [user_id])

    assert rows("SELECT id FROM clinics_clinicuser") == [(coordinator.pk,)]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE clinics_clinicuser SET role = 'CLINIC_ADMIN'")
        assert cursor.rowcount == 0


# 17 Counters ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", clinic_models(), ids=lambda model: model._meta.label)
def test_ids_tell_no_volume(model):
    assert model._meta.pk.get_internal_type() == "UUIDField"


# The forward link and the raw roads of "Why not one alone" --------------------------------------------


def test_roads_around_the_manager_lead_nowhere(clinic, foreign):
    assert Lead._base_manager.filter(pk=foreign.pk).count() == 0
    assert list(Lead.objects.raw("SELECT * FROM crm_lead WHERE id = %s", [foreign.pk])) == []
    assert rows("SELECT id FROM crm_lead WHERE id = %s", [foreign.pk]) == []
    with pytest.raises(Lead.DoesNotExist):
        LeadActivity(lead_id=foreign.pk).lead.first_name  # noqa: B018


def test_row_of_another_clinic_cannot_be_saved_or_made(clinic, foreign, other_clinic):
    with pytest.raises((ProgrammingError, IntegrityError)), transaction.atomic():
        Lead(pk=foreign.pk, first_name="Taken over", stage_id=foreign.stage_id, source_id=foreign.source_id,
             stage_entered_at=foreign.stage_entered_at, captured_at=foreign.captured_at).save()  # fmt: skip
    with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
        Location(clinic_id=other_clinic.pk, name="Planted").save(force_insert=True)


def test_plain_connection_of_the_application_sees_nothing_without_a_clinic(transactional_db):
    """Whatever connects as the application, with no code of ours around it, reads empty tables."""
    clinic = ClinicFactory()
    with clinic_scope(clinic):
        LocationFactory()
    parameters = connection.get_connection_params()
    for key in ("cursor_factory", "context", "prepare_threshold"):
        parameters.pop(key, None)

    with psycopg.connect(**parameters) as plain:
        plain.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(settings.DATABASE_ROLE)))
        [count] = plain.execute("SELECT count(*) FROM clinics_location").fetchone()

    assert count == 0
    with clinic_scope(clinic):
        assert Location.objects.count() == 1
