"""A process that has the product loaded and forks workers, which run one module each: python -m tests.drills.forking

Reads lines of JSON {"module": M, "arguments": [...], "folder": F}. For each, a process of its own runs the module as
`python -m M ARGUMENT...` would, with its files under F; one line of JSON tells how it ended and what it said.
"""

import json
import os
import runpy
import sys
import tempfile
import traceback
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.conf import settings  # noqa: E402 - it is not set up before
from django.urls import get_resolver  # noqa: E402


def work(module, arguments, folder):
    """Be the worker, in a process that has opened nothing yet: no connection, no file, no cache."""
    if folder:
        settings.MEDIA_ROOT = Path(folder) / "media"
        settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": f"{folder}/cache"}}
    sys.argv = [module, *arguments]
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as ended:
        return ended.code or 0
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def fork(asked):
    """Let a worker live and die; returns what is told of it."""
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as complained:
        child = os.fork()
        if child == 0:
            os.dup2(said.fileno(), 1)
            os.dup2(complained.fileno(), 2)
            status = work(asked["module"], asked["arguments"], asked["folder"])
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        texts = []
        for file in (said, complained):
            file.seek(0)
            texts.append(file.read().decode(errors="replace"))
    return {"returncode": status, "stdout": texts[0], "stderr": texts[1]}


if __name__ == "__main__":
    get_resolver().url_patterns  # noqa: B018 - every view is imported once, for all workers
    for line in sys.stdin:
        print(json.dumps(fork(json.loads(line))), flush=True)
