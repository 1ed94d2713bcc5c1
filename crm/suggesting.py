"""Suggesting that a lead moves: a rule says it, a person decides; nothing ever moves by itself."""

from django.db import transaction

from clinics.audit import SYSTEM, record
from clinics.live import publish
from clinics.writing import write_changes
from crm.locking import lock_lead
from crm.models import FollowUpRun, LostReason, PipelineStage, RunOutcome
from crm.pipeline import move_lead
from crm.rules import NothingSuggested

ACCEPTED, DISMISSED, ANSWERED = "ACCEPTED", "DISMISSED", "ANSWERED"


def lies_ahead(lead, stage):
    """Whether a lead could move to a stage: one further on, or the lost one."""
    return lead.is_open and (stage.kind == PipelineStage.Kind.LOST or stage.order > lead.stage.order)


@transaction.atomic
def suggest_move(lead, stage, *, by=SYSTEM):
    """Let the lead's page, card and queue say that it might move to `stage`; returns the lead.

    Records "crm.lead.move_suggested". That the stage lies ahead is for the caller to see to.
    """
    lead = lock_lead(lead)
    _set(lead, stage)
    record("crm.lead.move_suggested", lead, by=by, after={"stage": stage})
    return lead


@transaction.atomic
def accept_suggestion(lead, *, by):
    """Move a lead where it was suggested; returns the StageChange. Into Lost it goes for want of an answer.

    Records what move_lead records. Raises NothingSuggested, and what move_lead raises.
    """
    lead = lock_lead(lead)
    stage = lead.suggested_stage
    if stage is None:
        raise NothingSuggested
    reason = LostReason.NO_RESPONSE if stage.kind == PipelineStage.Kind.LOST else ""
    change = move_lead(lead, stage, by=by, lost_reason=reason)
    _decide(lead, ACCEPTED)
    return change


@transaction.atomic
def dismiss_suggestion(lead, *, by, decision=DISMISSED):
    """Take a suggestion away, for good: the same occasion does not bring it back. Returns the lead.

    Records "crm.lead.suggestion_dismissed". Raises NothingSuggested.
    """
    lead = lock_lead(lead)
    stage = lead.suggested_stage
    if stage is None:
        raise NothingSuggested
    _set(lead, None)
    _decide(lead, decision)
    record("crm.lead.suggestion_dismissed", lead, by=by, before={"stage": stage})
    return lead


@transaction.atomic
def restore_suggestion(lead, stage, *, by):
    """Bring a dismissed suggestion back, from its toast. Records "crm.lead.move_suggested".

    Raises NothingSuggested if the lead could not go there any more.
    """
    lead = lock_lead(lead)
    if not lies_ahead(lead, stage):
        raise NothingSuggested
    _decide(lead, "")
    return suggest_move(lead, stage, by=by)


def _set(lead, stage):
    lead.suggested_stage = stage
    write_changes(lead, ["suggested_stage", "updated_at"])
    publish("board", f"lead-{lead.pk}")


def _decide(lead, decision):
    """Write down beside the last rule that suggested something what a person made of it."""
    run = FollowUpRun.objects.of_lead(lead).filter(outcome=RunOutcome.SUGGESTED).first()
    if run is not None:
        run.decision = decision
        run.save(update_fields=["decision", "updated_at"])
