"""Questions that every page asks, written as SQL once.

Putting a queryset together and into SQL takes the ORM one to five milliseconds, several times what the database needs
for the answer. What a frame or a filter asks is always the same but for the ids, so the words are kept.
"""

import copy
import inspect
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from uuid import UUID, uuid4

from django.db import connections
from django.db.models import QuerySet
from django.db.models.sql.compiler import SQLCompiler
from django_scopes import scope

from clinics.models.base import current_clinic_id


class NotAQuestion(TypeError):
    """Raised for a queryset whose words would not hold another time."""


@dataclass(frozen=True)
class Written:
    """The SQL of a question, with the places of its parameters that are filled in each time: {place: name}."""

    rows: QuerySet
    compiler: SQLCompiler
    sql: str
    params: tuple
    places: dict


class Question:
    """A queryset that depends on the open clinic and some facts alone; `rows(**facts)` asks it and lists what it finds.

    `build` makes the queryset, once a process, from stand-ins for the facts: ids, or words where it annotates one as
    `str`. It must not look at anything else that changes: no moment, no setting, no language. One that asks for no
    clinic must say that it is `across_clinics`.
    """

    def __init__(self, build, *, across_clinics=False):
        self.build, self.across_clinics = build, across_clinics

    def rows(self, **facts):
        """What the question finds for these facts in the open clinic, as the queryset itself would list it."""
        written = self._written
        known = facts | {"clinic": current_clinic_id()}
        params = list(written.params)
        for place, name in written.places.items():
            params[place] = known[name]
        rows = written.rows._chain()
        rows.query.get_compiler = lambda using, *_args, **_kwargs: _reader(written, using, tuple(params))
        return list(rows)

    @cached_property
    def _written(self):
        asked = inspect.signature(self.build).parameters.values()
        stand_ins = {each.name: uuid4().hex if each.annotation is str else uuid4() for each in asked}
        stand_ins["clinic"] = uuid4()
        with scope(clinic=stand_ins["clinic"]):
            rows = self.build(**{name: each for name, each in stand_ins.items() if name != "clinic"})
        compiler = rows.query.get_compiler(rows.db)
        sql, params = compiler.as_sql()
        names = {each: name for name, each in stand_ins.items()}
        known = {place: value for place, value in enumerate(params) if isinstance(value, UUID | str)}
        places = {place: names[value] for place, value in known.items() if value in names}
        missing = stand_ins.keys() - places.values() - ({"clinic"} if self.across_clinics else set())
        if missing:
            raise NotAQuestion(f"It does not ask for {', '.join(sorted(missing))}.")
        if any(isinstance(value, date) for value in params):
            raise NotAQuestion("It holds a moment, which would not pass.")
        return Written(rows, compiler, sql, tuple(params), places)


def _reader(written, using, params):
    """A compiler that has written its SQL already and only reads the answer."""
    reader = copy.copy(written.compiler)
    reader.using, reader.connection = using, connections[using]
    reader.as_sql = lambda *_args, **_kwargs: (written.sql, params)
    return reader
