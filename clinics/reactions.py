"""Running what an event asks for: at least once, with growing pauses, given up after a day and shown in the admin."""

from datetime import timedelta

import structlog
from celery import current_app
from django.db import transaction
from django.utils import timezone

from clinics.audit import record
from clinics.background import wake
from clinics.models import Reaction

log = structlog.get_logger("recare.reactions")
PAUSES = [timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6)]


def run_reaction(reaction_id):
    """Run one waiting reaction in a savepoint of its own; a failure is written down and tried again later.

    Two workers that reach for the same row: the second finds it locked or done, and leaves it.
    """
    reaction = Reaction.objects.select_for_update(skip_locked=True).filter(pk=reaction_id).first()
    if reaction is None or reaction.status in (Reaction.Status.DONE, Reaction.Status.DEAD):
        return
    reaction.attempts += 1
    try:
        with transaction.atomic():
            current_app.tasks[reaction.handler].run(reaction.clinic, reaction.event_id)
    except Exception as error:  # whatever a handler raises, the event itself stands and the row must say so
        log.warning(
            "reaction failed", reaction_id=str(reaction.pk), attempts=reaction.attempts, error=type(error).__name__
        )
        reaction.error = f"{type(error).__name__}: {error}"[:200]
        is_over = reaction.attempts > len(PAUSES)
        reaction.status = Reaction.Status.DEAD if is_over else Reaction.Status.FAILED
        reaction.due_at = timezone.now() + PAUSES[min(reaction.attempts, len(PAUSES)) - 1]
    else:
        reaction.status, reaction.error = Reaction.Status.DONE, ""
    reaction.save(update_fields=["attempts", "status", "due_at", "error", "updated_at"])


@transaction.atomic
def repeat_reaction(reaction, *, by):
    """Run a reaction once more from the start, whatever became of it. Records "clinics.reaction.repeated"."""
    reaction = Reaction.objects.select_for_update().get(pk=reaction.pk)
    reaction.status, reaction.attempts, reaction.due_at = Reaction.Status.PENDING, 0, timezone.now()
    reaction.save(update_fields=["status", "attempts", "due_at", "updated_at"])
    record("clinics.reaction.repeated", reaction, by=by)
    wake("clinics.tasks.run_reaction", reaction.pk)
    return reaction
