"""What leaves by the sender: how many messages a second reach a carrier that answers at once, and none twice."""

import http.client
import json
import multiprocessing
import subprocess
import sys
import time
import uuid
from collections import Counter
from datetime import timedelta

from django.db import connection, connections
from django.utils import timezone

from benchmarks.floors import open_clinic_by_hand
from benchmarks.inbox_pages import InboxPageCases
from benchmarks.timing import Result, Timing
from clinics.models import Clinic
from clinics.tenancy import clinic_scope
from inbox.channels import contract
from inbox.channels.contract import Accepted, Adapter
from inbox.models import (
    Carrier,
    Channel,
    ChannelAccount,
    ContactConsent,
    Direction,
    InboxSettings,
    MessageStatus,
    UnifiedConversation,
    UnifiedMessage,
)
from inbox.outbox import drain_outbox

WORKERS, LEAST_A_SECOND, LEAST_SHARE = 4, 300, 0.5
PEOPLE = 2000
ADDRESS = "+13125550177"


class SenderCases(InboxPageCases):
    """One more case: messages of one account, by four workers, to a carrier in a process of its own."""

    def sender(self):
        """Send them by hand-written statements, then by the sender."""
        carrier = subprocess.Popen([sys.executable, "-m", "benchmarks.fast_carrier"], stdout=subprocess.PIPE, text=True)
        try:
            port = int(carrier.stdout.readline())
            floor = self._rate(port, by_hand)
            ours = self._rate(port, by_sender)
            twice = self._sent_twice(port)
            self._clear()
        finally:
            carrier.kill()
            carrier.wait()
        passed = ours >= LEAST_A_SECOND and ours >= LEAST_SHARE * floor and not twice
        target = f"≥ {LEAST_A_SECOND} a second, ≥ {LEAST_SHARE:.0%} of the floor, 0 twice"
        name = f"sender, {ours:.0f} a second, {twice} twice"
        yield Result(name, _each(ours, self.count), target, passed, floor=_each(floor, self.count))

    def _rate(self, port, work):
        with clinic_scope(self.clinic):
            account = self._account_at(port)
            self._plan(account)
        connections.close_all()
        context = multiprocessing.get_context("fork")
        started = time.perf_counter()
        workers = [context.Process(target=work, args=(self.clinic.pk, account.pk, port)) for _each in range(WORKERS)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        return self.count / (time.perf_counter() - started)

    def _account_at(self, port):
        InboxSettings.objects.bulk_create([InboxSettings()], ignore_conflicts=True)
        InboxSettings.objects.update(quiet_from="00:00", quiet_until="00:00", most_a_day=30_000, most_a_week=30_000)
        ContactConsent.objects.filter(address__startswith="+1773").delete()
        facts = {"label": "Measured", "carrier": Carrier.SANDBOX, "per_second": 10**6, "tokens_at": None}
        facts |= {"settings": {"port": port}, "blocked_reason": "", "is_active": True}
        Clinic.objects.filter(pk=self.clinic.pk).update(message_limit=10**9)
        return ChannelAccount.objects.update_or_create(channel=Channel.SMS, address=ADDRESS, defaults=facts)[0]

    def _plan(self, account):
        """As many messages as are measured, all due; those of the run before are gone."""
        self._clear()
        now = timezone.now() - timedelta(minutes=1)
        people = UnifiedConversation.objects.bulk_create(
            UnifiedConversation(
                unknown_channel=Channel.SMS, unknown_address=f"+1773444{number:04d}", last_message_at=now
            )
            for number in range(min(PEOPLE, self.count))
        )
        UnifiedMessage.objects.bulk_create(
            UnifiedMessage(
                conversation=people[number % len(people)],
                account=account,
                channel=Channel.SMS,
                direction=Direction.OUTBOUND,
                address=people[number % len(people)].unknown_address,
                text=f"Your visit is tomorrow at ten. {number}",
                happened_at=now,
                not_before=now,
                status=MessageStatus.PENDING,
                purpose="CARE",
                is_automatic=True,
                metadata={"counted": True},
                dedupe_key=uuid.uuid4().hex,
            )
            for number in range(self.count)
        )

    def _clear(self):
        """Leave nothing behind that other cases would read."""
        with clinic_scope(self.clinic):
            UnifiedMessage.objects.filter(account__address=ADDRESS).delete()
            UnifiedConversation.objects.filter(unknown_address__startswith="+1773444").delete()

    def _sent_twice(self, port):
        call = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        call.request("GET", "/ledger")
        told = Counter(row["key"] for row in json.loads(call.getresponse().read()))
        with clinic_scope(self.clinic):
            rows = UnifiedMessage.objects.filter(account__address=ADDRESS).values_list("pk", "status")
            wrong = sum(status != MessageStatus.SENT or told[str(pk)] != 1 for pk, status in rows)
        return wrong


class MeasuredAdapter(Adapter):
    """Posts to the double over one kept-alive connection, as the clients of carriers do."""

    def __init__(self):
        self.call = None

    def send(self, account, outgoing):
        self.call = self.call or http.client.HTTPConnection("127.0.0.1", account.settings["port"], timeout=10)
        return Accepted(_post(self.call, outgoing.key, outgoing.to_address, outgoing.text))


def _post(call, key, to, text):
    body = json.dumps({"key": key, "to": to, "text": text})
    call.request("POST", "/messages", body, {"Content-Type": "application/json"})
    return json.loads(call.getresponse().read())["id"]


def by_sender(clinic_id, _account_id, _port):
    """A worker of the product."""
    contract.KNOWN[Carrier.SANDBOX] = "benchmarks.sender.MeasuredAdapter"
    drain_outbox(Clinic.objects.get(pk=clinic_id))


def by_hand(clinic_id, account_id, port):
    """The floor: claim one row by an UPDATE, commit, post, and so on."""
    call = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    claim = """
        UPDATE inbox_unifiedmessage SET status = 'SENT' WHERE id = (
            SELECT id FROM inbox_unifiedmessage
            WHERE clinic_id = %s AND account_id = %s AND purpose = 'CARE' AND status IN ('PLANNED', 'PENDING')
            ORDER BY not_before, id LIMIT 1 FOR UPDATE SKIP LOCKED)
        RETURNING id, address, text
    """
    while True:
        with connection.cursor() as cursor:
            cursor.execute("BEGIN")
            open_clinic_by_hand(cursor, clinic_id)
            cursor.execute(claim, [clinic_id, account_id])
            row = cursor.fetchone()
            cursor.execute("COMMIT")
        if row is None:
            return
        _post(call, str(row[0]), row[1], row[2])


def _each(rate, count):
    return Timing(1000 / rate, 1000 / rate, count)
