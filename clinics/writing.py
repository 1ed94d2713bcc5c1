"""Writing rows: each at once, or, for an act on many, those of all in a few statements at the end."""

from contextlib import contextmanager
from contextvars import ContextVar

from django.db import connection

_together = ContextVar("rows that are written together", default=None)


def write_new(row):
    """Insert an unsaved row and return it."""
    return _write(row, None)


def write_changes(row, fields):
    """Write these fields of a row that its verb has locked; returns it."""
    return _write(row, tuple(fields))


def _write(row, fields):
    waiting = _together.get()
    if waiting is not None:
        waiting.append((row, fields))
    elif fields is None:
        row.save(force_insert=True)
    else:
        row.save(update_fields=fields)
    return row


@contextmanager
def writing_together():
    """Keep what is written inside until the end, then write it table by table; yields the list of what waits.

    Whoever takes one of the acts back cuts its rows off the list. Inside, a verb must not ask the database for what it
    has just written. Must run inside the transaction of the acts.
    """
    waiting = []
    token = _together.set(waiting)
    try:
        yield waiting
    finally:
        _together.reset(token)
    tables = {}
    for row, fields in waiting:
        tables.setdefault((type(row), fields), []).append(row)
    for (model, fields), rows in tables.items():
        if fields is None:
            model.objects.bulk_create(rows)
        else:
            update_rows(rows, fields)


def update_rows(rows, names):
    """Write these fields of many rows of one model, row by row without waiting in between."""
    if not rows:
        return
    meta, quote = rows[0]._meta, connection.ops.quote_name
    fields = [meta.get_field(name) for name in names]
    columns = ", ".join(f"{quote(field.column)} = %s" for field in fields)
    values = [
        [
            *(field.get_db_prep_save(field.pre_save(row, add=False), connection) for field in fields),
            row.clinic_id,
            row.pk,
        ]
        for row in rows
    ]
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {quote(meta.db_table)} SET {columns} WHERE clinic_id = %s AND id = %s",  # noqa: S608 - our own names
            values,
        )
