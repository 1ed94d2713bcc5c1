"""python -m benchmarks [--leads N] [--case NAME ...] [--count N]: measure, print the table, keep it as JSON.

python -m benchmarks quality KIND [FILE ...]: how good the product's own reasoning is (benchmarks/quality).
"""

import argparse
import json
import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

import django

from benchmarks.quality import KINDS, measure_quality

HEADER = f"{'case':<28}{'p50 ms':>8}{'p95 ms':>8}{'KB':>8}{'floor':>8}{'ratio':>7}{'stmts':>7}  target"

CASES = [
    "board",
    "board_filtered",
    "board_pace",
    "board_day",
    "column",
    "move",
    "lead_list",
    "lead_page",
    "patient_list",
    "quick_entry",
    "search",
    "schedule_week",
    "today",
    "analytics",
    "webhook",
    "inbox_webhook",
    "inbox_list",
    "inbox_open",
    "inbox_search",
    "public_form",
    "import",
    "fhir_import",
    "bulk",
    "sender",
]


def main():
    if sys.argv[1:2] == ["quality"]:
        return main_of_quality(sys.argv[2:])
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--leads", type=int, default=100_000, help="size of the clinic, drawn by fill_benchmark")
    parser.add_argument(
        "--case",
        action="append",
        help=f"one of {', '.join(CASES)}",
    )
    parser.add_argument("--count", type=int, default=200, help="repetitions of each case")
    parser.add_argument("--rows", type=int, default=20_000, help="rows of the file of import, leads of bulk")
    options = parser.parse_args()
    if "DATABASE_URL" not in os.environ:
        bring_the_database_up()
    set_up()
    return measure(options)


def main_of_quality(arguments):
    parser = argparse.ArgumentParser(prog="python -m benchmarks quality")
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("files", nargs="*", help="files to measure on; by default the public ones beside the project")
    parser.add_argument("--test", action="append", default=[], metavar="FILE", help="the same, by name")
    options = parser.parse_args(arguments)
    os.environ.setdefault("DATABASE_URL", "postgresql://nobody@localhost/nothing")  # people from files need none
    set_up()
    measure_quality(options.kind, [*options.files, *options.test])


def set_up():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ["LOCAL"] = "1"
    os.environ |= {"FORM_SENDS_A_VISITOR": "1000000", "FORM_SENDS_A_CLINIC": "1000000"}  # many send from one address
    django.setup()


def bring_the_database_up():
    """Start over with the embedded PostgreSQL running, as bin/manage does."""
    launcher = str(Path(__file__).parents[1] / "config" / "embedded_postgres")
    again = [sys.executable, launcher, "with", "--", sys.executable, "-m", "benchmarks", *sys.argv[1:]]
    os.execv(sys.executable, again)  # noqa: S606


def measure(options):
    """Run the chosen cases on the clinic of the given size and print a line for each."""
    from benchmarks.sender import SenderCases  # noqa: PLC0415 - models want a set-up Django
    from benchmarks.server import serving  # noqa: PLC0415
    from crm.demo.volume import clinic_named  # noqa: PLC0415

    clinic = clinic_named(f"Measured {options.leads}")
    if clinic is None:
        raise SystemExit(f"First draw the clinic: bin/manage fill_benchmark --leads {options.leads}")
    results = []
    print(f"{options.leads} leads, {options.count} repetitions, {os.cpu_count()} cores, {platform.machine()}")
    print(HEADER)
    with serving() as port:
        cases = SenderCases(clinic, port, count=options.count, rows=options.rows)
        for name in options.case or CASES:
            for result in getattr(cases, "import_file" if name == "import" else name)():
                results.append(result.as_dict())
                print(line(results[-1]), flush=True)
    keep(options, results)


def line(result):
    floor = f"{result['floor_p50_ms']:>8.1f}{result['ratio']:>7.1f}" if result["ratio"] else f"{'':>15}"
    statements = result["statements"] if result["statements"] is not None else ""
    mark = "ok  " if result["passed"] else "MISS"
    return (
        f"{result['case']:<28}{result['p50_ms']:>8.1f}{result['p95_ms']:>8.1f}{result['bytes'] / 1024:>8.0f}{floor}"
        f"{statements:>7}  {mark} {result['target']}"
    )


def keep(options, results):
    """Write the table to benchmarks/results/<date>.json, which git ignores."""
    folder = Path(__file__).parent / "results"
    folder.mkdir(exist_ok=True)
    now = datetime.now(UTC)
    content = {"at": now.isoformat(), "leads": options.leads, "cores": os.cpu_count(), "results": results}
    (folder / f"{now:%Y-%m-%d-%H%M%S}.json").write_text(json.dumps(content, indent=1))


if __name__ == "__main__":
    main()
