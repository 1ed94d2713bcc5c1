"""Working off what outside services told: claimed with a lease, effect and state in one transaction, tried again.

Events of a source that can take in many at once share a transaction; where that fails, each has one of its own.
Whoever is killed on the way loses the lease, and the sweep takes the event up again; what kills its worker every time
is given up in the end.
"""

from datetime import timedelta
from itertools import groupby

import structlog
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from clinics.errors import RuleBroken
from clinics.live import publish
from clinics.models import WebhookLog
from clinics.models.base import current_clinic_id
from clinics.tenancy import clinic_scope
from clinics.webhook_sources import Hopeless, Ignored, Outcome, Secrets, TryLater, known_kinds, source_named
from clinics.webhooks import note_error, secrets_of, tell_admins, wake_for

log = structlog.get_logger("recare.webhooks")
LEASE = timedelta(minutes=2)
PAUSES = [
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(hours=18),
]
PATIENCE = timedelta(days=7)  # how long something that costs no try is waited for
Status = WebhookLog.Status
ENDED = [
    "status", "due_at", "processed_at", "error_message", "outcome", "resource_type", "resource_id", "updated_at",
]  # fmt: skip
PROCESSED = """
    UPDATE clinics_webhooklog event SET status = 'PROCESSED', due_at = NULL, processed_at = %(now)s,
        updated_at = %(now)s, error_message = '', outcome = told.outcome, resource_type = told.resource_type,
        resource_id = told.resource_id
    FROM unnest(%(ids)s::uuid[], %(outcomes)s::text[], %(types)s::text[], %(resources)s::uuid[])
        told (id, outcome, resource_type, resource_id)
    WHERE event.clinic_id = %(clinic)s AND event.id = told.id
"""


def process_webhooks(clinic, ids):
    """Work off those of some events that are due and that nobody else works at; each stands for itself."""
    with clinic_scope(clinic):
        claimed = _claim(ids)
        secrets = _secrets_to_ask_with(claimed)
    enough, done = timezone.now() + LEASE / 2, 0
    for events in _portions(claimed):
        if timezone.now() > enough:
            with clinic_scope(clinic):
                _give_back(claimed[done:])
            break
        if len(events) == 1 or not process_together(clinic, events):
            for event in events:
                process_webhook(clinic, event, secrets.get(event.connection_id, Secrets()))
        done += len(events)
    with clinic_scope(clinic):
        for kind in sorted({_kind_of(event) for event in claimed} & set(known_kinds())):
            source_named(kind).go_on()


def _kind_of(event):
    return event.connection.kind if event.connection else ""


def _secrets_to_ask_with(events):
    """The secrets of those connections whose source asks outside before it takes an event in."""
    kinds = {kind for kind in known_kinds() if source_named(kind).gathers}
    connections = {event.connection_id: event.connection for event in events if _kind_of(event) in kinds}
    return {connection_id: secrets_of(each) for connection_id, each in connections.items()}


def _portions(events):
    """What shares a transaction: all events of a source that takes in many at once, every other event alone."""
    kinds = set(known_kinds())
    for kind, group in groupby(events, key=_kind_of):
        if kind in kinds and source_named(kind).take_in_many is not None:
            yield list(group)
        else:
            yield from ([event] for event in group)


def _claim(ids):
    """Count one more try of each and commit that before it begins: what kills its worker is given up in the end."""
    now = timezone.now()
    due = WebhookLog.objects.due(now).filter(pk__in=ids).select_related("connection")
    events = sorted(due.select_for_update(skip_locked=True, of=("self",)), key=_kind_of)
    worn_out = [event for event in events if event.attempts > len(PAUSES)]
    for event in worn_out:
        _end(event, Status.DEAD, error=_("The work on this was interrupted again and again."))
    claimed = [event for event in events if event not in worn_out]
    WebhookLog.objects.filter(pk__in=[event.pk for event in claimed]).update(
        status=Status.PROCESSING, attempts=F("attempts") + 1, due_at=now + LEASE, updated_at=now
    )
    for event in claimed:
        event.status, event.attempts = Status.PROCESSING, event.attempts + 1
    return claimed


def _give_back(events):
    for event in events:
        _held(event).update(status=Status.RECEIVED, attempts=event.attempts - 1, due_at=timezone.now())
    wake_for([event.pk for event in events])


def _held(event):
    """The row of an event while the worker that claimed it still holds it."""
    return WebhookLog.objects.filter(pk=event.pk, status=Status.PROCESSING, attempts=event.attempts)


