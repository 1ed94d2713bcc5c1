"""After a test whose rows were committed: only what holds rows is emptied, since a hundred tables cost half a second.

What migrating made (content types, permissions) stays, so that nothing has to be made again.
"""

from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from clinics.wall import APPEND_ONLY, clinic_models

KEPT = {"django_migrations", "django_content_type", "auth_permission"}
FEW = 4_000_000  # bytes: deleting more rows than that takes longer than emptying every table as a whole
HOLDING = """
    SELECT relname, pg_relation_size(oid) FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 0
"""


def empty_tables(*_test):
    """Delete the rows of all clinics and people, as the owner of the tables; then the application connects anew."""
    connection.close()
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("RESET ROLE")
            sizes = _sizes(cursor)
            if sum(sizes.values()) < FEW:
                _delete_rows(cursor, set(sizes))
                return
    except DatabaseError:  # a row that was committed meanwhile names one that was deleted
        pass
    finally:
        connection.close()
    call_command("flush", verbosity=0, interactive=False, reset_sequences=False)


def _sizes(cursor):
    """How many bytes each table takes that has had rows since it was emptied as a whole."""
    cursor.execute(HOLDING)
    return {table: size for table, size in cursor.fetchall() if table not in KEPT}


def _delete_rows(cursor, tables):
    if not tables:
        return
    cursor.execute(f"LOCK TABLE {', '.join(sorted(tables))} IN EXCLUSIVE MODE")  # whoever still writes is waited for
    append_only = tables & APPEND_ONLY
    walled = tables & {model._meta.db_table for model in clinic_models()} - append_only
    cursor.execute("SELECT id FROM clinics_clinic")
    for (clinic_id,) in cursor.fetchall():
        cursor.execute("SELECT set_config('app.clinic_id', %s, true)", [str(clinic_id)])
        cursor.execute(";".join(f"DELETE FROM {table}" for table in sorted(walled)))
    truncate = [f"TRUNCATE {table}" for table in sorted(append_only)]
    cursor.execute(";".join([*truncate, *(f"DELETE FROM {table}" for table in sorted(tables - walled - append_only))]))
