"""`python config/embedded_postgres with [--owner] -- COMMAND...`: run a command with the database up."""

import argparse
import os
import signal
import subprocess
import sys
from pathlib import Path

import environ

from .lease import Lease
from .locks import FileLock
from .place import DatabaseUnavailable, Place
from .supervisor import Supervisor


def main(arguments: list[str]) -> int:
    """Run one of the two commands and return its exit status."""
    parser = argparse.ArgumentParser(prog="embedded_postgres")
    commands = parser.add_subparsers(dest="command", required=True)
    supervise = commands.add_parser("supervise", help="keep the server running while anybody needs it")
    supervise.add_argument("cluster", choices=["main", "test"])
    run = commands.add_parser("with", help="run a command with the database up")
    run.add_argument("--cluster", choices=["main", "test"], default="main")
    run.add_argument("--owner", action="store_true", help="log in as the owner of the tables")
    run.add_argument("program", nargs="+")
    options = parser.parse_args(arguments)
    try:
        if options.command == "supervise":
            return Supervisor(Place.of(options.cluster)).run()
        return with_database(options.program, cluster=options.cluster, owner=options.owner)
    except DatabaseUnavailable as problem:
        print(problem, file=sys.stderr)
        return 1
    except KeyboardInterrupt:  # while waiting for the database
        return 128 + signal.SIGINT


def with_database(program: list[str], *, cluster: str, owner: bool) -> int:
    """Run a program with DATABASE_URL set and return its exit status.

    A DATABASE_URL of the environment or of .env is taken as it is (the owner's: DATABASE_OWNER_URL, if given).
    Otherwise the embedded server runs for at least as long as the program.
    """
    environ.Env.read_env(Path(__file__).resolve().parent.parent.parent / ".env")
    if given := os.environ.get("DATABASE_URL"):
        if owner:
            os.environ["DATABASE_URL"] = os.environ.get("DATABASE_OWNER_URL") or given
        suffix = claim_test_suffix(Place.of(cluster)) if cluster == "test" else None
        return run_program(program, {}, None, suffix)
    lease = Lease(Place.of(cluster))
    try:
        lease.secure()
        url = lease.url("owner" if owner else "web", os.environ.get("DATABASE_NAME") or "recare")
        suffix = claim_test_suffix(lease.place) if cluster == "test" else None
        return run_program(program, {"DATABASE_URL": url}, lease, suffix)
    finally:
        lease.release()


def claim_test_suffix(place: Place) -> FileLock | None:
    """Give this test run databases of its own: the first suffix no other run holds. One that is set stays."""
    if os.environ.get("DATABASE_TEST_SUFFIX"):
        return None
    place.prepare()
    number = 1
    while not (lock := FileLock(place.control / f"run-{number}.lock")).take():
        lock.release()
        number += 1
    os.environ["DATABASE_TEST_SUFFIX"] = "" if number == 1 else f"_{number}"
    return lock


def run_program(program: list[str], environment: dict, lease: Lease | None, suffix: FileLock | None) -> int:
    """Run a program to its end, passing signals on and keeping a supervisor alive meanwhile."""
    if lease is None and suffix is None:
        os.execvp(program[0], program)  # noqa: S606 - the program is the caller's own
    child: subprocess.Popen | None = None
    early: list[int] = []

    def pass_on(number: int, frame: object) -> None:
        if child is None:
            early.append(number)
        elif number != signal.SIGINT or not _terminal_is_ours():
            child.send_signal(number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, pass_on)
    # the program inherits the lease: were this process killed, the database would still be there for it
    held = [lock.file for lock in (lease and lease.lock, suffix) if lock]
    child = subprocess.Popen(program, env=os.environ | environment, pass_fds=held)
    for number in early:
        child.send_signal(number)
    while True:
        try:
            status = child.wait(timeout=1)
            return status if status >= 0 else 128 - status
        except subprocess.TimeoutExpired:
            if lease:
                _keep(lease)


def _keep(lease: Lease) -> None:
    try:
        lease.keep()
    except DatabaseUnavailable as problem:  # the program notices itself and may recover with the next attempt
        print(problem, file=sys.stderr)


def _terminal_is_ours() -> bool:
    """Tell whether Ctrl-C reaches the program by itself, because both stand in the terminal's foreground."""
    try:
        return os.tcgetpgrp(0) == os.getpgrp()
    except OSError:
        return False
