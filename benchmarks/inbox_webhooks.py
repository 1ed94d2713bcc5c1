"""Text messages as Twilio tells of them: how long the door takes to answer, and how many a worker takes in a second."""

import secrets as randomness
import time
from urllib.parse import urlencode

from django.conf import settings
from twilio.request_validator import RequestValidator

from benchmarks.fhir import FhirCases
from benchmarks.timing import Result, Timing, timed
from benchmarks.webhooks import LEAST_A_SECOND, MOST_MS, Door, share_of
from clinics.models import ClinicUser, Role, WebhookLog
from clinics.tenancy import clinic_scope
from clinics.webhook_connections import connect_service
from clinics.webhook_processing import process_webhooks
from clinics.webhooks import AT_A_TIME
from inbox.models import Carrier, Channel, ChannelAccount

TOKEN = "measured"  # noqa: S105 - of a clinic that exists to be measured
PEOPLE = 50  # who write them


class InboxCases(FhirCases):
    """One more case: texts of fifty people by one kept-alive connection."""

    def inbox_webhook(self):
        """Deliver texts, then work off what was delivered, into the conversations."""
        account = self._account()
        door = TextDoor(account.connection.get_path(), self.browser.connection.port)
        timed(door.deliver, count=self.count)
        taken = sorted(door.taken[-self.count :])
        worst = share_of(taken, 0.99)
        answer = Timing(share_of(taken, 0.5), share_of(taken, 0.95), self.count)
        yield Result(f"inbox webhook, p99 {worst:.0f} ms", answer, f"p99 ≤ {MOST_MS} ms", worst <= MOST_MS)

        with clinic_scope(self.clinic):
            mine = WebhookLog.objects.filter(connection=account.connection)
            ids = list(mine.order_by("pk").values_list("pk", flat=True))
            WebhookLog.objects.filter(pk__in=ids).update(
                status="RECEIVED", attempts=0, due_at=account.connection.created_at
            )
        started = time.perf_counter()
        for start in range(0, len(ids), AT_A_TIME):
            process_webhooks(self.clinic, ids[start : start + AT_A_TIME])
        rate = len(ids) / (time.perf_counter() - started)
        each, target = Timing(1000 / rate, 1000 / rate, len(ids)), f"≥ {LEAST_A_SECOND} processed a second"
        yield Result(f"inbox webhook, {rate:.0f} a second", each, target, rate >= LEAST_A_SECOND)

    def _account(self):
        with clinic_scope(self.clinic):
            admin = ClinicUser.objects.filter(role=Role.CLINIC_ADMIN).first()
            told = connect_service("sms", label="Measured", settings={}, secrets={"auth_token": TOKEN}, by=admin)
            return ChannelAccount.objects.create(
                channel=Channel.SMS,
                carrier=Carrier.TWILIO,
                label="Measured",
                address=f"+1312555{randomness.randbelow(10_000):04d}",
                connection=told,
            )


class TextDoor(Door):
    """The address that Twilio calls, each call signed over the public address."""

    def __init__(self, path, port):
        super().__init__(path, port)
        self.url = settings.BASE_URL.rstrip("/") + path
        self.validator = RequestValidator(TOKEN)
        self.headers["Content-Type"] = "application/x-www-form-urlencoded"

    def deliver(self):
        number = len(self.taken) + 1
        said = {
            "MessageSid": f"SM{self.run}{number:024d}",
            "From": f"+1773555{number % PEOPLE:04d}",
            "To": "+13125550100",
            "Body": f"Message {number}: do you have time on Friday?",
            "NumMedia": "0",
            "SmsStatus": "received",
        }
        headers = self.headers | {"X-Twilio-Signature": self.validator.compute_signature(self.url, said)}
        headers["Host"] = f"localhost:{self.connection.port}"
        started = time.perf_counter()
        self.connection.request("POST", self.path, urlencode(said), headers)
        answer = self.connection.getresponse()
        content = answer.read()
        self.taken.append((time.perf_counter() - started) * 1000)
        if answer.status != 200:
            raise RuntimeError(f"The delivery was answered with {answer.status}: {content[:200]}")
        return content
