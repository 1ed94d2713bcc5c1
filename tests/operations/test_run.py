"""`bin/run` as a person meets it: start, second start beside it, Ctrl-C, kill, start again."""

import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import closing

import pytest

from tests.patience import unhurried

from .conftest import ROOT, Machine, wait_until


@pytest.fixture
def port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def run(machine: Machine, port: int) -> subprocess.Popen:
    """Start bin/run as on a server: without the demo clinic, which has tests of its own."""
    return machine.start(ROOT / "bin/run", PORT=str(port), LOCAL="0")


def wait_for_address(process: subprocess.Popen) -> str:
    """Read what it prints up to the address. Raises AssertionError if it ends before."""
    printed = ""
    for line in process.stdout:
        printed += line
        if line.startswith("Recare runs at"):
            return line.split()[-1]
    raise AssertionError(printed)


def family(pid: int) -> set[int]:
    """Return a process and everything below it."""
    listing = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], check=True, capture_output=True, text=True).stdout
    parents = [tuple(map(int, line.split())) for line in listing.splitlines()]
    found = {pid}
    while more := {child for child, parent in parents if parent in found} - found:
        found |= more
    return found


def living(pids: set[int]) -> list[str]:
    """Return those that still run (a zombie does not)."""
    listing = subprocess.run(
        ["ps", "-A", "-o", "pid=,stat=,command="], check=True, capture_output=True, text=True
    ).stdout
    rows = [line.split(None, 2) for line in listing.splitlines()]
    return [" ".join(row) for row in rows if int(row[0]) in pids and not row[1].startswith("Z")]


def test_run_refuses_a_second_leaves_nothing_after_ctrl_c_and_nothing_when_it_is_killed(machine: Machine, port: int):
    """One installation lives through it all, since the first start of each makes a database."""
    first = run(machine, port)
    wait_for_address(first)
    with urllib.request.urlopen(f"http://localhost:{port}/healthz", timeout=10) as answer:
        assert answer.status == 200

    second = run(machine, port)
    refusal, _ = second.communicate(timeout=30)
    assert second.returncode == 1
    assert f"already runs here: http://localhost:{port}" in refusal
    assert machine.ask("select 1") == "1"

    everything = family(first.pid) | {machine.server_pid}
    first.send_signal(signal.SIGINT)
    assert first.wait(timeout=30) == 0
    assert living(everything) == machine.database_processes() == []

    started = time.monotonic()
    again = run(machine, port)
    wait_for_address(again)
    assert time.monotonic() - started < unhurried(10)
    again.send_signal(signal.SIGHUP)
    assert again.wait(timeout=30) == 0
    assert machine.database_processes() == []

    if sys.platform.startswith("linux"):  # only Linux tells a child that its parent was killed
        killed = run(machine, port)
        wait_for_address(killed)
        everything = family(killed.pid) | {machine.server_pid}

        killed.kill()

        wait_until(lambda: living(everything) == [] and machine.database_processes() == [], seconds=40)


def test_run_says_when_the_port_is_taken(machine: Machine, port: int):
    with closing(socket.socket()) as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        process = run(machine, port)
        printed, _ = process.communicate(timeout=30)

    assert process.returncode == 1
    assert f"Port {port} cannot be used" in printed
