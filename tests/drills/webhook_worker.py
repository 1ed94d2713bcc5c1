"""A worker that is killed on purpose: python -m tests.drills.webhook_worker POINT CLINIC EVENT...

POINT is "claimed" (it has the event in hand and has done nothing), "effect" (what the event asks for is done, and the
state of the event not yet written), or "together" (the same for several events that share a transaction).

With POINT "requests" and a path instead of events, three requests are killed, each in a process of its own: before
anything is kept (W0), with the event kept and not committed (W1), committed and not answered (W2). It prints how they
ended.
"""

import json
import os
import signal
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.test import Client  # noqa: E402 - models want a set-up Django

from clinics import webhook_processing, webhooks  # noqa: E402
from clinics.models import Clinic  # noqa: E402


def die(*_arguments):
    os.kill(os.getpid(), signal.SIGKILL)


def die_in_requests(path):
    """Post one lead at each point, and die there; returns the signals that ended them."""
    keep, ended = webhooks.keep_events, []

    def keep_and_die(*arguments):
        keep(*arguments)
        die()

    for number, door in enumerate((die, keep_and_die, keep)):
        child = os.fork()
        if not child:
            webhooks.keep_events = door
            headers = {"HTTP_AUTHORIZATION": "Bearer right", "HTTP_IDEMPOTENCY_KEY": f"event-{number}"}
            said = {"name": f"Person {number}", "email": f"person{number}@example.com"}
            Client(SERVER_NAME="localhost").post(path, json.dumps(said), content_type="application/json", **headers)
            die()
        ended.append(os.WTERMSIG(os.waitpid(child, 0)[1]))
    return ended


if __name__ == "__main__":
    point, clinic_id, *event_ids = sys.argv[1:]
    if point == "requests":
        print(*die_in_requests(event_ids[0]))
        sys.exit()
    places = {"claimed": "process_webhook", "effect": "_settle", "together": "_settle_all"}
    setattr(webhook_processing, places[point], die)
    webhook_processing.process_webhooks(Clinic.objects.get(pk=clinic_id), event_ids)
