"""Workers of the sender that die or freeze on purpose: python -m tests.drills.sender_worker

Reads lines "POINT COUNT CLINIC" and forks a worker for each, which drains the outbox of the clinic (for S6: asks about
what is in doubt) and is killed when it comes to POINT for the COUNT-th time; prints "ended STATUS" for each. POINT
"FREEZE" stops it instead, after a message is handed over and before its carrier is called: prints "stopped PID", and
"ended STATUS" when it was let go on. POINT "NONE" lets it work.
"""

import os
import signal
import sys
import uuid
from contextlib import contextmanager
from datetime import timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.db import connections  # noqa: E402 - models want a set-up Django

from clinics.audit import SYSTEM  # noqa: E402
from clinics.models import Clinic  # noqa: E402
from clinics.tenancy import clinic_scope  # noqa: E402
from inbox import outbox, planning, reconciling  # noqa: E402
from inbox.channels import contract  # noqa: E402
from inbox.models import Carrier, Purpose, UnifiedConversation  # noqa: E402
from tests.drills.double_adapter import DoubleAdapter  # noqa: E402

contract.KNOWN[Carrier.SANDBOX] = "tests.drills.double_adapter.DoubleAdapter"
SHORT = timedelta(seconds=0.4)


def die():
    os.kill(os.getpid(), signal.SIGKILL)


def freeze():
    os.kill(os.getpid(), signal.SIGSTOP)


def at(count, end, act=None, *, after=False):
    """Stand in for `act`, and end the process when it is called for the count-th time, before or after it acts."""
    calls = []

    def counted(*arguments, **facts):
        calls.append(1)
        if len(calls) == count and not after:
            end()
        result = act(*arguments, **facts) if act else None
        if len(calls) == count and after:
            end()
        return result

    return counted


@contextmanager
def frozen_after_commit(clinic):
    """The scope of the sender; the second one of a run hands a message over."""
    frozen_after_commit.opened = getattr(frozen_after_commit, "opened", 0) + 1
    is_hand_over = frozen_after_commit.opened == 2
    with clinic_scope(clinic):
        yield
    if is_hand_over:
        freeze()


def arm(point, count):
    """Put the end of this process where the point is."""
    if point == "S0":
        planning.wake_for_all = at(count, die)
    elif point == "S1":
        outbox.claim_due = at(count, die, outbox.claim_due, after=True)
    elif point == "S2":
        DoubleAdapter.before_send = at(count, die)
    elif point == "S3":
        DoubleAdapter.after_send = at(count, die)
    elif point == "S4":
        outbox.accepted, outbox.accepted_before = [
            at(count, die, act) for act in (outbox.accepted, outbox.accepted_before)
        ]
    elif point == "S5":
        outbox._note_sent = at(count, die, outbox._note_sent)
    elif point == "S6":
        reconciling.accepted = reconciling._settle = at(count, die)
    elif point == "FREEZE":
        outbox.clinic_scope, outbox.LEASE = frozen_after_commit, SHORT


def work(point, clinic):
    if point == "S0":
        with clinic_scope(clinic):
            conversation = UnifiedConversation.objects.first()
            planning.plan_message(
                conversation, channel="SMS", text="never", by=SYSTEM, dedupe_key=uuid.uuid4().hex, purpose=Purpose.CARE
            )
    elif point == "S6":
        reconciling.reconcile_outbox(clinic)
    else:
        outbox.drain_outbox(clinic)


def run(point, count, clinic_id):
    child = os.fork()
    if child == 0:
        connections["default"].close()
        arm(point, int(count))
        work(point, Clinic.objects.get(pk=clinic_id))
        os._exit(0)
    _pid, status = os.waitpid(child, os.WUNTRACED)
    if os.WIFSTOPPED(status):
        print(f"stopped {child}", flush=True)
        _pid, status = os.waitpid(child, 0)
    print(f"ended {-os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)}", flush=True)


if __name__ == "__main__":
    print("ready", flush=True)
    for line in sys.stdin:
        run(*line.split())
