"""Mail servers and a mail service as programs meet them: SMTP and IMAP on loopback sockets, an API over HTTP."""

import json
import socketserver
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from threading import Thread

from tests.doubles.serving import Double, Fault


@dataclass
class MailServiceDouble(Double):
    """Postmark's sending API."""

    def respond(self, asked):
        asked_for = json.loads(asked.body)
        said = {
            "To": asked_for["To"] if isinstance(asked_for, dict) else asked_for[0]["To"],
            "SubmittedAt": "2026-11-24T10:00:00Z",
            "MessageID": "p1",
            "ErrorCode": 0,
            "Message": "OK",
        }
        return 200, [said] if asked.path.endswith("batch") else said


FORBIDDEN = Fault(401, {"ErrorCode": 10, "Message": "Bad or missing Server API token."})
BROKEN = Fault(500, {"ErrorCode": 100, "Message": "Maintenance"})
CUT_OFF = Fault(cut=True)


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True


@dataclass
class LineServer:
    """A server of a protocol of lines; it serves while it is open. Subclasses answer in `talk(file)`."""

    def __enter__(self):
        double = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                double.talk(self.rfile, self.wfile)

        self._server = _Server(("127.0.0.1", 0), Handler)
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *error):
        self._server.shutdown()
        self._server.server_close()

    @property
    def port(self):
        return self._server.server_address[1]


@dataclass
class SmtpDouble(LineServer):
    """`refused` maps addresses to what is said about them; `breaks_off` ends the line once it has the letter."""

    letters: list = field(default_factory=list)
    refused: dict = field(default_factory=dict)
    breaks_off: bool = False

    def talk(self, lines, answers):
        def say(text):
            answers.write(f"{text}\r\n".encode())

        say("220 double ready")
        for line in lines:
            word = line.decode().strip()
            if word.upper().startswith("RCPT"):
                address = word.partition("<")[2].partition(">")[0]
                code, words = self.refused.get(address, (250, "OK"))
                say(f"{code} {words}")
            elif word.upper() == "DATA":
                say("354 go on")
                self.letters.append(message_from_bytes(_letter(lines), policy=policy.default))
                if self.breaks_off:
                    return
                say("250 OK")
            elif word.upper() == "QUIT":
                say("221 bye")
                return
            else:
                say("250 OK")


def _letter(lines):
    got = []
    for line in lines:
        if line == b".\r\n":
            break
        got.append(line.removeprefix(b".") if line.startswith(b"..") else line)
    return b"".join(got)


@dataclass
class ImapDouble(LineServer):
    """A mailbox whose letters are numbered from 1 on, as far as reading it by numbers needs."""

    letters: list = field(default_factory=list)
    validity: int = 7

    def talk(self, lines, answers):
        def say(text):
            answers.write((text if isinstance(text, bytes) else text.encode()) + b"\r\n")

        say("* OK double ready")
        for line in lines:
            tag, _space, word = line.decode().strip().partition(" ")
            command = word.upper()
            if command.startswith("CAPABILITY"):
                say("* CAPABILITY IMAP4rev1")
            elif command.startswith(("SELECT", "EXAMINE")):
                say(f"* {len(self.letters)} EXISTS")
                say(f"* OK [UIDVALIDITY {self.validity}] numbers hold")
            elif command.startswith("UID SEARCH"):
                say(f"* SEARCH {' '.join(map(str, self._found(command)))}")
            elif command.startswith("UID FETCH"):
                self._fetch(command, say)
            elif command == "LOGOUT":
                say("* BYE")
            say(f"{tag} OK done")
            if command == "LOGOUT":
                return

    def _found(self, command):
        if "ALL" in command:
            return range(1, len(self.letters) + 1)
        first = int(command.rpartition("UID ")[2].partition(":")[0])
        return range(min(first, len(self.letters)) or 1, len(self.letters) + 1)  # "9:*" finds the last one

    def _fetch(self, command, say):
        uid = int(command.split()[2])
        content = self.letters[uid - 1].as_bytes()
        if "RFC822.SIZE" in command:
            say(f"* {uid} FETCH (UID {uid} RFC822.SIZE {len(content)})")
        else:
            say(f"* {uid} FETCH (UID {uid} BODY[] {{{len(content)}}}".encode() + b"\r\n" + content + b")")
