"""Locking leads: each for itself by the verb that changes it, or many in one statement for an act on all of them."""

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from clinics.models import ClinicUser
from crm.models import Lead, PipelineStage

_held = ContextVar("leads that were locked together", default=None)


@dataclass
class Held:
    """Leads that an act on many has locked: those not yet taken, the ids of all, and what was asked of all at once."""

    leads: dict
    ids: frozenset
    answers: dict = field(default_factory=dict)


def lock_lead(lead):
    """The lead as it stands now, locked until the end of the transaction. Raises Lead.DoesNotExist if deleted."""
    held = _held.get()
    known = held.leads.pop(lead.pk, None) if held else None  # once: a second time it may have changed in between
    if known is not None:
        return known
    return Lead.objects.present().select_for_update(of=("self",)).select_related("stage", "clinic").get(pk=lead.pk)


def answer_for(lead_id, question):
    """What `question` knows of a lead, None if nothing: asked for all leads at once that an act on many holds.

    `question` takes ids of leads and answers {id: whatever}; it must ask for nothing that the act itself writes.
    """
    held = _held.get()
    if held is None or lead_id not in held.ids:
        return question([lead_id]).get(lead_id)
    if question not in held.answers:
        held.answers[question] = question(held.ids)
    return held.answers[question].get(lead_id)


def once_for_all(question):
    """What `question` answers: asked once for all leads that an act on many holds."""
    held = _held.get()
    if held is None:
        return question()
    if question not in held.answers:
        held.answers[question] = question()
    return held.answers[question]


@contextmanager
def holding_leads(ids):
    """Lock the leads that are here, in the order of their ids; yields {id: lead}.

    Inside, the first lock_lead of each takes it from here. Stages and members are the same rows for all of them.
    """
    leads = list(Lead.objects.present().select_for_update().filter(pk__in=ids).order_by("pk"))
    stages = {stage.pk: stage for stage in PipelineStage.objects.select_related("auto_task_template")}
    members = ClinicUser.objects.select_related("user").in_bulk({lead.assigned_to_id for lead in leads} - {None})
    clinic = next((stage.clinic for stage in stages.values()), None)
    for lead in leads:
        lead.clinic, lead.stage = clinic, stages[lead.stage_id]
        lead.assigned_to = members.get(lead.assigned_to_id)
    token = _held.set(Held({lead.pk: lead for lead in leads}, frozenset(lead.pk for lead in leads)))
    try:
        yield {lead.pk: lead for lead in leads}
    finally:
        _held.reset(token)
