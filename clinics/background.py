"""Waking workers: a nudge after the commit. The truth stays in the database, and a sweep finds what was not nudged."""

import time
from contextlib import suppress
from functools import partial
from threading import Lock, Timer

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string
from kombu.exceptions import OperationalError

from clinics.models.base import current_clinic_id

PAUSE = 0.25  # seconds between two starts of a task that works off whatever waits
_planned = {}  # (task, clinic) -> when it was last started or is to be started next, by the monotonic clock
_planning = Lock()


def wake(task_name, *ids):
    """After the commit, start a task of the open clinic with `ids`; a broker that is down delays it, no more."""
    transaction.on_commit(partial(_start, task_name, str(current_clinic_id()), *map(str, ids)))


def wake_for_all(task_name):
    """The same for a task of the open clinic that works off whatever waits: one is enough for all of a moment."""
    transaction.on_commit(partial(_start_for_all, task_name, str(current_clinic_id())))


def wake_outside(task_name, *ids):
    """The same for a task that belongs to no clinic."""
    transaction.on_commit(partial(_start, task_name, *map(str, ids)))


def _start(task_name, *arguments):
    with suppress(OperationalError, OSError):
        import_string(task_name).delay(*arguments)


def _start_for_all(task_name, clinic_id):
    if getattr(settings, "CELERY_TASK_ALWAYS_EAGER", False):
        _start(task_name, clinic_id)
        return
    now, key = time.monotonic(), (task_name, clinic_id)
    with _planning:
        last = _planned.get(key, now - PAUSE)
        if last > now:  # the one that is planned will find what was committed by now
            return
        wait = max(0, last + PAUSE - now)
        _planned[key] = now + wait
    if not wait:
        _start(task_name, clinic_id)
        return
    timer = Timer(wait, _start, [task_name, clinic_id])
    timer.daemon = True  # a process that ends sooner leaves it to the sweep
    timer.start()
