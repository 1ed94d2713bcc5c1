"""Real processes in private folders: each test gets a VAR_DIR of its own and leaves no process behind."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config.embedded_postgres.locks import FileLock
from config.embedded_postgres.place import Place

ROOT = Path(__file__).resolve().parent.parent.parent


class Machine:
    """One private VAR_DIR and the processes a test starts on it."""

    def __init__(self, var: Path) -> None:
        self.var = var
        self.place = Place(var / "postgres")
        self.started: list[subprocess.Popen] = []
        # settings of the test run itself must not reach the drills; an empty DATABASE_URL also outdoes .env
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("DATABASE_", "BASE_URL", "PORT"))
        }
        self.environment = kept | {"VAR_DIR": str(var), "DATABASE_URL": "", "PYTHONUNBUFFERED": "1"}

    def start(self, *command: str | Path, **environment: str) -> subprocess.Popen:
        """Start a command in a session of its own, its output readable line by line."""
        process = subprocess.Popen(
            command,
            env=self.environment | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.started.append(process)
        return process

    def use_database(self, program: str = "echo up; exec sleep 60") -> subprocess.Popen:
        """Start a program that needs the database."""
        return self.start(sys.executable, ROOT / "config/embedded_postgres", "with", "--", "sh", "-c", program)

    def hold_database(self) -> subprocess.Popen:
        """Start a program that needs the database, and return once it has it."""
        holder = self.use_database()
        said = iter(holder.stdout.readline, "")
        assert next(line for line in said if not line.startswith("Waiting for PostgreSQL")) == "up\n"
        return holder

    def ask(self, query: str) -> str:
        """Run a query from a process of its own and return the first value, or what went wrong."""
        answer = "psycopg.connect(os.environ['DATABASE_URL']).execute(os.environ['QUERY']).fetchone()[0]"
        program = f"import os, psycopg; print({answer})"
        command = [sys.executable, ROOT / "config/embedded_postgres", "with", "--", sys.executable, "-c", program]
        done = subprocess.run(
            command, env=self.environment | {"QUERY": query}, capture_output=True, text=True, timeout=60, check=False
        )
        return (done.stdout or done.stderr).strip()

    @property
    def server_pid(self) -> int:
        return int((self.place.data / "postmaster.pid").read_text().split()[0])

    @property
    def supervisor_pid(self) -> int:
        return json.loads((self.place.control / "state.json").read_text())["supervisor"]

    def database_processes(self) -> list[str]:
        """Return the command lines of everything that runs for this VAR_DIR, except what the test itself holds."""
        listing = subprocess.run(
            ["ps", "-A", "-o", "pid=,command="], check=False, capture_output=True, text=True
        ).stdout.splitlines()
        return [line for line in listing if str(self.place.control) in line]

    def clean_up(self) -> None:
        """End what a failed test left, then remove its folder."""
        for process in self.started:
            if process.poll() is None:
                process.terminate()
        for process in self.started:
            try:
                process.communicate(timeout=15)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
        if self.place.control.exists():  # a supervisor may still be at work, and would write into the folder
            FileLock(self.place.control / "supervisor.lock").take(wait=15)
        for line in self.database_processes():
            os.kill(int(line.split()[0]), signal.SIGKILL)
        shutil.rmtree(self.var, ignore_errors=True)


@pytest.fixture
def machine() -> Iterator[Machine]:
    var = Path(tempfile.mkdtemp(prefix="recare-drill-", dir="/tmp"))
    var.chmod(0o755)
    machine = Machine(var)
    yield machine
    machine.clean_up()


def wait_until(condition: Callable[[], bool], seconds: float = 30) -> None:
    """Wait for a condition. Raises AssertionError when it does not come true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"still not so after {seconds} s"
        time.sleep(0.05)
