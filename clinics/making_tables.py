"""How the first migration of an app makes all its tables at once, as those stand after the migrations it replaces."""

from importlib import import_module

from django.db.migrations import RunSQL
from django.db.migrations.operations.base import Operation


class MakeTables(Operation):
    """Make many tables in one step, each before those that point at it.

    Made one by one, Django would draw up all models anew for each of them: a minute instead of seconds.
    """

    def __init__(self, tables):
        """`tables` are CreateModel operations."""
        self.tables = tables

    def deconstruct(self):
        return type(self).__name__, [self.tables], {}

    def state_forwards(self, app_label, state):
        state.__dict__.pop("apps", None)  # drawn up when it is next asked for
        for table in self.tables:
            table.state_forwards(app_label, state)

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        for table in self.tables:
            table.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        for table in reversed(self.tables):
            table.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self):
        return f"Make {len(self.tables)} tables"


def sql_of(package, names):
    """The functions, triggers and rules that migrations of a package write in SQL, in their order.

    What they ask of the rows of an installation is left out: there are none yet.
    """
    migrations = [import_module(f"{package}.{name}").Migration for name in names]
    return [operation for each in migrations for operation in each.operations if isinstance(operation, RunSQL)]
