"""Drills of the embedded database: kills, stale files, crowds, modes, foreign folders."""

import os
import signal
import stat
import subprocess
from pathlib import Path

import psycopg
import pytest

from config.embedded_postgres import cluster
from config.embedded_postgres.place import PORT, SOCKET_PATH_LIMIT, DatabaseUnavailable, Place
from config.embedded_postgres.supervisor import read_state

from .conftest import Machine, wait_until


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_server_stops_with_its_last_user(machine: Machine):
    first = machine.hold_database()
    second = machine.hold_database()

    first.terminate()
    first.wait()
    assert machine.ask("select 1") == "1"
    second.terminate()
    second.wait()

    wait_until(lambda: machine.database_processes() == [])
    assert not (machine.place.data / "postmaster.pid").exists()


def test_server_killed_loses_nothing(machine: Machine):
    machine.hold_database()
    url = cluster.database_url(machine.place, read_state(machine.place)["socket"], "owner")
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("create table kept as select generate_series(1, 5000) n; grant select on kept to recare_web")
        killed = machine.server_pid
        os.kill(killed, signal.SIGKILL)

    assert machine.ask("select count(*) from kept") == "5000"
    assert machine.server_pid != killed


def test_supervisor_killed_leaves_users_undisturbed(machine: Machine):
    machine.hold_database()
    server, supervisor = machine.server_pid, machine.supervisor_pid
    url = cluster.database_url(machine.place, read_state(machine.place)["socket"], "web")
    with psycopg.connect(url) as user:
        os.kill(supervisor, signal.SIGKILL)
        wait_until(lambda: machine.supervisor_pid != supervisor and read_state(machine.place)["phase"] == "ready")

        assert user.execute("select 1").fetchone() == (1,)
    assert machine.server_pid == server


def test_everything_killed_at_once_starts_again(machine: Machine):
    holder = machine.hold_database()
    os.killpg(holder.pid, signal.SIGKILL)
    for pid in (machine.supervisor_pid, machine.server_pid):
        os.kill(pid, signal.SIGKILL)

    assert machine.ask("select 1") == "1"
    wait_until(lambda: machine.database_processes() == [])


def test_left_over_server_is_taken_over_and_stopped(machine: Machine):
    holder = machine.hold_database()
    server = machine.server_pid
    os.killpg(holder.pid, signal.SIGKILL)
    os.kill(machine.supervisor_pid, signal.SIGKILL)

    assert machine.ask("select pg_backend_pid() > 0") == "True"
    wait_until(lambda: not any(line.split()[0] == str(server) for line in machine.database_processes()))


def test_stale_pid_file_naming_a_live_process(machine: Machine):
    assert machine.ask("select 1") == "1"
    bystander = subprocess.Popen(["sleep", "60"], **machine.place.as_server)
    pid_file = machine.place.data / "postmaster.pid"
    pid_file.write_text(f"{bystander.pid}\n{machine.place.data}\n0\n{PORT}\n\n\n\n")

    try:
        assert machine.ask("select 1") == "1"
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_many_first_starts_at_once(machine: Machine):
    crowd = [machine.use_database("echo up") for _ in range(5)]

    said = [process.communicate(timeout=60)[0].splitlines()[-1] for process in crowd]
    assert said == ["up"] * 5
    wait_until(lambda: machine.database_processes() == [])


def test_exit_status_and_signals_reach_the_program(machine: Machine):
    assert machine.use_database("exit 7").wait(timeout=30) == 7
    holder = machine.hold_database()
    holder.send_signal(signal.SIGINT)
    assert holder.wait(timeout=30) == 128 + signal.SIGINT


def test_folders_are_private_and_parents_untouched(machine: Machine):
    machine.hold_database()
    place = machine.place

    assert mode(machine.var) == 0o755
    assert mode(place.data) == mode(Path(read_state(place)["socket"])) == 0o700
    assert mode(place.control / "credentials.json") == mode(place.control / "state.json") == 0o600
    assert mode(place.control) & 0o007 == mode(place.home) & 0o007 == 0
    sockets = list(Path(read_state(place)["socket"]).glob(".s.PGSQL.*"))
    assert [mode(path) for path in sockets if path.is_socket()] == [0o700]


def test_private_parent_stays_private(machine: Machine):
    machine.var.chmod(0o700)
    assert machine.ask("select 1") == "1"

    assert mode(machine.var) == 0o700
    if machine.place.user:
        assert machine.place.home.parent == Path("/var/lib")
        assert mode(machine.place.data) == 0o700
        subprocess.run(["rm", "-rf", machine.place.home], check=True)


def test_long_path_gets_a_short_private_socket(machine: Machine):
    machine.environment["VAR_DIR"] = str(machine.var / ("long" * 20))
    machine.place = Place(machine.var / ("long" * 20) / "postgres")
    machine.environment.pop("XDG_RUNTIME_DIR", None)
    machine.hold_database()
    folder = Path(read_state(machine.place)["socket"])

    assert len(bytes(folder / f".s.PGSQL.{PORT}")) < SOCKET_PATH_LIMIT
    assert mode(folder) == 0o700
    machine.started[0].terminate()
    machine.started[0].wait()
    wait_until(lambda: not folder.exists())


def test_roles_and_passwords(machine: Machine):
    machine.hold_database()
    socket = read_state(machine.place)["socket"]
    rights = (
        "select rolsuper or rolbypassrls or rolcreaterole or rolcreatedb from pg_roles where rolname = 'recare_web'"
    )

    assert machine.ask("select session_user") == "recare_web"
    assert machine.ask(rights) == "False"
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(host=socket, port=PORT, user="postgres", password="guess", dbname="postgres")
    with psycopg.connect(cluster.database_url(machine.place, socket, "owner")) as owner:
        owner.execute("set role recare_app")
    web_url = cluster.database_url(machine.place, socket, "web")
    with psycopg.connect(web_url) as web, pytest.raises(psycopg.errors.InsufficientPrivilege):
        web.execute("create table mine (n int)")


def test_folder_of_another_user_is_refused(machine: Machine):
    if os.getuid() != 0:
        pytest.skip("only root can give a folder to somebody else")
    machine.place.control.mkdir()
    os.chown(machine.place.control, 65534, 65534)

    with pytest.raises(DatabaseUnavailable, match="belongs to user 65534"):
        machine.place.prepare()
