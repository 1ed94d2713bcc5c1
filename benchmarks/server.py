"""The real thing under measurement: one uvicorn process, and a browser's worth of HTTP in front of it."""

import contextlib
import http.client
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.parse
from importlib import import_module

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

from clinics.tenancy import SESSION_KEY as CLINIC_KEY
from clinics.tenancy import clinic_scope


@contextlib.contextmanager
def serving():
    """Run the application as in production, on a free loopback port; yields the port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "config.asgi:application", "--port", str(port)]
    command += ["--log-level", "warning", "--lifespan", "off", "--timeout-keep-alive", "600"]
    environment = os.environ | {"LOCAL": "1", "DEBUG": "0", "DATABASE_POOL": "1", "LOG_LEVEL": "ERROR"}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(port)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def _wait(port):
    for _try in range(1200):  # on a busy machine Python alone takes a minute to begin
        with contextlib.suppress(OSError):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        time.sleep(0.1)
    raise RuntimeError("The server did not start.")


class Browser:
    """One kept-alive connection, logged in as a member of staff."""

    def __init__(self, port, member):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.token = secrets.token_hex(16)
        self.cookie = f"recare_session={_log_in(member)}; recare_csrf={self.token}"

    def get(self, path, *, htmx=False):
        """Fetch a path and return the body; anything but 200 is an error."""
        return self._send("GET", path, None, htmx)

    def post(self, path, fields, *, htmx=True):
        return self._send("POST", path, urllib.parse.urlencode(fields), htmx)

    def _send(self, method, path, body, htmx):
        headers = {"Cookie": self.cookie, "Host": f"localhost:{self.connection.port}"}
        if htmx:
            headers |= {"HX-Request": "true", "HX-Current-URL": f"http://localhost:{self.connection.port}/pipeline/"}
        if method == "POST":
            headers |= {"X-CSRFToken": self.token, "Content-Type": "application/x-www-form-urlencoded"}
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        content = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{method} {path}: {answer.status}")
        return content


def _log_in(member):
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    with clinic_scope(member.clinic_id):
        session[SESSION_KEY] = str(member.user_id)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = member.user.get_session_auth_hash()
        session[CLINIC_KEY] = str(member.clinic_id)
    session.create()
    return session.session_key
