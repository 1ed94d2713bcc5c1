"""Worker and beat as real processes, over the file broker and over Redis."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from django.db import connection
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from .conftest import ROOT, Machine, wait_until


@pytest.fixture(params=["filesystem", "redis"])
def broker(request: pytest.FixtureRequest, machine: Machine) -> Iterator[str]:
    """The address of a broker: REDIS_TEST_URL if given, else a private redis-server."""
    if request.param == "filesystem":
        yield "filesystem://localhost"
    elif given := os.environ.get("REDIS_TEST_URL"):
        yield given
    elif program := shutil.which("redis-server"):
        with closing(socket.socket()) as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(machine.var)]
        with subprocess.Popen([program, *options], stdout=subprocess.DEVNULL) as redis:
            wait_until(lambda: socket.socket().connect_ex(("127.0.0.1", port)) == 0)
            yield f"redis://127.0.0.1:{port}/0"
            redis.terminate()
    else:
        pytest.skip("no redis-server here")


def celery(machine: Machine, broker: str, *arguments: str) -> subprocess.Popen:
    """Start a part of Celery on the test's own database and folder."""
    command = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "tests.operations.background_app",
        "--workdir",
        str(ROOT),
        *arguments,
    ]
    name = connection.settings_dict["NAME"]
    url = os.environ["DATABASE_URL"]
    return machine.start(*command, BROKER_URL=broker, DATABASE_URL=url, DATABASE_NAME=name, LOCAL="1")


@pytest.mark.django_db(transaction=True)
def test_beat_and_worker_run_a_task_again_and_again(machine: Machine, broker: str):
    mark = machine.var / "mark"
    second = IntervalSchedule.objects.create(every=1, period=IntervalSchedule.SECONDS)
    PeriodicTask.objects.create(name="mark", task="tests.leave_mark", interval=second, args=f'["{mark}"]')

    worker = celery(machine, broker, "worker", "--concurrency", "1", "--without-gossip", "--without-mingle")
    beat = celery(machine, broker, "beat", "--pidfile=", "--max-interval", "1")
    wait_until(lambda: _lines(mark) >= 2, seconds=90)

    for process in (beat, worker):
        process.terminate()
        output, _ = process.communicate(timeout=20)
        assert "Traceback" not in output, output


def _lines(path: Path) -> int:
    return len(path.read_text().splitlines()) if path.exists() else 0
