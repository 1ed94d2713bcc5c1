"""The wall in the database: row-level security, composite keys and grants for every table of a clinic.

`build_wall` runs after each migrate and is idempotent, so that no new table is forgotten; `find_gaps` proves from
PostgreSQL's catalogue, not from the models, that nothing is open.
"""

from django.apps import apps
from django.db import models
from psycopg import sql

from clinics.models.base import ClinicModel

# An unset or empty setting becomes NULL, and NULL equals nothing: no scope, no rows.
SCOPE = "(SELECT nullif(current_setting('app.clinic_id', true), '')::uuid)"
USER = "(SELECT nullif(current_setting('app.user_id', true), '')::uuid)"
DIGEST = "(SELECT nullif(current_setting('app.token_digest', true), ''))"
ADDRESS = "(SELECT nullif(current_setting('app.hook', true), ''))"

APPEND_ONLY = {"clinics_auditlog"}
# What may be read before a clinic is chosen: a person's own memberships, the row of a token by whoever holds it, and
# the connection whose address was called.
OWN_ROWS = {
    "clinics_clinicuser": f"user_id = {USER}",
    "clinics_apitoken": f"token_digest = {DIGEST}",
    "clinics_webhookconnection": f"token_digest = {ADDRESS}",
}
# Tables that stand before the wall: none may hold what a patient or lead told a clinic.
SHARED_TABLES = {
    "clinics_clinic",
    "clinics_user",
    "django_content_type",
    "django_migrations",
    "django_session",
    "auth_group",
    "auth_group_permissions",
    "auth_permission",
}
SHARED_PREFIXES = ("account_", "mfa_", "usersessions_", "django_celery_beat_")
CLOSED_TABLES = {"django_admin_log"}  # quotes names of rows; the audit log replaces it


def clinic_models():
    """Every model with a clinic, those of tests left out."""
    return [model for model in apps.get_models() if issubclass(model, ClinicModel)]


def build_wall(connection, *, role):
    """Write policies, composite keys, indexes and grants for all tables; `role` is what the application runs as."""
    with connection.cursor() as cursor:
        _grant(cursor, role)
        for model in clinic_models():
            _enforce_policies(cursor, model._meta.db_table)
            _add_clinic_key(cursor, model._meta.db_table)
        for model in clinic_models():
            for field in clinic_links(model):
                _add_composite_key(cursor, model, field)
        for table in APPEND_ONLY:
            _make_append_only(cursor, table, role)


def clinic_links(model):
    """The foreign keys of a model that point at another table of the clinic."""
    return [
        field
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey) and issubclass(field.remote_field.model, ClinicModel)
    ]


def _run(cursor, statement, **names):
    cursor.execute(sql.SQL(statement).format(**{key: sql.Identifier(value) for key, value in names.items()}))


def _grant(cursor, role):
    _run(cursor, "GRANT USAGE ON SCHEMA public TO {role}", role=role)
    _run(cursor, "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}", role=role)
    _run(cursor, "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}", role=role)
    _run(cursor, "REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {role}", role=role)
    for table in CLOSED_TABLES:
        _run(cursor, "REVOKE ALL ON {table} FROM {role}", table=table, role=role)


def _enforce_policies(cursor, table):
    _run(cursor, "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY", table=table)
    _run(cursor, "ALTER TABLE {table} FORCE ROW LEVEL SECURITY", table=table)
    _run(cursor, "DROP POLICY IF EXISTS clinic ON {table}", table=table)
    _run(
        cursor,
        f"CREATE POLICY clinic ON {{table}} USING (clinic_id = {SCOPE}) WITH CHECK (clinic_id = {SCOPE})",
        table=table,
    )
    _run(cursor, "DROP POLICY IF EXISTS own_rows ON {table}", table=table)
    if table in OWN_ROWS:
        _run(cursor, f"CREATE POLICY own_rows ON {{table}} FOR SELECT USING ({OWN_ROWS[table]})", table=table)


def _constraint_exists(cursor, table, name):
    cursor.execute("SELECT 1 FROM pg_constraint WHERE conrelid = %s::regclass AND conname = %s", [table, name])
    return cursor.fetchone() is not None


def _add_clinic_key(cursor, table):
    name = f"{table[:50]}_clinic_key"
    if not _constraint_exists(cursor, table, name):
        _run(cursor, "ALTER TABLE {table} ADD CONSTRAINT {name} UNIQUE (clinic_id, id)", table=table, name=name)


def _add_composite_key(cursor, model, field):
    table, column = model._meta.db_table, field.column
    target = field.remote_field.model._meta.db_table
    name = f"{table}_{column}"[:55] + "_in_clinic"
    if not _constraint_exists(cursor, table, name):
        _run(
            cursor,
            "ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY (clinic_id, {column})"
            " REFERENCES {target} (clinic_id, id) DEFERRABLE INITIALLY DEFERRED",
            table=table,
            name=name,
            column=column,
            target=target,
        )
    if not _is_indexed(cursor, table, column):
        _run(
            cursor,
            "CREATE INDEX {name} ON {table} (clinic_id, {column})",
            name=name[:58] + "_idx",
            table=table,
            column=column,
        )


def _is_indexed(cursor, table, column):
    """Tell whether a full index already begins with the clinic and this column."""
    cursor.execute(
        """
        SELECT 1 FROM pg_index i
        JOIN pg_attribute clinic ON clinic.attrelid = i.indrelid AND clinic.attnum = i.indkey[0]
        JOIN pg_attribute link ON link.attrelid = i.indrelid AND link.attnum = i.indkey[1]
        WHERE i.indrelid = %s::regclass AND i.indpred IS NULL AND clinic.attname = 'clinic_id' AND link.attname = %s
        """,
        [table, column],
    )
    return cursor.fetchone() is not None


def _make_append_only(cursor, table, role):
    """Even the owner cannot change or delete a row while the trigger stands."""
    cursor.execute(
        """
        CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$
        """
    )
    _run(cursor, "DROP TRIGGER IF EXISTS append_only ON {table}", table=table)
    _run(
        cursor,
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        table=table,
    )
    _run(cursor, "REVOKE UPDATE, DELETE ON {table} FROM {role}", table=table, role=role)
