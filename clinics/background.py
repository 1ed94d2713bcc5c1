"""Waking workers: a nudge after the commit. The truth stays in the database, and a sweep finds what was not nudged."""

from contextlib import suppress
from functools import partial

from django.db import transaction
from django.utils.module_loading import import_string
from kombu.exceptions import OperationalError

from clinics.models.base import current_clinic_id


def wake(task_name, *ids):
    """After the commit, start a task of the open clinic with `ids`; a broker that is down delays it, no more."""
    transaction.on_commit(partial(_start, task_name, str(current_clinic_id()), *map(str, ids)))


def wake_outside(task_name, *ids):
    """The same for a task that belongs to no clinic."""
    transaction.on_commit(partial(_start, task_name, *map(str, ids)))


def _start(task_name, *arguments):
    with suppress(OperationalError, OSError):
        import_string(task_name).delay(*arguments)
