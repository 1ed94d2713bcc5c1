# ruff: noqa: E501, S608 - lists and statements read better in long lines, and nothing a person typed enters them
"""Tables without keys, indexes and foreign keys while very many rows are drawn into them, and as they were afterwards.

Kept row by row they cost more than all the rest; made of what is there they cost minutes. The checks of foreign keys,
besides, keep the plan that they made while a table was empty.
"""

from contextlib import contextmanager

from django.db import connection

TABLES = (
    "crm_lead", "crm_leadword", "crm_leadmatchkey", "crm_leadactivity", "crm_leadtask", "crm_leadtag", "crm_opportunity",
    "crm_stagechange", "crm_touchpoint", "crm_contactpoint", "crm_leadcontactpoint", "crm_leadconversion",
    "crm_convertedpatient", "crm_figurefacts", "crm_figureline", "patients_patient", "patients_patientword",
    "patients_payment", "patients_appointment",
)  # fmt: skip
# What these triggers keep is said by the rows that are drawn, or made of them at the end.
SILENT = "tgname IN ('figures_new', 'figures_changed', 'touch_kept')"
KEYS = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE {which} ORDER BY contype = 'f', contype = 'u', conname
"""
OF_THEM = "(conrelid = ANY(%(tables)s::regclass[]) OR confrelid = ANY(%(tables)s::regclass[]))"
INDEXES = """
    SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index i
    WHERE indrelid = ANY(%(tables)s::regclass[]) AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid)
"""
TRIGGERS = (
    f"SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE tgrelid = ANY(%(tables)s::regclass[]) AND {SILENT}"
)
# One process builds much at once.
BUILDING = "SET maintenance_work_mem = '1GB'; SET max_parallel_maintenance_workers = 0; SET synchronous_commit = off"


@contextmanager
def bare_tables():
    """Take keys, indexes and foreign keys of TABLES away, and write them anew at the end, proven by the database."""
    with _as_owner() as cursor:
        tables = {"tables": list(TABLES)}
        triggers = _found(cursor, TRIGGERS, tables)
        foreign = _found(cursor, KEYS.format(which=f"contype = 'f' AND {OF_THEM}"), tables)
        keys = _found(
            cursor, KEYS.format(which="contype IN ('p', 'u') AND conrelid = ANY(%(tables)s::regclass[])"), tables
        )
        indexes = _found(cursor, INDEXES, tables)
        for table, name in triggers:
            cursor.execute(f'ALTER TABLE {table} DISABLE TRIGGER "{name}"')
        for table, name, _definition in [*foreign, *keys]:
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        for name, _definition in indexes:
            cursor.execute(f"DROP INDEX {name}")
    try:
        yield
    finally:
        with _as_owner() as cursor:
            cursor.execute(BUILDING)
            for table, name, definition in keys:
                cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
            for _name, definition in indexes:
                cursor.execute(definition)
            cursor.execute("ANALYZE")
            for table, name, definition in foreign:
                cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
            for table, name in triggers:
                cursor.execute(f'ALTER TABLE {table} ENABLE TRIGGER "{name}"')
            cursor.execute("VACUUM (ANALYZE)")


@contextmanager
def without_foreign_keys():
    """Take the foreign keys of all clinics' tables away while rows are drawn that are found along their indexes."""
    with _as_owner() as cursor:
        foreign = _found(cursor, KEYS.format(which="contype = 'f' AND conname LIKE '%%\\_in\\_clinic'"), {})
        for table, name, _definition in foreign:
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    try:
        yield
    finally:
        with _as_owner() as cursor:
            cursor.execute("ANALYZE")
            for table, name, definition in foreign:
                cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
            cursor.execute("VACUUM (ANALYZE)")


@contextmanager
def _as_owner():
    """A cursor of a connection of its own, as whoever owns the tables."""
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        yield cursor
    connection.close()


def _found(cursor, statement, facts):
    cursor.execute(statement, facts)
    return cursor.fetchall()
