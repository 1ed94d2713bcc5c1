"""The traps of row-level security that are found by reading our own code: what may stand nowhere, or in one place."""

import re
from pathlib import Path

from django.conf import settings

HOUSE = Path(settings.BASE_DIR)
CODE = [
    path
    for app in ("clinics", "patients", "crm", "inbox", "config", "benchmarks")
    for path in sorted((HOUSE / app).rglob("*.py"))
    if "tests" not in path.parts and "migrations" not in path.parts
]
FLOORS = "benchmarks/floors.py"  # hand-written statements, measured beside ours
# What they do after the commit (wake a worker, send a mail, remove a file) asks no row of a clinic.
WITHOUT_CLINIC = ("clinics/tenancy.py", "clinics/background.py", "clinics/mail.py", "clinics/documents/removing.py")
NO_THREADS = ("config/launch.py", "inbox/thread.py")  # starts the house; a thread of messages
# Names that we made ourselves, where SQL takes no parameter.
NAMES_IN_SQL = (
    "clinics/wall.py", "clinics/search_words.py", "clinics/live.py", "clinics/management/commands/migrate.py",
    "crm/demo/bare_tables.py", "crm/demo/volume.py", "crm/rewinding.py", "inbox/demo/volume.py", "inbox/words.py",
)  # fmt: skip


def found_in(pattern, *, but=()):
    """Lines of our code that match a pattern, as file:line, outside the files where they belong."""
    return [
        f"{path.relative_to(HOUSE)}:{number}"
        for path in CODE
        if str(path.relative_to(HOUSE)) not in but
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if re.search(pattern, line)
    ]


def test_no_code_sets_the_clinic_for_a_whole_session():
    assert found_in(r"set_config\([^)]*,\s*(false|%s\s*,\s*false)", but=()) == []
    assert found_in(r"(?i)\bSET\s+(SESSION\s+)?app\.") == []


def test_nothing_but_the_door_sets_the_clinic():
    walls = ("clinics/tenancy.py", "clinics/wall.py", "clinics/wall_audit.py", FLOORS)

    assert found_in(r"set_config\(", but=("clinics/tenancy.py", FLOORS)) == []
    assert found_in(r"app\.(clinic|user)_id", but=walls) == []


def test_no_code_streams_or_waits_for_the_commit_past_the_door():
    """Plain ones run without a clinic and find nothing, which looks like an empty list."""
    assert found_in(r"transaction\.on_commit\(", but=WITHOUT_CLINIC) == []
    assert found_in(r"delay_on_commit\(|ATOMIC_REQUESTS|\bThread\(|ThreadPoolExecutor", but=NO_THREADS) == []
    assert found_in(r"StreamingHttpResponse\(", but=("clinics/csv_export.py", "clinics/views/live.py")) == []


def test_no_task_runs_without_a_clinic_except_the_sweeps():
    plain = found_in(r"@shared_task(\(\s*\))?\s*$|@app\.task")

    sweeps = {f"{app}/tasks.py" for app in ("clinics", "patients", "crm", "inbox")}
    assert {line.partition(":")[0] for line in plain} <= sweeps


def test_no_migration_changes_rows_of_a_clinic_unseen():
    """RunPython of a forced owner would change 0 rows and say nothing: there is none that does not name a clinic."""
    paths = [
        path for app in ("clinics", "patients", "crm", "inbox") for path in (HOUSE / app / "migrations").glob("0*.py")
    ]
    texts = {path.name: path.read_text(encoding="utf-8") for path in paths}

    assert [name for name, text in texts.items() if "RunPython" in text and "clinic_scope" not in text] == []


def test_no_value_is_pasted_into_sql():
    """A policy guards against omissions, not against SQL that a stranger wrote: it could call set_config itself."""
    pasted = found_in(r"\.(execute|raw|extra)\(\s*(f[\"']|[^)]*(%\s*\(|\.format\())", but=NAMES_IN_SQL)

    assert [line for line in pasted if not line.startswith("config/embedded_postgres/")] == []
