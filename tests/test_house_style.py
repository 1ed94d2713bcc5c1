"""The house style, executed: each rule that a machine can check is one test with a message that says what to do."""

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.utils.module_loading import import_string

from config.jobs import JOBS
from config.reactions import REACTIONS
from config.schedule import SCHEDULE
from tests.isolation.addresses import every_address

ROOT = settings.BASE_DIR
APPS = ("clinics", "patients", "crm", "inbox", "config")
HERE = Path(__file__)
# Files with more than 300 lines, and why no split would read better.
LONGER = {
    "clinics/tests/test_jobs.py": "mirrors clinics/jobs.py; the kinds of job at its top serve every test below",
    "tests/browser/test_board.py": "one board, one pair of hands: mouse, finger and key share them",
}
# Tasks that belong to no clinic: sweeps over all of them, and what is done before somebody has a clinic.
CLINICLESS = {
    *(f"crm.tasks.{act}" for act in ("compare_all_leads", "mend_all_ownerless_leads", "ring_due_clocks")),
    *(f"clinics.tasks.{act}" for act in ("clear_ended_sessions", "forget_kept_answers", "forget_webhook_payloads")),
    *(f"clinics.tasks.{act}" for act in ("mail_password_link", "process_due_webhooks", "restart_silent_jobs")),
    "clinics.tasks.run_due_reactions",
    "patients.tasks.advance_waitlists",
    "patients.tasks.fill_all_match_keys",
    "patients.tasks.read_due_emrs",
    "patients.tasks.sweep_due_emrs",
    "patients.tasks.tell_due_emrs",
    *(f"patients.tasks.{act}_all_{what}" for act, what in (("purge", "documents"), ("settle", "segments"))),
    *(f"patients.tasks.{act}" for act in ("remove_old_exports", "sweep_all_duplicates")),
    *(f"crm.tasks.{name}_everywhere" for name in ("catch_up", "notice_time", "purge", "remind")),
    *(f"crm.tasks.{act}_all_{what}" for act, what in (("close", "months"), ("fold", "tallies"), ("keep", "figures"))),
    *(f"crm.tasks.{act}" for act in ("send_due_reports", "run_due_follow_ups", "sweep_all_duplicates")),
    *(f"crm.tasks.{name}" for name in ("process_waiting_submissions", "purge_deleted_documents", "remove_old_exports")),
    "inbox.tasks.drain_all_outboxes",
    "inbox.tasks.plan_all_reminders",
    "inbox.tasks.watch_all_outboxes",
    *(f"inbox.tasks.{name}" for name in ("fetch_all_media", "look_at_all_accounts", "read_all_mailboxes")),
    "inbox.tasks.note_all_ends_of_access",
    "inbox.tasks.send_all_digests",
    "inbox.tasks.wake_snoozed",
}


