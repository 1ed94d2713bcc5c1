"""Workers that die on purpose, each in a process of its own, forked from one that has loaded the product already."""

import atexit
import json
import os
import subprocess
import sys
from functools import cache
from types import SimpleNamespace

from django.conf import settings
from django.db import connection


@cache
def _forking(database):
    """The process that forks, one for a run of the tests: starting Python and the product takes it two seconds."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.drills.forking"],
        cwd=settings.BASE_DIR,
        env=os.environ | {"DATABASE_NAME": database, "LOCAL": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    atexit.register(process.kill)
    return process


def run_worker(module, *arguments, folder=None):
    """Run `python -m module arguments...` to its end, on the test's own database, with its files under a folder.

    Returns its `returncode` (negative: the signal that killed it), `stdout` and `stderr`.
    """
    process = _forking(connection.settings_dict["NAME"])
    asked = {"module": module, "arguments": [str(each) for each in arguments], "folder": folder and str(folder)}
    process.stdin.write(json.dumps(asked) + "\n")
    process.stdin.flush()
    return SimpleNamespace(**json.loads(process.stdout.readline()))
