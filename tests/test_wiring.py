"""The pages of wiring (reactions, jobs, schedule, searches, navigation) name only what exists."""

import ast
import re
from pathlib import Path

import pytest
from celery import Task
from django.conf import settings
from django.urls import reverse
from django.utils.module_loading import import_string

from clinics.access import EVERY_CODE
from clinics.tenancy import ClinicTask
from config.events import EVENTS
from config.jobs import JOBS
from config.navigation import SECTIONS
from config.reactions import REACTIONS
from config.schedule import SCHEDULE

HOUSE = Path(settings.BASE_DIR)
APPS = ["clinics", "patients", "crm", "inbox"]
HANDLERS = sorted({handler for handlers in REACTIONS.values() for handler in handlers})
ITEMS = [item for section in SECTIONS for item in section.items]


def recorded_actions():
    """Every action that the code records by its plain name: record("…"), or a name that is handed to record()."""
    found = set()
    for app in APPS:
        for path in (HOUSE / app).rglob("*.py"):
            if "tests" in path.parts or "migrations" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "record" and node.args:
                    first = node.args[0]
                    if isinstance(first, ast.Constant):
                        found.add(first.value)
    return found


@pytest.mark.parametrize("handler", HANDLERS)
def test_reaction_is_a_task_of_a_clinic(handler):
    task = import_string(handler)

    assert isinstance(task._get_current_object() if hasattr(task, "_get_current_object") else task, ClinicTask)
    assert task.name == handler


def test_reactions_name_events_that_are_recorded():
    assert [event for event in REACTIONS if event not in EVENTS] == []


def test_events_have_words_for_all_that_is_recorded():
    assert sorted(recorded_actions() - set(EVENTS)) == []


@pytest.mark.parametrize("kind", sorted(JOBS))
def test_job_is_a_function(kind):
    assert callable(import_string(JOBS[kind]))


@pytest.mark.parametrize("name", sorted(SCHEDULE))
def test_schedule_names_a_task(name):
    task = import_string(SCHEDULE[name]["task"])

    assert isinstance(task, Task) or hasattr(task, "delay")
    assert task.name == SCHEDULE[name]["task"]


@pytest.mark.parametrize("path", settings.SEARCH)
def test_search_is_a_function(path):
    assert callable(import_string(path))


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.view)
def test_navigation_leads_somewhere_and_asks_for_a_known_permission(item):
    assert reverse(item.view).startswith("/")
    assert item.permission is None or item.permission in EVERY_CODE


def test_every_setting_of_the_environment_is_explained():
    """`.env.example` names all that `config/` and `bin/` read from the environment, those of an installation."""
    root = Path(__file__).resolve().parent.parent
    asked = re.compile(r"""\benv(?:\.\w+)?\(\s*"([A-Z_]+)"|environ(?:\.get\(|\[|\.setdefault\()\s*"([A-Z_]+)\"""")
    code = [path.read_text() for path in (root / "config").rglob("*.py")]
    names = {name for text in code for found in asked.findall(text) for name in found if name}
    of_machine = {"DJANGO_SETTINGS_MODULE", "PATH", "PYTHONWARNINGS", "DATABASE_TEST_SUFFIX", "XDG_RUNTIME_DIR"}

    explained = set(re.findall(r"^#?([A-Z_]+)=", (root / ".env.example").read_text(), re.MULTILINE))

    assert len(names) > 30
    assert names - of_machine - explained == set()