def process_together(clinic, events):
    """Work claimed events of one source off in one transaction, effects and states; returns whether it went well.

    If not, nothing of it stands, and one of the events is the reason: each must then be worked off for itself.
    """
    source = source_named(events[0].connection.kind)
    with clinic_scope(clinic), translation.override(clinic.language):
        held = _still_held(events)
        try:
            with transaction.atomic():
                outcomes = source.take_in_many(clinic, held)
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:
            log.info("webhooks not processed together", kind=events[0].source, error=type(error).__name__)
            return False
        _settle_all(held, outcomes)
    return True


def _still_held(events):
    """Those events that this worker still holds; locked in one order, so that two workers never wait in a ring."""
    rows = WebhookLog.objects.filter(pk__in=[event.pk for event in events], status=Status.PROCESSING).order_by("pk")
    held = set(rows.select_for_update().values_list("pk", "attempts"))
    return [event for event in events if (event.pk, event.attempts) in held]


def _settle_all(events, outcomes):
    """Write down what came of events that went well, in one statement."""
    about = [outcome.about for outcome in outcomes]
    facts = {
        "clinic": current_clinic_id(),
        "now": timezone.now(),
        "ids": [event.pk for event in events],
        "outcomes": [str(outcome.text)[:200] for outcome in outcomes],
        "types": [each._meta.label_lower if each is not None else "" for each in about],
        "resources": [each.pk if each is not None else None for each in about],
    }
    with connection.cursor() as cursor:
        cursor.execute(PROCESSED, facts)
    publish("webhooks")


def process_webhook(clinic, event, secrets):
    """Work one claimed event off: ask outside first where the source must, then effect and state in one transaction.

    When the database goes away the row stays as it is, and is taken up again when its lease has ended.
    """
    gathered, trouble, source = None, None, None
    try:
        source = source_named(event.connection.kind)
        if source.gathers:
            gathered = source.gather(event.connection, secrets, event)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:  # whatever goes wrong outside, the row must say so
        trouble = error
    with clinic_scope(clinic), translation.override(clinic.language):
        held = _held(event).select_for_update(of=("self",)).select_related("connection").first()
        if held is None:
            return
        outcome = None
        if trouble is None:
            try:
                with transaction.atomic():
                    outcome = source.take_in(clinic, held, gathered)
            except (OperationalError, InterfaceError):
                raise
            except Exception as error:
                trouble = error
        _settle(held, outcome, trouble)


def _settle(event, outcome, trouble):
    if trouble is None:
        _end(event, Status.PROCESSED, outcome=outcome)
    elif isinstance(trouble, Ignored):
        _end(event, Status.IGNORED, outcome=Outcome(str(trouble)))
    elif isinstance(trouble, Hopeless | RuleBroken):
        _end(event, Status.DEAD, error=str(trouble))
    else:
        _put_off(event, trouble)


def _put_off(event, trouble):
    now = timezone.now()
    is_known = isinstance(trouble, TryLater)
    text = str(trouble) if is_known else _("Something went wrong on our side: %s") % type(trouble).__name__
    log.warning("webhook failed", kind=event.source, attempts=event.attempts, error=type(trouble).__name__)
    is_free = is_known and trouble.is_free and event.created_at > now - PATIENCE
    if event.attempts > len(PAUSES) and not is_free:
        return _end(event, Status.DEAD, error=text)
    pause = PAUSES[min(event.attempts, len(PAUSES)) - 1]
    if is_known and trouble.after:
        pause = max(pause, trouble.after)
    event.status, event.due_at, event.error_message = Status.RETRY, now + pause, text
    event.attempts -= is_free
    event.save(update_fields=["status", "due_at", "attempts", "error_message", "updated_at"])
    note_error(event.connection_id, text)
    if is_known and trouble.needs_person:
        tell_admins(event)
    publish("webhooks")
    return None


def _end(event, status, *, outcome=None, error=""):
    event.status, event.due_at, event.processed_at, event.error_message = status, None, timezone.now(), error
    event.outcome = str(outcome.text)[:200] if outcome else ""
    about = outcome.about if outcome else None
    event.resource_type = about._meta.label_lower if about is not None else ""
    event.resource_id = about.pk if about is not None else None
    event.save(update_fields=ENDED)
    if status == Status.DEAD:
        note_error(event.connection_id, error)
        tell_admins(event)
    publish("webhooks")
