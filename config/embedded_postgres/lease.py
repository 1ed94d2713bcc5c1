"""A lease keeps the embedded database up: whoever holds one may connect until giving it back."""

import os
import subprocess
import sys
import time
from pathlib import Path

import psycopg

from . import cluster
from .locks import FileLock
from .place import DatabaseUnavailable, Place
from .supervisor import read_state

LOG_LIMIT = 1_000_000  # bytes of supervisor.log, then it starts anew


class Lease:
    """A share in the running server. Many processes hold one at once; the kernel takes it from a dead one."""

    def __init__(self, place: Place) -> None:
        place.prepare()
        self.place = place
        self.supervisor: subprocess.Popen | None = None
        self._announced = 0.0
        self.lock = FileLock(place.control / "lease.lock")
        self._started = time.monotonic()
        while not self.lock.take(shared=True, wait=1):
            self._tell("the server is being stopped")

    def secure(self) -> None:
        """Return once the server answers a real connection, starting a supervisor if there is none.

        Waits without a limit while one is at work (crash recovery takes what it takes) and says so.
        Raises DatabaseUnavailable, with the end of its log, if it gave up.
        """
        self._started = time.monotonic()
        while True:
            state = read_state(self.place)
            if state.get("phase") == "ready" and self._answers(state["socket"]):
                return
            self.keep()
            self._tell(state.get("phase", "starting"))
            time.sleep(0.05)

    def keep(self) -> None:
        """Start a supervisor if none runs, e.g. because it was killed. Raises DatabaseUnavailable if ours gave up."""
        if self.supervisor and (status := self.supervisor.poll()) is not None:
            self.supervisor = None
            if status == 1:
                tail = self._log().read_text(errors="replace").splitlines()[-15:]
                raise DatabaseUnavailable("The embedded PostgreSQL did not start:\n" + "\n".join(tail))
        if not self.supervisor and self._nobody_supervises():
            self._spawn()

    def url(self, login: str, name: str = cluster.DATABASE) -> str:
        """Return the DATABASE_URL of a login, creating a database of another name on the way."""
        socket = read_state(self.place)["socket"]
        if name != cluster.DATABASE:
            with cluster.connect(self.place, socket, "owner") as owner:
                cluster.create_database(owner, name, owner="recare_owner")
        return cluster.database_url(self.place, socket, login, name)

    def release(self) -> None:
        """Give the lease back; if it was the last one, return only after the server has stopped."""
        self.lock.release()
        leases = FileLock(self.place.control / "lease.lock")
        while not self._nobody_supervises():
            if not leases.is_free() and leases.take(shared=True):
                break  # others still use the server
            time.sleep(0.05)
        leases.release()
        if self.supervisor:
            self.supervisor.poll()

    def _answers(self, socket: str) -> bool:
        try:
            cluster.connect(self.place, socket, "web", cluster.DATABASE).close()
            return True
        except psycopg.OperationalError:
            return False

    def _nobody_supervises(self) -> bool:
        lock = FileLock(self.place.control / "supervisor.lock")
        try:
            return lock.is_free()
        finally:
            lock.release()

    def _spawn(self) -> None:
        log = self._log()
        mode = os.O_TRUNC if log.exists() and log.stat().st_size > LOG_LIMIT else os.O_APPEND
        with os.fdopen(os.open(log, os.O_WRONLY | os.O_CREAT | mode, 0o600), "wb") as output:
            package = str(Path(__file__).parent)
            self.supervisor = subprocess.Popen(
                [sys.executable, package, "supervise", "test" if self.place.throw_away else "main"],
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                env=os.environ | {"VAR_DIR": str(self.place.control.parent)},
            )

    def _log(self) -> Path:
        return self.place.control / "supervisor.log"

    def _tell(self, phase: str) -> None:
        """Say every five seconds what is being waited for."""
        now = time.monotonic()
        if now - max(self._announced, self._started) >= 5:
            self._announced = now
            print(f"Waiting for PostgreSQL ({now - self._started:.0f} s): {phase}", file=sys.stderr, flush=True)
