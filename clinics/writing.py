"""Writing rows: each at once, or, for an act on many, those of all in a few statements at the end."""

from collections import Counter
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models, transaction

ORDER = {"gone": 0, "new": 1, "changed": 1, "more": 2}
_together = ContextVar("rows that are written together", default=None)
_as_one = ContextVar("whether all the acts at hand stand or fall as one", default=False)


def whole(verb):
    """All that a verb writes happens, or nothing of it.

    Within acts that stand as one (writing_together) a verb that breaks a rule has written nothing yet, so it needs no
    savepoint of its own.
    """
    alone = transaction.atomic(verb)

    @wraps(verb)
    def run(*args, **kwargs):
        return (verb if _as_one.get() else alone)(*args, **kwargs)

    return run


def is_together():
    """Whether what is written now waits for the end of an act on many."""
    return _together.get() is not None


def write_new(row):
    """Insert an unsaved row and return it."""
    if (waiting := _together.get()) is not None:
        waiting.append(("new", row, None))
    else:
        row.save(force_insert=True)
    return row


def write_changes(row, fields):
    """Write these fields of a row that its verb has locked; returns it."""
    if (waiting := _together.get()) is not None:
        waiting.append(("changed", row, tuple(fields)))
    else:
        row.save(update_fields=fields)
    return row


def remove(model, **facts):
    """Delete the rows of a model with these facts, the first of which must tell them from all others."""
    if (waiting := _together.get()) is not None:
        waiting.append(("gone", model, facts))
    else:
        model.objects.filter(**facts).delete()


def add_to(model, field, amounts):
    """Add to a number of some rows of a model: {id: how much}.

    The rows are locked in one order, at the end of acts on many: nobody who adds to some of them waits in a circle.
    """
    if (waiting := _together.get()) is not None:
        waiting.append(("more", model, (field, amounts)))
    else:
        _add_in_order(model, field, amounts)


def _add_in_order(model, field, amounts):
    for pk, amount in sorted(amounts.items(), key=lambda each: str(each[0])):
        model.objects.filter(pk=pk).update(**{field: models.F(field) + amount})


@contextmanager
def writing_together(*, as_one=False):
    """Keep what is written inside until the end, then write it table by table; yields the list of what waits.

    Whoever takes one of the acts back cuts its rows off the list. Inside, a verb must not ask the database for what it
    has just written. `as_one` says that the caller rolls all of the acts back if anything but a rule goes wrong. Must
    run inside the transaction of the acts.
    """
    waiting = []
    tokens = _together.set(waiting), _as_one.set(as_one)
    try:
        yield waiting
    finally:
        _together.reset(tokens[0])
        _as_one.reset(tokens[1])
    for (kind, model, fields), rows in _by_statement(waiting).items():
        if kind == "new":
            model.objects.bulk_create(rows)
        elif kind == "changed":
            update_rows(rows, fields)
        elif kind == "more":
            amounts = Counter()
            for each in rows:
                amounts.update(each)  # a sum of Counters would lose what is below zero
            _add_in_order(model, fields[0], amounts)
        else:
            model.objects.filter(**{f"{name}__in": {facts[name] for facts in rows} for name in fields}).delete()


def _by_statement(waiting):
    """What waits by what is done, to which table and which fields: first what goes, last what is added to."""
    statements = {}
    for kind, what, fields in sorted(waiting, key=lambda each: ORDER[each[0]]):
        if kind == "gone":
            statements.setdefault((kind, what, tuple(fields)), []).append(fields)
        elif kind == "more":
            statements.setdefault((kind, what, fields[:1]), []).append(fields[1])
        else:
            statements.setdefault((kind, type(what), fields), []).append(what)
    return statements


def update_rows(rows, names):
    """Write these fields of many rows of one model, in one statement."""
    if not rows:
        return
    meta, quote = rows[0]._meta, connection.ops.quote_name
    fields = [meta.get_field(name) for name in names]
    values = [
        [row.pk, *(_plain(field.get_db_prep_save(field.pre_save(row, add=False), connection)) for field in fields)]
        for row in rows
    ]
    if any(isinstance(field, ArrayField | models.JSONField) for field in fields):
        return _update_one_by_one(rows, fields, values)
    columns = [quote(field.column) for field in (meta.pk, *fields)]
    types = [field.cast_db_type(connection) or field.db_type(connection) for field in (meta.pk, *fields)]
    arrays = ", ".join(f"%s::{kind.split('(')[0]}[]" for kind in types)
    given = ", ".join(f"{column} = given.{column}" for column in columns[1:])
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {quote(meta.db_table)} kept SET {given} FROM unnest({arrays}) given({', '.join(columns)})"  # noqa: S608
            " WHERE kept.clinic_id = %s AND kept.id = given.id",
            [*(list(column) for column in zip(*values, strict=True)), rows[0].clinic_id],
        )
    return None


def _plain(value):
    """A word of a list of choices as text: an array holds values of one type."""
    return str(value) if isinstance(value, str) else value


def _update_one_by_one(rows, fields, values):
    """The same where a column cannot be handed over as one array: row by row without waiting in between."""
    quote = connection.ops.quote_name
    columns = ", ".join(f"{quote(field.column)} = %s" for field in fields)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {quote(rows[0]._meta.db_table)} SET {columns} WHERE clinic_id = %s AND id = %s",  # noqa: S608
            [[*given, row.clinic_id, pk] for row, (pk, *given) in zip(rows, values, strict=True)],
        )
