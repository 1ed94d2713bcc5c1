"""Running what an event asks for: at least once, with growing pauses, given up after a day and shown in the admin."""

from datetime import timedelta

import structlog
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.module_loading import import_string

from clinics.audit import record
from clinics.background import wake
from clinics.models import Reaction
from clinics.tenancy import clinic_scope

MANY = 500
log = structlog.get_logger("recare.reactions")
PAUSES = [
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(hours=18),
]


def run_reaction(clinic, reaction_id):
    """Run one reaction that is due, in a savepoint of its own; a failure is written down and tried again later.

    The attempt is counted and committed before it begins, so that a task that kills its worker is given up in the end.
    Two workers that reach for the same row: the second finds it claimed, locked or done, and leaves it.
    """
    with clinic_scope(clinic):
        attempt = _claim(reaction_id)
    if attempt is None:
        return
    with clinic_scope(clinic):
        reaction = _lock(reaction_id, attempts=attempt)
        if reaction is not None:
            _try(clinic, reaction)


def run_waiting_reactions(clinic):
    """Run the reactions of a clinic that are due, one after the other; returns how many were tried, MANY at most."""
    with clinic_scope(clinic):
        due = list(Reaction.objects.due(timezone.now()).values_list("pk", flat=True)[:MANY])
    for reaction_id in due:
        run_reaction(clinic, reaction_id)
    return len(due)


def _claim(reaction_id):
    """Count one more attempt and return its number; None if the reaction is not due or was just given up."""
    reaction = _lock(reaction_id, Q(due_at__lte=timezone.now()) | Q(attempts=0))
    if reaction is None:
        return None
    if reaction.attempts > len(PAUSES):
        reaction.status = Reaction.Status.DEAD
    else:
        reaction.due_at = timezone.now() + PAUSES[min(reaction.attempts, len(PAUSES) - 1)]
        reaction.attempts += 1
    reaction.save(update_fields=["attempts", "status", "due_at", "updated_at"])
    return None if reaction.status == Reaction.Status.DEAD else reaction.attempts


def _lock(reaction_id, *conditions, **facts):
    waiting = Reaction.objects.waiting().select_for_update(skip_locked=True)
    return waiting.filter(*conditions, pk=reaction_id, **facts).first()


def _try(clinic, reaction):
    try:
        with transaction.atomic():
            import_string(reaction.handler).run(clinic, reaction.event_id)
    except Exception as error:  # whatever a handler raises, the event itself stands and the row must say so
        log.warning(
            "reaction failed", reaction_id=str(reaction.pk), attempts=reaction.attempts, error=type(error).__name__
        )
        reaction.error = f"{type(error).__name__}: {error}"[:200]
        is_over = reaction.attempts > len(PAUSES)
        reaction.status = Reaction.Status.DEAD if is_over else Reaction.Status.FAILED
    else:
        reaction.status, reaction.error = Reaction.Status.DONE, ""
    reaction.save(update_fields=["status", "error", "updated_at"])


@transaction.atomic
def repeat_reaction(reaction, *, by):
    """Run a reaction once more from the start, whatever became of it. Records "clinics.reaction.repeated"."""
    reaction = Reaction.objects.select_for_update().get(pk=reaction.pk)
    reaction.status, reaction.attempts, reaction.due_at = Reaction.Status.PENDING, 0, timezone.now()
    reaction.save(update_fields=["status", "attempts", "due_at", "updated_at"])
    record("clinics.reaction.repeated", reaction, by=by)
    wake("clinics.tasks.run_reaction", reaction.pk)
    return reaction
