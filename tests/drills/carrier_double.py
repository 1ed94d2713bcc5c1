"""A carrier in a process of its own, with a ledger of its own: python -m tests.drills.carrier_double

It prints its port. POST /messages accepts a message and answers with an id, or does what a word in the text asks for:
[500] accepts and answers 500, [late] accepts after the client has given up, [drop] accepts and hangs up, [never] does
not take it the first time and answers 500, [refused] answers 400. GET /messages?key=K lists what it accepted under a
key; GET /ledger everything. What it accepted twice stands there twice.
"""

import json
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

IS_LATE_BY = 0.4  # seconds, longer than the drill's adapter waits


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    ledger, refused, lock = [], set(), threading.Lock()

    def do_POST(self):
        sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        text = sent["text"]
        if "[refused]" in text:
            return self.answer(400, {})
        if "[never]" in text and sent["key"] not in self.refused:
            self.refused.add(sent["key"])
            return self.answer(500, {})
        if "[late]" in text:
            time.sleep(IS_LATE_BY)
        with self.lock:
            row = {"id": f"DX{uuid.uuid4().hex}", "key": sent["key"], "to": sent["to"]}
            self.ledger.append(row)
        if "[drop]" in text:
            self.close_connection = True
            return self.connection.close()
        return self.answer(500 if "[500]" in text else 201, row)

    def do_GET(self):
        address = urlsplit(self.path)
        with self.lock:
            rows = list(self.ledger)
        wanted = parse_qs(address.query).get("key", [""])[0]
        self.answer(200, rows if address.path == "/ledger" else [row for row in rows if row["key"] == wanted])

    def answer(self, status, value):
        body = json.dumps(value).encode()
        try:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            self.close_connection = True  # the client has given up

    def log_message(self, *_arguments):
        """The ledger says it all."""


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    print(server.server_address[1], flush=True)
    server.serve_forever()
