"""A worker that is killed on purpose: python -m tests.drills.webhook_worker POINT CLINIC EVENT.

POINT is "claimed" (it has the event in hand and has done nothing) or "effect" (what the event asks for is done, and the
state of the event not yet written).
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
    point, clinic_id, event_id = sys.argv[1:]
    setattr(webhook_processing, {"claimed": "process_webhook", "effect": "_settle"}[point], die)
    webhook_processing.process_webhooks(Clinic.objects.get(pk=clinic_id), [event_id])
