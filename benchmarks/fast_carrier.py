"""A carrier that answers at once, in a process of its own: python -m benchmarks.fast_carrier

It prints its port. POST /messages accepts a message and answers with an id; GET /ledger lists everything that it
accepted, twice what it accepted twice. One event loop reads the bare bytes, so that nothing waits for it.
"""

import asyncio
import json

ANSWER = b"HTTP/1.1 %d OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"


class Carrier(asyncio.Protocol):
    """One kept-alive connection."""

    ledger = []

    def connection_made(self, transport):
        self.transport, self.heard = transport, b""

    def data_received(self, data):
        self.heard += data
        while (request := self._next_request()) is not None:
            line, body = request
            status, value = self._answer(line, body)
            content = json.dumps(value).encode()
            self.transport.write(ANSWER % (status, len(content), content))

    def _next_request(self):
        """(first line, body) of the request that has come in whole, or None."""
        head, end, rest = self.heard.partition(b"\r\n\r\n")
        if not end:
            return None
        lines = head.split(b"\r\n")
        length = next((int(line[15:]) for line in lines if line[:15].lower() == b"content-length:"), 0)
        if len(rest) < length:
            return None
        self.heard = rest[length:]
        return lines[0], rest[:length]

    def _answer(self, line, body):
        if line.startswith(b"GET /ledger "):
            return 200, self.ledger
        sent = json.loads(body)
        row = {"id": f"FX{len(self.ledger):030d}", "key": sent["key"], "to": sent["to"]}
        self.ledger.append(row)
        return 201, row


async def serve():
    server = await asyncio.get_running_loop().create_server(Carrier, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve())
