"""What comes in by webhook: how long the door takes to answer, and how many events a worker takes in a second."""

import http.client
import json
import secrets
import time

from benchmarks.schedule import ScheduleCases
from benchmarks.timing import Result, Timing, timed
from clinics.models import ClinicUser, Role, WebhookLog
from clinics.tenancy import clinic_scope
from clinics.webhook_connections import connect_service
from clinics.webhook_processing import process_webhooks
from clinics.webhooks import AT_A_TIME

MOST_MS, LEAST_A_SECOND = 60, 200
TOKEN = "measured"  # noqa: S105 - of a clinic that exists to be measured


class WebhookCases(ScheduleCases):
    """One more case: leads as JSON by one kept-alive connection, each delivery a lead of its own."""

    def webhook(self):
        """Deliver, then work off what was delivered."""
        connected = self._connect()
        door = Door(connected.get_path(), self.browser.connection.port)
        timed(door.deliver, count=self.count)
        taken = sorted(door.taken[-self.count :])
        answer = Timing(share_of(taken, 0.5), share_of(taken, 0.95), self.count)
        worst = share_of(taken, 0.99)
        yield Result(f"webhook, p99 {worst:.0f} ms", answer, f"p99 ≤ {MOST_MS} ms", worst <= MOST_MS)

        with clinic_scope(self.clinic):
            ids = list(WebhookLog.objects.filter(connection=connected).values_list("pk", flat=True))
            WebhookLog.objects.filter(pk__in=ids).update(status="RECEIVED", attempts=0, due_at=connected.created_at)
        started = time.perf_counter()
        for start in range(0, len(ids), AT_A_TIME):
            process_webhooks(self.clinic, ids[start : start + AT_A_TIME])
        rate = len(ids) / (time.perf_counter() - started)
        each = Timing(1000 / rate, 1000 / rate, len(ids))
        target = f"≥ {LEAST_A_SECOND} processed a second"
        yield Result(f"webhook, {rate:.0f} a second", each, target, rate >= LEAST_A_SECOND)

    def _connect(self):
        with clinic_scope(self.clinic):
            admin = ClinicUser.objects.filter(role=Role.CLINIC_ADMIN).first()
            settings = {"source": str(self.source.pk)}
            return connect_service("json", label="Measured", settings=settings, secrets={"bearer": TOKEN}, by=admin)


class Door:
    """The address of a connection, posted to; `taken` are milliseconds until each answer."""

    def __init__(self, path, port):
        self.path, self.taken, self.run = path, [], secrets.token_hex(4)
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.headers = {"Content-Type": "application/json", "Authorization": f"Bearer {TOKEN}"}

    def deliver(self):
        number = len(self.taken) + 1
        body = json.dumps({"name": f"Person {number}", "email": f"{self.run}-{number}@example.com"})
        started = time.perf_counter()
        self.connection.request("POST", self.path, body, self.headers | {"Host": f"localhost:{self.connection.port}"})
        answer = self.connection.getresponse()
        content = answer.read()
        self.taken.append((time.perf_counter() - started) * 1000)
        if answer.status != 202:
            raise RuntimeError(f"The delivery was answered with {answer.status}: {content[:200]}")
        return content


def share_of(ordered, share):
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
