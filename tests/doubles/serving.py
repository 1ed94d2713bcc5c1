"""A double's own server: a thread on a free loopback port, faults on demand, and a record of what was asked."""

import json
import time
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Asked:
    """One request that the double received."""

    method: str
    path: str
    query: dict
    headers: dict
    body: bytes = b""


@dataclass(frozen=True)
class Fault:
    """What goes wrong once: another status and body, a delay in seconds, or a connection that is cut."""

    status: int = 0
    body: object = None
    delay: float = 0
    cut: bool = False
    headers: dict = field(default_factory=dict)


@dataclass
class Double:
    """Use it as a context manager: it serves while it is open. Subclasses answer in `respond`."""

    asked: list = field(default_factory=list)
    faults: deque = field(default_factory=deque)

    def respond(self, asked):
        """The (status, JSON) that the service would answer, and a third, its headers, where these say something."""
        raise NotImplementedError

    def fail(self, *faults):
        """Let the next requests go wrong in this order, one fault each."""
        self.faults.extend(faults)

    @property
    def url(self):
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self):
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *error):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _handler_of(double):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            parts = urlsplit(self.path)
            query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked = Asked(self.command, parts.path, query, dict(self.headers), body)
            double.asked.append(asked)
            fault = double.faults.popleft() if double.faults else Fault()
            time.sleep(fault.delay)
            if fault.cut:
                self.close_connection = True
                return
            told = (fault.status, fault.body, fault.headers) if fault.status else double.respond(asked)
            self._send(*told)

        do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

        def _send(self, status, answer, headers=None):
            content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(status)
            for name, value in ({"Content-Type": "application/json"} | (headers or {})).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *words):
            """Say nothing on the screen: what was asked stands in the double."""

    return Handler
