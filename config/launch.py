"""What `bin/run` does once the packages are there: database, migrations, demo clinic, then web, worker and beat.

Runs as a plain file before Django does, so it imports only the embedded database beside it.
"""

import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path

import environ
from embedded_postgres.lease import Lease
from embedded_postgres.locks import FileLock
from embedded_postgres.place import DatabaseUnavailable, Place

ROOT = Path(__file__).resolve().parent.parent
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36  # from linux/prctl.h
# honcho kills five seconds after the first part has stopped; a worker may have to finish its task
HONCHO = "import honcho.manager as manager, honcho.command as command; manager.KILL_WAIT = 15; command.main()"
STOP_SECONDS = 25
env = environ.Env()


class Stopped(Exception):
    """Somebody asked for the end, by Ctrl-C or a signal."""


class Refused(Exception):
    """The product cannot start here; the message says why and what to do."""


class Launch:
    """One run of the product, from the first lock to the last process."""

    def __init__(self) -> None:
        env.read_env(ROOT / ".env")
        self.port = env.int("PORT", default=8000)
        self.local = os.environ.setdefault("LOCAL", "1").lower() in ("1", "true", "yes", "on")
        self.address = os.environ.setdefault("BASE_URL", f"http://localhost:{self.port}")
        self.var = Path(os.environ.setdefault("VAR_DIR", str(ROOT / "var"))).absolute()
        self.owner_url = self.web_url = os.environ.get("DATABASE_URL", "")
        self.lease: Lease | None = None
        self.child: subprocess.Popen | None = None
        self.stopping = False
        os.environ.setdefault(
            "PYTHONWARNINGS", "ignore:You're running the worker with superuser,ignore:No directory at"
        )
        os.environ["PATH"] = f"{ROOT / '.venv/bin'}:{os.environ['PATH']}"

    def run(self) -> int:
        """Run until Ctrl-C, SIGTERM or SIGHUP, or until a part fails. Returns the exit status."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_stop_signal)
        if sys.platform == "linux":  # whatever a killed parent leaves becomes our child, and we end it
            ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
        try:
            self._claim()
            self._open_database()
            self._run_step("Migrating", "migrate", "--noinput", "--verbosity", "0", url=self.owner_url)
            logins = self._run_step("Loading the demo clinic", "load_demo", "--if-empty") if self.local else ""
            if not self.local and not env.bool("DEBUG", default=False):
                self._run_step("Collecting static files", "collectstatic", "--noinput", "--verbosity", "0")
            return self._serve(logins)
        except Stopped:
            return 0
        except (Refused, DatabaseUnavailable) as problem:
            print(problem, file=sys.stderr)
            return 1
        finally:
            self._end_child()
            self._end_orphans()
            if self.lease:
                self.lease.release()

    def _claim(self) -> None:
        """Refuse to start beside another bin/run, or on a port that something else uses."""
        self.var.mkdir(parents=True, exist_ok=True)
        (self.var / "static").mkdir(exist_ok=True)  # WhiteNoise misses it aloud
        path = self.var / "run.lock"
        self.lock = FileLock(path)
        if not self.lock.take():
            there = json.loads(path.read_text() or "{}")
            where, pid = there.get("address", "just starting"), there.get("pid", "?")
            raise Refused(
                f"Recare already runs here: {where} (process {pid}).\n"
                "Stop that one first, or start a second one with its own PORT and VAR_DIR."
            )
        path.write_text(json.dumps({"pid": os.getpid(), "address": self.address}))
        with closing(socket.socket()) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((os.environ.get("HOST", "127.0.0.1"), self.port))
            except OSError as error:
                raise Refused(
                    f"Port {self.port} cannot be used ({error.strerror}). Try: PORT={self.port + 1} bin/run"
                ) from error

    def _open_database(self) -> None:
        if self.web_url:
            self.owner_url = os.environ.get("DATABASE_OWNER_URL") or self.web_url
            return
        print("Starting PostgreSQL ...", flush=True)
        self.lease = Lease(Place.of("main"))
        self.lease.secure()
        name = os.environ.get("DATABASE_NAME") or "recare"
        self.owner_url, self.web_url = self.lease.url("owner", name), self.lease.url("web", name)

    def _run_step(self, title: str, *command: str, url: str = "") -> str:
        """Run one command of manage.py to its end and return what it printed. Raises Refused if it fails."""
        print(f"{title} ...", flush=True)
        self._start([sys.executable, "manage.py", *command], url or self.web_url, stdout=subprocess.PIPE, text=True)
        output = self.child.communicate()[0]
        if self.stopping:
            raise Stopped
        if self.child.returncode:
            raise Refused(f"{output}\n{title} failed (manage.py {command[0]}); see above.")
        return output.strip()

    def _serve(self, logins: str) -> int:
        """Run the Procfile until it ends, keeping the database's supervisor alive meanwhile."""
        honcho = [sys.executable, "-c", HONCHO, "start", "-e", os.devnull, "-p", str(self.port)]
        self._start(honcho, self.web_url)
        threading.Thread(target=self._announce, args=[logins], daemon=True).start()
        while True:
            try:
                status = self.child.wait(timeout=0.5)
                break
            except subprocess.TimeoutExpired:
                self._keep_database()
        if self.stopping:
            raise Stopped
        print("A part of Recare stopped by itself, see above; so everything was stopped.", file=sys.stderr)
        return status or 1

    def _keep_database(self) -> None:
        try:
            if self.lease:
                self.lease.keep()
        except DatabaseUnavailable as problem:  # pages answer 503 meanwhile; the next attempt may succeed
            print(problem, file=sys.stderr)

    def _announce(self, logins: str) -> None:
        """Print the address and the demo logins once the web process answers."""
        probe = urllib.request.Request(f"http://127.0.0.1:{self.port}/healthz", headers={"Host": "localhost"})
        while True:
            try:
                urllib.request.urlopen(probe, timeout=5).close()  # noqa: S310 - our own http address
                break
            except urllib.error.HTTPError:
                break  # it answers, only not to this name
            except OSError:
                time.sleep(0.1)
        lines = ["", f"Recare runs at {self.address}", "", *([logins, ""] if logins else []), "Ctrl-C stops it.", ""]
        print("\n".join(lines), flush=True)

    def _start(self, command: list[str], url: str, **options: object) -> None:
        """Start a child in a session of its own, so that Ctrl-C comes to us alone and we end it in order."""
        if self.stopping:
            raise Stopped
        self.child = subprocess.Popen(
            command,
            cwd=ROOT,
            env=os.environ | {"DATABASE_URL": url},
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=_end_with_parent,
            pass_fds=[self.lease.lock.file] if self.lease else [],
            **options,
        )
        if self.stopping:  # the signal came in between
            self.child.terminate()

    def _on_stop_signal(self, number: int, frame: object) -> None:
        if not self.stopping:
            print("\nStopping ...", flush=True)
        self.stopping = True
        if self.child and self.child.returncode is None:
            self.child.terminate()
        elif not self.child:
            raise Stopped  # still waiting for the database

    def _end_child(self) -> None:
        if not self.child:
            return
        try:
            self.child.terminate()
            self.child.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self.child.pid, signal.SIGKILL)
            self.child.wait()

    def _end_orphans(self) -> None:
        """End what a killed child left behind, but not the database's supervisor: it ends by itself."""
        spared = {self.lease.supervisor.pid} if self.lease and self.lease.supervisor else set()
        deadline = time.monotonic() + 5
        while orphans := _children() - spared:
            for pid in orphans:
                os.kill(pid, signal.SIGTERM if time.monotonic() < deadline else signal.SIGKILL)
                os.waitpid(pid, os.WNOHANG)
            time.sleep(0.1)


def _children() -> set[int]:
    """Return the ids of our child processes (Linux only)."""
    listing = Path(f"/proc/self/task/{os.getpid()}/children")
    return {int(pid) for pid in listing.read_text().split()} if listing.exists() else set()


def _end_with_parent() -> None:
    """Have Linux end this child in order when its parent is killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(Launch().run())
