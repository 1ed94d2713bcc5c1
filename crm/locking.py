"""Locking leads: each for itself by the verb that changes it, or many in one statement for an act on all of them."""

from contextlib import contextmanager
from contextvars import ContextVar

from clinics.models import ClinicUser
from crm.models import Lead, PipelineStage

_held = ContextVar("leads that were locked together", default=None)


def lock_lead(lead):
    """The lead as it stands now, locked until the end of the transaction. Raises Lead.DoesNotExist if deleted."""
    held = (_held.get() or {}).pop(lead.pk, None)  # once: what is locked a second time may have changed in between
    if held is not None:
        return held
    return Lead.objects.present().select_for_update(of=("self",)).select_related("stage", "clinic").get(pk=lead.pk)


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
    token = _held.set({lead.pk: lead for lead in leads})
    try:
        yield {lead.pk: lead for lead in leads}
    finally:
        _held.reset(token)
