"""The emergency stop: nothing more leaves the clinic, whoever wrote it, until somebody lets it go on."""

from django.db import transaction
from django.utils import timezone

from clinics.audit import record
from clinics.background import wake_for_all
from clinics.live import publish
from inbox.models import InboxSettings
from inbox.rules import ReasonMissing


@transaction.atomic
def stop_sending(clinic, *, reason, by):
    """Hand nothing more over to any carrier from now on; what is planned waits. Returns the InboxSettings.

    Stopping twice keeps the first. Records "inbox.sending.stopped". Raises ReasonMissing.
    """
    reason = reason.strip()
    if not reason:
        raise ReasonMissing
    rules = _lock()
    if rules.stopped_at is None:
        rules.stopped_at, rules.stopped_by, rules.stop_reason = timezone.now(), by, reason[:200]
        rules.save(update_fields=["stopped_at", "stopped_by", "stop_reason", "updated_at"])
        _show(clinic, rules.stopped_at)
        record("inbox.sending.stopped", rules, by=by, metadata={"reason": rules.stop_reason})
    return rules


@transaction.atomic
def resume_sending(clinic, *, by):
    """Let everything go on that waits; returns the InboxSettings. Records "inbox.sending.resumed"."""
    rules = _lock()
    if rules.stopped_at is not None:
        rules.stopped_at, rules.stopped_by, rules.stop_reason = None, None, ""
        rules.save(update_fields=["stopped_at", "stopped_by", "stop_reason", "updated_at"])
        _show(clinic, None)
        record("inbox.sending.resumed", rules, by=by)
        wake_for_all("inbox.tasks.drain_outbox")
    return rules


def _lock():
    InboxSettings.objects.bulk_create([InboxSettings()], ignore_conflicts=True)
    return InboxSettings.objects.select_for_update(of=("self",)).get()


def _show(clinic, stopped_at):
    """Every page says so: what is at hand there is the clinic."""
    clinic.sending_stopped_at = stopped_at
    clinic.save(update_fields=["sending_stopped_at"])
    publish("inbox", "sending")
