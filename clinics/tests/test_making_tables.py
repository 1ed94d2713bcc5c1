"""A new installation is made in one go: what it has is what an old one got step by step."""

import pytest
from django.db import migrations, models
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

from clinics.making_tables import MakeTables, sql_of

REPLACING = {
    "clinics": "initial_squashed_0013",
    "patients": "initial_squashed_0016",
    "crm": "initial_squashed_0026",
    "inbox": "initial_squashed_0008",
}


def tables(state):
    """What a state says of the tables of the house, so that two of them can be told apart."""
    return ProjectState({key: model for key, model in state.models.items() if key[0] in REPLACING})


def test_what_is_made_at_once_is_what_the_steps_made():
    loader = MigrationLoader(None, replace_migrations=False)
    steps = [(app, loader.disk_migrations[app, name].replaces[-1][1]) for app, name in REPLACING.items()]

    at_once = tables(loader.project_state(list(REPLACING.items())))
    step_by_step = tables(loader.project_state(steps))

    assert len(at_once.models) > 130
    assert MigrationAutodetector(step_by_step, at_once)._detect_changes() == {}


@pytest.mark.parametrize("app", REPLACING)
def test_every_step_is_replaced(app):
    loader = MigrationLoader(None, replace_migrations=False)

    replaced = {name for _app, name in loader.disk_migrations[app, REPLACING[app]].replaces}
    before = {name for label, name in loader.disk_migrations if label == app and name <= max(replaced)}

    assert replaced == before


def test_the_sql_of_the_steps_comes_along_and_what_they_ask_of_rows_does_not():
    found = sql_of("crm.migrations", ["0012_booking_pages", "0013_tallies"])

    assert ["CREATE FUNCTION tally_leads()" in operation.sql for operation in found] == [True]


def test_tables_are_made_and_taken_away_in_turn():
    key = ("id", models.AutoField(primary_key=True))
    link = ("one", models.ForeignKey("clinics.One", models.CASCADE))
    made = MakeTables([migrations.CreateModel("One", [key]), migrations.CreateModel("Two", [key, link])])
    before, after = ProjectState(), ProjectState()
    made.state_forwards("clinics", after)
    told = []

    class Editor:
        connection = type("Connection", (), {"alias": "default"})

        def create_model(self, model):
            told.append(f"make {model.__name__}")

        def delete_model(self, model):
            told.append(f"drop {model.__name__}")

    made.database_forwards("clinics", Editor(), before, after)
    made.database_backwards("clinics", Editor(), after, before)

    assert told == ["make One", "make Two", "drop Two", "drop One"]
    assert made.describe() == "Make 2 tables"
