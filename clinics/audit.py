"""The record of what happened: one audit row and its reactions, in the transaction of the change itself."""

from contextlib import contextmanager
from contextvars import ContextVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.module_loading import import_string

from clinics.background import wake, wake_for_all
from clinics.models import AuditLog, Reaction
from clinics.personal_values import seal_personal
from clinics.requests import request_facts

WOKEN_FOR = 10  # reactions of one kind that a worker is woken for together, after an act on many
FEW = 100  # more reactions than this are worked off by one task, without a message for each ten
SYSTEM = None  # the actor of what nobody in particular did
_together = ContextVar("events that are written together", default=None)


def record(action, instance=None, *, by, before=None, after=None, metadata=None):
    """Write down that `by` (a ClinicUser, or SYSTEM) did `action` (dotted, past tense) to `instance`.

    `before` and `after` hold the changed values as JSON-ready dicts; personal ones are sealed (personal_values.py).
    Must run inside the transaction of the change; after the commit the tasks that `config/reactions.py` lists for the
    action are woken. Returns the AuditLog row.
    """
    (event,) = record_many(action, [(instance, before, after)], by=by, metadata=metadata)
    return event


def record_many(action, happened, *, by, metadata=None):
    """Write down the same `action` on many rows: `happened` lists (instance, before, after). As record() otherwise."""
    facts = request_facts()
    if facts.api_token:
        metadata = (metadata or {}) | {"api_token": facts.api_token}
    events = [
        AuditLog(
            actor=by,
            action=action,
            resource_type=instance._meta.label_lower if instance is not None else "",
            resource_id=instance.pk if instance is not None else None,
            before=plain(seal_personal(instance, before)),
            after=plain(seal_personal(instance, after)),
            metadata=plain(metadata or {}),
            ip_address=facts.ip_address,
            request_id=facts.request_id,
        )
        for instance, before, after in happened
    ]
    if (gathered := _together.get()) is not None:
        gathered += events
    else:
        _write(events)
    return events


@contextmanager
def recording_together():
    """Write what is recorded inside in one statement at the end, for acts on many; yields the list of events so far.

    Whoever takes one of the acts back cuts its events off the list. Must run inside the transaction of the acts.
    """
    events, before = [], _together.get()
    token = _together.set(events)
    try:
        yield events
    finally:
        _together.reset(token)
    if before is not None:
        before += events
    else:
        _write(events)


def _write(events):
    AuditLog.objects.bulk_create(events, batch_size=1000)
    handlers = import_string(settings.REACTIONS)
    now = timezone.now()
    reactions = [
        Reaction(event=event, handler=handler, due_at=now)
        for event in events
        for handler in handlers.get(event.action, ())
    ]
    Reaction.objects.bulk_create(reactions, batch_size=1000)
    if len(reactions) > FEW:
        wake_for_all("clinics.tasks.run_waiting_reactions")
        return
    for handler in dict.fromkeys(reaction.handler for reaction in reactions):
        ids = [reaction.pk for reaction in reactions if reaction.handler == handler]
        for start in range(0, len(ids), WOKEN_FOR):
            wake("clinics.tasks.run_reaction", *ids[start : start + WOKEN_FOR])


def record_read(instance, *, by, metadata=None):
    """Write down that somebody looked at a person's data: the answer to "who saw this lead?"."""
    return record(f"{instance._meta.app_label}.{instance._meta.model_name}.viewed", instance, by=by, metadata=metadata)


def plain(value):
    """Turn rows into their ids, also inside of lists and dicts, so that the value can be stored as JSON."""
    if isinstance(value, models.Model):
        return str(value.pk)
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple, set, frozenset, models.QuerySet)):
        return [plain(each) for each in value]
    return value
