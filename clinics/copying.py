"""Many rows at once: copied into a temporary table, and inserted or written over from there.

PostgreSQL does not copy into a table with row-level security; the INSERT passes the policies as any other does.
"""

from django.db import connection, models
from psycopg import sql

PLAIN = (models.CharField, models.TextField, models.UUIDField, models.IntegerField)


def copy_in(model, instances, *, skip_known=False):
    """Insert unsaved instances of a model; with `skip_known`, those that a unique constraint knows already are passed.

    Must run in a transaction: the temporary table ends with it.
    """
    instances = list(instances)
    if not instances:
        return
    fields = model._meta.concrete_fields
    readers = [_reader(field) for field in fields]
    names = {
        "table": sql.Identifier(model._meta.db_table),
        "incoming": sql.Identifier(f"incoming_{model._meta.db_table}"),
        "columns": sql.SQL(", ").join(sql.Identifier(field.column) for field in fields),
        "conflict": sql.SQL("ON CONFLICT DO NOTHING" if skip_known else ""),
    }
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("CREATE TEMPORARY TABLE IF NOT EXISTS {incoming} (LIKE {table}) ON COMMIT DROP").format(**names)
        )
        with cursor.copy(sql.SQL("COPY {incoming} ({columns}) FROM STDIN").format(**names)) as copy:
            for instance in instances:
                copy.write_row([read(instance) for read in readers])
        cursor.execute(
            sql.SQL("INSERT INTO {table} ({columns}) SELECT {columns} FROM {incoming} {conflict}").format(**names)
        )
        cursor.execute(sql.SQL("TRUNCATE {incoming}").format(**names))


def copy_over(model, instances, fields):
    """Write these fields of many stored instances of a model in one statement; `updated_at` follows.

    `fields` are names of columns as attributes ("patient_id"). Must run in a transaction, as copy_in must.
    """
    instances = list(instances)
    if not instances:
        return
    by_name = {field.attname: field for field in model._meta.concrete_fields}
    written = [by_name[name] for name in dict.fromkeys([*fields, "updated_at"])]
    columns = [model._meta.pk, *written]
    readers = [_reader(field) for field in columns]
    names = {
        "table": sql.Identifier(model._meta.db_table),
        "changed": sql.Identifier(f"changed_{model._meta.db_table}"),
        "columns": sql.SQL(", ").join(sql.Identifier(field.column) for field in columns),
        "set": sql.SQL(", ").join(
            sql.SQL("{0} = changed.{0}").format(sql.Identifier(field.column)) for field in written
        ),
        "pk": sql.Identifier(model._meta.pk.column),
    }
    with connection.cursor() as cursor:
        # Unlike LIKE this brings no NOT NULL along: the columns that stay as they are stay out.
        cursor.execute(
            sql.SQL(
                "CREATE TEMPORARY TABLE IF NOT EXISTS {changed} ON COMMIT DROP AS SELECT * FROM {table} WITH NO DATA"
            ).format(**names)
        )
        with cursor.copy(sql.SQL("COPY {changed} ({columns}) FROM STDIN").format(**names)) as copy:
            for instance in instances:
                copy.write_row([read(instance) for read in readers])
        cursor.execute(
            sql.SQL("UPDATE {table} SET {set} FROM {changed} changed WHERE {table}.{pk} = changed.{pk}").format(**names)
        )
        cursor.execute(sql.SQL("TRUNCATE {changed}").format(**names))


def _reader(field):
    """How the value of a field is got from an instance; most are stored as they stand, which spares Django's way."""
    is_djangos_own = type(field).__module__.startswith("django.db.models")
    if isinstance(field, models.ForeignKey) or (is_djangos_own and isinstance(field, PLAIN)):
        return lambda instance: instance.__dict__[field.attname]
    return lambda instance: field.get_db_prep_save(field.pre_save(instance, True), connection)
