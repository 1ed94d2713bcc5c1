"""The supervisor: one process per cluster that keeps PostgreSQL running while anybody holds a lease.

It holds `supervisor.lock`, starts the server as its child, believes only a real connection, starts a killed
server again, takes over a server whose supervisor was killed, and stops the server when the last lease is gone.
Being killed itself loses nothing: each holder of a lease notices and starts the next supervisor.
"""

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg

from . import cluster
from .locks import FileLock
from .place import SHORT, DatabaseUnavailable, Place

PR_SET_CHILD_SUBREAPER = 36  # from linux/prctl.h
ATTEMPTS = 8  # starts in a row that end before the server answers, then a person has to look
STOP_SIGNALS = ((signal.SIGINT, 60), (signal.SIGQUIT, 10), (signal.SIGKILL, 10))  # fast, immediate, at last


class Server:
    """The postmaster of one cluster: our child, or one left over from a supervisor that was killed."""

    def __init__(self, place: Place, socket: Path) -> None:
        self.place, self.socket = place, str(socket)
        self.child: subprocess.Popen | None = None
        self.pid = self._left_over()

    def start(self) -> None:
        """Start the server in the foreground, as our child, unless a left-over one still runs."""
        if self.pid:
            print(f"Taking over the running server, process {self.pid}", flush=True)
            return
        cluster.write_settings(self.place, Path(self.socket))
        command = [self.place.binaries / "postgres", "-D", self.place.data]
        self.child = subprocess.Popen(
            command, cwd="/", stdin=subprocess.DEVNULL, start_new_session=True, **self.place.as_server
        )
        self.pid = self.child.pid

    def runs(self) -> bool:
        """Tell whether the process is there; whether it serves, only `answers` tells."""
        return self.child.poll() is None if self.child else _is_server(self.pid, self.place.data)

    def answers(self) -> str:
        """Return "" if a real connection succeeds, else what the server said instead."""
        try:
            cluster.connect(self.place, self.socket, "superuser").close()
            return ""
        except psycopg.OperationalError as error:
            return str(error).strip().rsplit("FATAL:", 1)[-1].strip()

    def stop(self) -> None:
        """Stop the server: fast, and less gently only if it hangs."""
        for number, seconds in STOP_SIGNALS:
            if not self.runs():
                return
            os.kill(self.pid, number)
            deadline = time.monotonic() + seconds
            while self.runs() and time.monotonic() < deadline:
                time.sleep(0.02)

    def reap(self) -> None:
        """Wait for what the postmaster left to end by itself, such as its log writer."""
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            try:
                if os.waitpid(-1, os.WNOHANG) == (0, 0):
                    time.sleep(0.02)
            except ChildProcessError:
                return

    def _left_over(self) -> int | None:
        """Return the pid of a running server of this data, and forget a pid file that names anything else.

        PostgreSQL itself trusts the number: after a restart of the machine it may belong to any process.
        """
        pid_file = self.place.data / "postmaster.pid"
        try:
            pid = int(pid_file.read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return None
        if _is_server(pid, self.place.data):
            return pid
        pid_file.unlink()
        return None


def _is_server(pid: int | None, data: Path) -> bool:
    """Tell whether a live process is the postmaster of this data: by its command line, so a zombie is not."""
    if not pid:
        return False
    proc = Path(f"/proc/{pid}/cmdline")
    if Path("/proc/self/cmdline").exists():
        try:
            words = proc.read_bytes().split(b"\0")
        except OSError:
            return False
        return words[0].endswith(b"postgres") and bytes(data) in words
    listed = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], check=False, capture_output=True).stdout
    return b"postgres -D " + bytes(data) in listed


def adopt_orphans() -> None:
    """On Linux, become the parent of the server's processes whose own parent died, so that none stays a zombie."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)


class Supervisor:
    """Runs one cluster from the first lease to the last."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.leases = FileLock(place.control / "lease.lock")
        self.stopping = False

    def run(self) -> int:
        """Keep the server running until nobody needs it or SIGTERM comes. Returns an exit status."""
        mine = FileLock(self.place.control / "supervisor.lock")
        if not mine.take(wait=2):
            return 0  # another one was quicker
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._on_stop_signal)
        adopt_orphans()
        try:
            self._supervise()
        except (DatabaseUnavailable, OSError, subprocess.SubprocessError) as error:
            self.report("failed")
            print(error, file=sys.stderr, flush=True)
            return 1
        return 0

    def report(self, phase: str, socket: str = "") -> None:
        """Write down for the holders of leases how far the server is."""
        state = {"phase": phase, "socket": socket, "supervisor": os.getpid()}
        cluster.write_private(self.place.control / "state.json", json.dumps(state))

    def wanted(self) -> bool:
        """Tell whether to go on. Once nobody holds a lease, the lock taken here makes newcomers wait for the end."""
        if not self.stopping and self.leases.take():
            self.stopping = True
        return not self.stopping

    def _supervise(self) -> None:
        previous = read_state(self.place).get("socket")
        self.report("starting", previous or "")
        cluster.create_cluster(self.place)
        socket = self.place.socket_folder(previous)
        failures = 0
        while self.wanted():
            server = Server(self.place, socket)
            server.start()
            try:
                if self._wait_until_it_answers(server):
                    failures = 0
                    cluster.make_roles(self.place, server.socket)
                    self.report("ready", server.socket)
                    self._watch(server)
                    continue
            except psycopg.OperationalError as error:  # it fell over while the roles were made
                print(error, file=sys.stderr, flush=True)
            finally:
                if self.stopping:
                    server.stop()
                    server.reap()
            failures += 1
            if failures == ATTEMPTS:
                raise DatabaseUnavailable(
                    f"PostgreSQL did not start in {ATTEMPTS} attempts; see also {self.place.data}/log."
                )
            self._pause(min(0.25 * 2**failures, 5))
        if socket.parent == SHORT:
            socket.rmdir()
        self.report("stopped")

    def _wait_until_it_answers(self, server: Server) -> bool:
        """Wait for start and crash recovery without a limit; False if the server ended instead."""
        while self.wanted() and server.runs():
            problem = server.answers()
            if not problem:
                return True
            self.report(problem.splitlines()[0] if "database system" in problem else "starting", server.socket)
            time.sleep(0.05)
        return False

    def _watch(self, server: Server) -> None:
        while self.wanted() and server.runs():
            time.sleep(0.2)
        if not self.stopping:
            self.report("starting again after the server was killed", server.socket)
            print("The server ended unasked, starting it again", flush=True)

    def _pause(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while self.wanted() and time.monotonic() < deadline:
            time.sleep(0.1)

    def _on_stop_signal(self, number: int, frame: object) -> None:
        self.stopping = True


def read_state(place: Place) -> dict:
    """Return what the last supervisor reported: phase, socket folder and its own process id."""
    try:
        return json.loads((place.control / "state.json").read_text())
    except FileNotFoundError:
        return {}
