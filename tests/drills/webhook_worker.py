"""A worker that is killed on purpose: python -m tests.drills.webhook_worker POINT CLINIC EVENT...

POINT is "claimed" (it has the event in hand and has done nothing), "effect" (what the event asks for is done, and the
state of the event not yet written), or "together" (the same for several events that share a transaction).
"""

import os
import signal
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from clinics import webhook_processing  # noqa: E402 - models want a set-up Django
from clinics.models import Clinic  # noqa: E402


def die(*_arguments):
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    point, clinic_id, *event_ids = sys.argv[1:]
    places = {"claimed": "process_webhook", "effect": "_settle", "together": "_settle_all"}
    setattr(webhook_processing, places[point], die)
    webhook_processing.process_webhooks(Clinic.objects.get(pk=clinic_id), event_ids)
