"""One PostgreSQL cluster: created once, configured at every start, its roles made sure of.

Roles: `postgres` (superuser, for the supervisor alone), `recare_owner` (owns the database, runs migrations and
tests), `recare_web` (what web, worker and beat log in as: owns nothing), and the group `recare_app`, which every
connection of the product assumes, so that row-level security binds it. All log in by password (scram).
"""

import contextlib
import json
import os
import secrets
import shutil
import subprocess
from pathlib import Path
from urllib.parse import quote, urlencode

import psycopg
from psycopg import sql

from .place import PORT, DatabaseUnavailable, Place

DATABASE = "recare"
GROUP = "recare_app"
LOGINS = {"owner": "recare_owner", "web": "recare_web", "superuser": "postgres"}

# Modest for two cores and shared memory; a log line carries no value of a row.
SETTINGS = """\
# Written anew at every start. Put changes of your own into local.conf beside this file.
listen_addresses = ''
unix_socket_permissions = 0700
max_connections = 100
shared_buffers = 256MB
work_mem = 8MB
maintenance_work_mem = 128MB
effective_cache_size = 1GB
max_wal_size = 1GB
random_page_cost = 1.1
jit = off
password_encryption = 'scram-sha-256'
timezone = 'UTC'
logging_collector = on
log_filename = 'postgresql-%a.log'
log_file_mode = 0600
log_rotation_age = 1d
log_rotation_size = 0
log_truncate_on_rotation = on
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %q%u@%d '
log_error_verbosity = terse
log_min_error_statement = panic
"""
THROW_AWAY_SETTINGS = """\
fsync = off
full_page_writes = off
synchronous_commit = off
autovacuum_naptime = 10min
"""
ACCESS = "# Everybody needs a password. Written anew at every start.\nlocal all all scram-sha-256\n"


def credentials(place: Place) -> dict[str, str]:
    """Return the password of each login, making them on the very first call (file of mode 0600)."""
    path = place.control / "credentials.json"
    if not path.exists():
        write_private(path, json.dumps({login: secrets.token_urlsafe(24) for login in LOGINS}))
    return json.loads(path.read_text())


def database_url(place: Place, socket: str, login: str, name: str = DATABASE) -> str:
    """Return the DATABASE_URL by which `owner`, `web` or `superuser` reaches a database over the socket."""
    where = urlencode({"host": socket, "port": PORT})
    return f"postgresql://{LOGINS[login]}:{quote(credentials(place)[login])}@/{quote(name)}?{where}"


def create_cluster(place: Place) -> None:
    """Run initdb unless the data is there; killed halfway, it starts over next time.

    Raises DatabaseUnavailable if the data is there without its passwords, or if initdb fails.
    """
    if place.data.exists():
        if not (place.control / "credentials.json").exists():
            raise DatabaseUnavailable(
                f"{place.data} has data, but {place.control}/credentials.json is gone: restore it."
            )
        return
    unfinished = place.home / "data.unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    place.make_private(unfinished)
    password = place.home / "password"
    write_private(password, credentials(place)["superuser"])
    if place.user:
        os.chown(password, place.user.pw_uid, place.user.pw_gid)
    options = [
        "--username=postgres",
        "--auth=scram-sha-256",
        f"--pwfile={password}",
        "--encoding=UTF8",
        "--data-checksums",
    ]
    options += ["--locale=C", "--no-instructions", *(["--no-sync"] if place.throw_away else [])]
    if place.major >= 17:
        options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    try:
        run = subprocess.run(
            [place.binaries / "initdb", "-D", unfinished, *options],
            cwd="/",
            check=False,
            capture_output=True,
            text=True,
            **place.as_server,
        )
    finally:
        password.unlink()
    if run.returncode:
        raise DatabaseUnavailable(f"initdb failed:\n{run.stderr or run.stdout}")
    unfinished.rename(place.data)


def write_settings(place: Place, socket: Path) -> None:
    """Write postgresql.conf and pg_hba.conf, so that every start runs with what this version expects."""
    settings = SETTINGS + (THROW_AWAY_SETTINGS if place.throw_away else "")
    settings += f"unix_socket_directories = '{str(socket).replace(chr(39), chr(39) * 2)}'\nport = {PORT}\n"
    if (place.data / "local.conf").exists():
        settings += "include 'local.conf'\n"
    _write_as_server(place, place.data / "postgresql.conf", settings)
    _write_as_server(place, place.data / "pg_hba.conf", ACCESS)


def connect(place: Place, socket: str, login: str, name: str = "postgres") -> psycopg.Connection:
    """Connect over the socket; a real connection is the only proof that the server lives."""
    return psycopg.connect(database_url(place, socket, login, name), autocommit=True, connect_timeout=5)


def make_roles(place: Place, socket: str) -> None:
    """Make sure of the logins, the group and the product's database; repeated at every start."""
    passwords = credentials(place)
    with connect(place, socket, "superuser") as superuser:
        known = {row[0] for row in superuser.execute("SELECT rolname FROM pg_roles")}
        if GROUP not in known:
            superuser.execute(f"CREATE ROLE {GROUP} NOLOGIN")
        for login, rights in (("owner", "CREATEDB CREATEROLE"), ("web", "NOCREATEDB NOCREATEROLE")):
            verb = "ALTER" if LOGINS[login] in known else "CREATE"
            role = f"{verb} ROLE {LOGINS[login]} LOGIN NOSUPERUSER NOBYPASSRLS {rights} PASSWORD {{}}"
            superuser.execute(sql.SQL(role).format(sql.Literal(passwords[login])))
        superuser.execute(f"GRANT {GROUP} TO recare_web")
        admin = (
            "WITH ADMIN TRUE, INHERIT FALSE, SET TRUE"
            if superuser.info.server_version >= 160000
            else "WITH ADMIN OPTION"
        )
        superuser.execute(f"GRANT {GROUP} TO recare_owner {admin}")
        create_database(superuser, DATABASE, owner="recare_owner")


def create_database(connection: psycopg.Connection, name: str, *, owner: str) -> None:
    """Create a database unless it is there, also when two ask at once."""
    if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
        return
    create = sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(name), sql.Identifier(owner))
    with contextlib.suppress(psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
        connection.execute(create)


def write_private(path: Path, text: str) -> None:
    """Write a file of mode 0600 in one step: a reader sees the old or the new text, never half of it."""
    new = path.with_name(f"{path.name}.{os.getpid()}.new")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    new.replace(path)


def _write_as_server(place: Place, path: Path, text: str) -> None:
    """Write a file of mode 0600 as the server's user, so that root never follows a link in a folder of that user."""
    if not place.user:
        return write_private(path, text)
    command = ["/bin/sh", "-c", 'umask 077 && rm -f "$1" && cat > "$1"', "sh", str(path)]
    subprocess.run(command, cwd="/", input=text, text=True, check=True, **place.as_server)
