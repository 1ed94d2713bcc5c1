"""Public lead forms under load: four visitors at a time, and the same while the database dies and comes back."""

import http.client
import os
import signal
import threading
import time
import urllib.parse
from queue import Empty, Queue

from django.db import InterfaceError, OperationalError, connection

from benchmarks.timing import Result, Timing
from benchmarks.webhooks import WebhookCases
from clinics.public_tokens import new_token
from clinics.tenancy import clinic_scope
from config.embedded_postgres.place import Place
from crm.models import LeadForm, LeadSubmission
from crm.public_forms import NOT_A_PERSON, STAMP, new_stamp

CLIENTS, LEAST_A_SECOND = 4, 80
ACCEPTED, AWAY = 303, 503
PATIENCE = 60  # seconds for which a visitor sends the same form again


class FormCases(WebhookCases):
    """One more case: `count` forms of a quiet minute, then as many while the server of the database is killed."""

    def public_form(self):
        with clinic_scope(self.clinic):
            form, _made = LeadForm.objects.get_or_create(
                name="Measured",
                defaults={"fields": [{"name": "phone", "required": True}], "token": new_token(self.clinic.pk)},
            )
        yield self._sent(form, "public form", restart=False)
        if "host=" in os.environ["DATABASE_URL"] and self._server_pid() is not None:
            yield self._sent(form, "public form, killed server", restart=True)

    def _sent(self, form, name, *, restart):
        """Send `count` forms, each again until it is accepted; every stamp must be kept exactly once."""
        stamps = Queue()
        for number in range(self.count):
            stamps.put((number, new_stamp(form)))
        before = self._kept(form)
        time.sleep(NOT_A_PERSON.total_seconds() + 1)
        visitors = [Visitor(form.public_path, self.browser.connection.port, stamps) for _each in range(CLIENTS)]
        started = time.perf_counter()
        for visitor in visitors:
            visitor.start()
        if restart:
            time.sleep(self.count / LEAST_A_SECOND / 4)
            os.kill(self._server_pid(), signal.SIGKILL)
        for visitor in visitors:
            visitor.join()
        rate = self.count / (time.perf_counter() - started)
        kept = self._kept(form) - before
        accepted = sum(visitor.accepted for visitor in visitors)
        taken = sorted(each for visitor in visitors for each in visitor.taken)
        timing = Timing(taken[len(taken) // 2], taken[int(len(taken) * 0.95)], len(taken))
        is_exact = kept == accepted == self.count
        words = f"{name}: {rate:.0f}/s, {self.count - accepted} lost, {kept - accepted} doubled"
        target = f"≥ {LEAST_A_SECOND}/s, 0 lost, 0 doubled" if not restart else "0 lost, 0 doubled"
        return Result(words, timing, target, is_exact and (restart or rate >= LEAST_A_SECOND))

    def _kept(self, form):
        """How many inquiries stand in the database, as soon as it answers; our own connection may have died with it."""
        ends = time.monotonic() + PATIENCE
        while True:
            try:
                with clinic_scope(self.clinic):
                    return LeadSubmission.objects.filter(form=form).count()
            except (OperationalError, InterfaceError):
                connection.close()
                if time.monotonic() > ends:
                    raise
                time.sleep(0.5)

    def _server_pid(self):
        """The embedded server that this run has brought up, or None where another one is used."""
        try:
            return int((Place.of("main").data / "postmaster.pid").read_text().split()[0])
        except (OSError, ValueError):
            return None


class Visitor(threading.Thread):
    """Takes one stamp after the other and sends a form with it, the same one again while the answer is 503."""

    def __init__(self, path, port, stamps):
        super().__init__(daemon=True)
        self.path, self.port, self.stamps = path, port, stamps
        self.accepted, self.taken = 0, []
        self.connection = None

    def run(self):
        while True:
            try:
                number, stamp = self.stamps.get_nowait()
            except Empty:
                return
            fields = {STAMP: stamp, "phone": f"+1212555{number % 10000:04d}", "consent": "on"}
            self._send(urllib.parse.urlencode(fields))

    def _send(self, body):
        ends = time.monotonic() + PATIENCE
        while time.monotonic() < ends:
            started = time.perf_counter()
            status = self._post(body)
            if status == ACCEPTED:
                self.taken.append((time.perf_counter() - started) * 1000)
                self.accepted += 1
                return
            if status not in (AWAY, None):
                raise RuntimeError(f"A form was answered with {status}")
            time.sleep(0.2)

    def _post(self, body):
        """The status of the answer, or None if the connection broke."""
        try:
            if self.connection is None:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
            headers = {"Host": f"localhost:{self.port}", "Content-Type": "application/x-www-form-urlencoded"}
            self.connection.request("POST", self.path, body, headers)
            answer = self.connection.getresponse()
            answer.read()
            return answer.status
        except (OSError, http.client.HTTPException):
            self.connection = None
            return None