@cache
def files(*patterns, under=(".",)):
    """Tracked and new files of the project, without what is generated."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *under],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    paths = [ROOT / line for line in sorted(set(listed.stdout.splitlines()))]
    return [path for path in paths if path.is_file() and any(path.match(pattern) for pattern in patterns)]


def name(path):
    return str(path.relative_to(ROOT))


@cache
def code(*, with_tests=False):
    found = [path for path in files("*.py") if "migrations" not in path.parts]
    return [path for path in found if with_tests or not is_test(path)]


def is_test(path):
    return "tests" in path.relative_to(ROOT).parts or path.name == "conftest.py"


def lines_with(pattern, paths):
    wanted = re.compile(pattern)
    return [
        f"{name(path)}:{number}: {line.strip()}"
        for path in paths
        if path != HERE
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if wanted.search(line)
    ]


def nothing(found, what):
    found = list(found)
    assert not found, f"{what}\n" + "\n".join(found)


@pytest.mark.parametrize(
    ("pattern", "most", "what"),
    [
        ("*.py", 300, "Split the Python file by activity"),
        ("templates/**/*.html", 200, "Split the template into parts"),
        ("*.css", 300, "Split the stylesheet by component"),
        ("*.js", 120, "Split the script by behaviour"),
    ],
)
def test_no_file_is_longer_than_a_reader_bears(pattern, most, what):
    paths = files(*pattern.split(), "templates/*/*.html", "templates/*.html") if "html" in pattern else files(pattern)
    counts = {name(path): len(path.read_text().splitlines()) for path in paths if "migrations" not in path.parts}

    nothing((f"{path}: {count}" for path, count in counts.items() if count > most and path not in LONGER), what)


def test_no_module_is_a_drawer_for_everything():
    drawers = {"utils", "helpers", "common", "core", "services", "managers", "misc"}

    nothing(
        (name(path) for path in code(with_tests=True) if path.stem in drawers or path.parent.name in drawers),
        "Name what it does",
    )


def test_every_app_says_what_it_owns():
    for app in apps.get_app_configs():
        if Path(app.path).parent == ROOT:
            text = ast.get_docstring(ast.parse((Path(app.path) / "__init__.py").read_text()))
            assert text and len(text) > 80, f"{app.name}/__init__.py: say what it owns, its verbs, what it may import"


def test_imports_go_down_the_house():
    run([str(Path(sys.executable).with_name("lint-imports")), "--no-cache"], "A lower app imports a higher one")


def test_ruff_finds_nothing():
    run([sys.executable, "-m", "ruff", "check", "."], "ruff check")


def test_ruff_would_format_nothing():
    run([sys.executable, "-m", "ruff", "format", "--check", "."], "Run ruff format on these")


def run(command, what):
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, f"{what}\n{done.stdout[-4000:]}{done.stderr[-2000:]}"


def test_nothing_is_imported_inside_of_functions():
    found = [line for line in lines_with(r"^\s+(from [\w.]+ )?import \w", code()) if "noqa: PLC0415" not in line]

    nothing(found, "Import at the top; a cycle shows that something lives in the wrong place.")


def test_no_signals_and_no_hidden_saves():
    nothing(
        lines_with(r"@receiver|(pre|post)_(save|delete|init|migrate)\.connect|django\.[\w.]*signals import", code()),
        "Call the verb: no signals.",
    )
    overrides = []
    for path in (path for path in code() if "models" in path.parts):
        for part in ast.walk(ast.parse(path.read_text())):
            if isinstance(part, ast.ClassDef):
                overrides += [
                    f"{name(path)}:{node.lineno}: {part.name}.{node.name}"
                    for node in part.body
                    if isinstance(node, ast.FunctionDef) and node.name in ("save", "delete")
                ]

    nothing(overrides, "A model that saves more than itself: write a verb.")


def test_nothing_waits_in_the_broker():
    nothing(lines_with(r"\b(countdown|eta)=", code()), "Give the row a due_at; a tick drains what is due.")


def test_settings_of_the_database_end_with_the_transaction():
    found = lines_with(r"set_config\([^)]*,\s*false\s*\)|\bSET (SESSION )?app\.", code())

    nothing(found, "A session's setting leaks to the next user of the connection: set_config(…, true).")
    setters = [
        path
        for path in code()
        if "set_config(" in path.read_text() and name(path).startswith(APPS) and name(path) != "clinics/tenancy.py"
    ]
    nothing(map(name, setters), "Only clinics/tenancy.py opens the door.")


def test_tasks_of_a_clinic_open_it():
    found = []
    for path in (path for path in code() if "task" in path.read_text()):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and is_bare_task(node):
                found.append(f"{name(path)[:-3].replace('/', '.')}.{node.name}")

    nothing(sorted(set(found) - CLINICLESS), "@shared_task(base=ClinicTask), or name it in CLINICLESS with the sweeps.")


def is_bare_task(function):
    for decorator in function.decorator_list:
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        if getattr(called, "id", getattr(called, "attr", "")) in ("shared_task", "task"):
            return not any(word.arg == "base" for word in getattr(decorator, "keywords", []))
    return False


def test_what_the_pages_of_wiring_name_is_there():
    handlers = [handler for handlers in REACTIONS.values() for handler in handlers]
    for path in [*handlers, *JOBS.values(), *(entry["task"] for entry in SCHEDULE.values())]:
        assert callable(import_string(path)), path


def test_a_page_has_one_name():
    """View, URL and template say the same word: `git grep lead_detail` is the whole page."""
    ours = [address for address in every_address() if address.view.__module__.startswith(APPS) and not address.is_admin]
    found = [
        f"{address.name} is served by {address.view.__name__}"
        for address in ours
        if address.name.partition(":")[2] != address.view.__name__ and ":" in address.name
    ]

    nothing(found, "Give the view the name of its URL.")


def test_every_template_is_used():
    text = "\n".join(path.read_text() for path in [*code(with_tests=True), *files("*.html", "*.txt")])
    found = []
    for path in files("*.html", "*.txt", under=("templates",)):
        short = str(path.relative_to(ROOT / "templates"))
        is_by_convention = short.split("/")[0] in REPLACING or "/" not in short
        if (
            not is_by_convention
            and short not in AWAITED
            and short not in text
            and f"{short.rpartition('.')[0]}" not in text
        ):
            found.append(name(path))

    nothing(found, "No page and no part names this template: remove it.")


# Templates that libraries ask for by names of their own.
AWAITED = {"parts/_score.html": "lead scores"}  # shown by pages to come
REPLACING = {"account", "admin", "allauth", "email", "house", "mfa", "styleguide", "unfold", "usersessions"}


def test_a_page_template_opens_with_its_context():
    found = []
    for path in files("*.html", under=tuple(f"templates/{app}" for app in APPS)):
        head = "\n".join(path.read_text().splitlines()[:6])
        if "Context" not in head:
            found.append(name(path))

    nothing(found, "Say in a comment at the top what its Context is, and which Parts it has.")


def test_nothing_is_left_for_later():
    found = lines_with(r"\b(TODO|FIXME|XXX|HACK)\b", files("*.py", "*.html", "*.css", "*.js", "*.md", "*.toml"))

    nothing(found, "Do it, or write an issue.")


def test_views_neither_filter_nor_save():
    views = [path for path in code() if path.parent.name == "views"]

    nothing(
        lines_with(r"\.save\(|\.filter\(|if .*role ==", views),
        "A view calls a verb, and asks by a method of the QuerySet.",
    )


def test_no_colour_outside_of_the_tokens():
    sheets = [path for path in files("*.css") if path.name not in ("tokens.css", "density.css")]

    nothing(lines_with(r":\s*[^;]*#[0-9a-fA-F]{3,8}\b", sheets), "Use a token of tokens.css.")


def test_no_style_and_no_script_inside_of_pages():
    pages = [path for path in files("*.html", under=("templates",)) if "email" not in path.parts]

    nothing(lines_with(r"\sstyle=\"|\son(click|change|load|submit)=", pages), "The content security policy refuses it.")
    bare = r"<script(?![^>]*(src=|nonce=|type=\"application/json))"
    nothing(lines_with(bare, pages), "Scripts have a file or a nonce.")


def test_scripts_neither_fetch_nor_build_pages():
    nothing(lines_with(r"\bfetch\(|innerHTML\s*=|insertAdjacentHTML|\beval\(", files("*.js")), "The server makes HTML.")


@pytest.mark.django_db
def test_models_and_migrations_agree():
    run_manage("makemigrations", "--check", "--dry-run")


def run_manage(*arguments):
    run([sys.executable, "manage.py", *arguments], " ".join(arguments))
