"""Key figure events: told by programs and files, each external id once."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinics.audit import record
from clinics.errors import RuleBroken
from crm.models import KpiEvent, KpiKind
from patients.books import write_in_books


class EventInTheFuture(RuleBroken):
    message = _("An event cannot be in the future.")


class AmountMissing(RuleBroken):
    message = _("A paid invoice has an amount.")


class EventSaysOtherwise(RuleBroken):
    message = _("This external id stands for another event already.")


SAME = ("kind", "lead_id", "value_cents", "occurred_at")


@transaction.atomic
def note_event(values, *, by):
    """Keep an event by the fields of KpiEvent; returns (event, whether it is new).

    The same external id again changes nothing. Records "crm.kpi.noted". Raises EventInTheFuture, AmountMissing,
    EventSaysOtherwise.
    """
    write_in_books()
    event = KpiEvent(**values, created_by=by)
    check_event(event)
    if event.external_id:
        known = KpiEvent.objects.filter(external_id=event.external_id).first()
        if known is not None:
            return _unless_other(known, event), False
        KpiEvent.objects.bulk_create([event], ignore_conflicts=True)
        kept = KpiEvent.objects.get(external_id=event.external_id)
        if kept.pk != event.pk:  # somebody else was faster
            return _unless_other(kept, event), False
    else:
        event.save(force_insert=True)
    record("crm.kpi.noted", event, by=by, after={"kind": event.kind, "external_id": event.external_id})
    return event, True


def check_event(event):
    """Raise the rule that stands against an unsaved event, if any does."""
    if event.occurred_at > timezone.now():
        raise EventInTheFuture
    if event.kind == KpiKind.INVOICE_PAID and not event.value_cents:
        raise AmountMissing


def _unless_other(known, event):
    if any(getattr(known, name) != getattr(event, name) for name in SAME):
        raise EventSaysOtherwise
    return known
