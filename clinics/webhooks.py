"""What outside services tell: verified, kept sealed, each event once, before the service is answered; and replayed.

Everything else happens in the background, see `clinics.webhook_processing`. What a source is stands in
`clinics.webhook_sources`.
"""

from dataclasses import dataclass, field
from datetime import timedelta

import structlog
from django.db import transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinics.audit import record
from clinics.background import wake
from clinics.errors import RuleBroken
from clinics.live import publish
from clinics.models import ClinicUser, StaffNotification, WebhookConnection, WebhookLog, WebhookSecret
from clinics.notifications import language_of, notify
from clinics.webhook_rehearsal import is_rehearsal, marked
from clinics.webhook_sources import Refused, Secrets, source_named

log = structlog.get_logger("recare.webhooks")
AT_A_TIME = 50
ALERT_EVERY = timedelta(hours=1)
Status = WebhookLog.Status


class WebhookInHand(RuleBroken):
    message = gettext_lazy("This is being worked at right now.")


class PayloadForgotten(RuleBroken):
    message = gettext_lazy("What was sent is no longer kept, so it cannot be run again.")


@dataclass
class Kept:
    """What became of a delivery's events: the new rows, and the events that had been told before."""

    new: list = field(default_factory=list)
    known: list = field(default_factory=list)


def secrets_of(connection):
    """The active secrets of a connection, newest first; returns Secrets."""
    by_name = {}
    for secret in WebhookSecret.objects.active().newest_first().filter(connection=connection):
        by_name.setdefault(secret.name, []).append(secret.value)
    return Secrets(by_name)


def accept_webhook(connection, delivery):
    """Take one delivery: verify it, keep its events, answer. A refused one is counted and nothing of it is kept.

    Must run with the clinic open; what is kept is committed before the answer leaves.
    """
    source, secrets = source_named(connection.kind), secrets_of(connection)
    try:
        if delivery.method == "GET":
            return source.greet(connection, delivery, secrets)
        source.verify(connection, delivery, secrets)
        events = source.read(connection, delivery)
    except Refused as refused:
        count_refusal(connection, refused)
        return source.refuse(refused)
    if mark := is_rehearsal(connection, delivery):
        kept = keep_tests(connection, marked(events, mark))
    else:
        kept = keep_events(connection, events)
    return source.answer(connection, delivery, kept)


def count_refusal(connection, refused):
    log.info("webhook refused", kind=connection.kind, status=refused.status)
    WebhookConnection.objects.filter(pk=connection.pk).update(
        refused_count=F("refused_count") + 1, last_refused_at=timezone.now(), last_refusal=str(refused.reason)[:200]
    )


def note_error(connection_id, text):
    """Say on the page of a connection what went wrong last with what it told."""
    WebhookConnection.objects.filter(pk=connection_id).update(last_error_at=timezone.now(), last_error=text[:200])


def keep_events(connection, events):
    """Keep each event once, however often it is told, and wake workers for the new ones; returns Kept."""
    now, source = timezone.now(), source_named(connection.kind)
    by_id = {event.id[:255]: event for event in events}
    rows = [_row(connection, source, event_id, event, now) for event_id, event in by_id.items()]
    WebhookLog.objects.bulk_create(rows, ignore_conflicts=True)
    stored = set(WebhookLog.objects.filter(pk__in=[row.pk for row in rows]).values_list("pk", flat=True))
    kept = Kept(
        new=[row for row in rows if row.pk in stored],
        known=[by_id[row.external_id] for row in rows if row.pk not in stored],
    )
    WebhookConnection.objects.filter(pk=connection.pk).update(
        received_count=F("received_count") + len(kept.new), last_received_at=now
    )
    wake_for([row.pk for row in kept.new if row.due_at])
    for row in kept.new:
        if row.status == Status.DEAD:
            tell_admins(row)
    if kept.new:
        publish("webhooks")
    return kept


def keep_tests(connection, events):
    """Keep events that we sent ourselves: they count for nothing, and nobody works at them; returns Kept."""
    now, source = timezone.now(), source_named(connection.kind)
    rows = [_row(connection, source, event.id, event, now) for event in events]
    publish("webhooks")
    return Kept(new=WebhookLog.objects.bulk_create(rows))


def _row(connection, source, event_id, event, now):
    status = Status.IGNORED if event.ignored else Status.DEAD if event.hopeless else Status.RECEIVED
    return WebhookLog(
        connection=connection,
        source=source.log_source_of(connection),
        external_id=event_id,
        event_type=event.type[:120],
        payload=event.payload,
        status=status,
        outcome=event.ignored[:200],
        error_message=event.hopeless,
        due_at=now if status == Status.RECEIVED else None,
        processed_at=None if status == Status.RECEIVED else now,
    )


def wake_for(ids):
    """Start tasks for some events, a handful each."""
    for start in range(0, len(ids), AT_A_TIME):
        wake("clinics.tasks.process_webhooks", *ids[start : start + AT_A_TIME])


def tell_admins(event):
    """A notice to every clinic admin, once an hour for each connection however much of it fails."""
    url = event.get_absolute_url() if event.connection is None else event.connection.get_absolute_url()
    recent = StaffNotification.objects.filter(kind="webhook", url=url, created_at__gt=timezone.now() - ALERT_EVERY)
    if recent.exists():
        return
    for admin in ClinicUser.objects.admins().select_related("user", "clinic"):
        with translation.override(language_of(admin)):
            name = event.connection.label if event.connection else event.get_source_display()
            text = _("%(name)s told us something that we could not take in") % {"name": name}
            notify(admin, "webhook", text, url=url)


@transaction.atomic
def replay_webhook(webhook, *, by):
    """Work an event off once more from the start, whatever became of it; effects that it had are not had twice.

    Records "clinics.webhook.replayed". Raises WebhookInHand, PayloadForgotten.
    """
    webhook = WebhookLog.objects.select_for_update(of=("self",)).get(pk=webhook.pk)
    if webhook.status == Status.PROCESSING and webhook.due_at > timezone.now():
        raise WebhookInHand
    if webhook.payload is None:
        raise PayloadForgotten
    before = webhook.status
    WebhookLog.objects.filter(pk=webhook.pk).update(**_fresh())
    record("clinics.webhook.replayed", webhook, by=by, before={"status": before})
    wake_for([webhook.pk])
    publish("webhooks")
    return webhook


@transaction.atomic
def replay_dead(webhooks, *, by):
    """Work all those of some events off again that were given up; returns how many. Records each connection once."""
    dead = webhooks.dead().filter(payload__isnull=False).order_by().select_related(None).defer(None)
    ids = list(dead.select_for_update().values_list("pk", flat=True))
    WebhookLog.objects.filter(pk__in=ids).update(**_fresh())
    if ids:
        record("clinics.webhook.replayed_all", by=by, metadata={"count": len(ids)})
        wake_for(ids)
        publish("webhooks")
    return len(ids)


def _fresh():
    now = timezone.now()
    return {"status": Status.RECEIVED, "attempts": 0, "due_at": now, "error_message": "", "updated_at": now}
