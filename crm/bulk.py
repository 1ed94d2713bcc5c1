"""Doing one thing to many leads: what clinics/bulk.py does, with the tables, acts and words of leads."""

import uuid
from dataclasses import dataclass

from django.utils import translation
from django.utils.translation import ngettext

from clinics import bulk, bulk_undoing
from clinics.bulk import BulkWork, FilterNotUnderstood
from clinics.models import ClinicUser, Tag
from clinics.notifications import language_of, notify
from clinics.tenancy import clinic_scope
from crm.assignment.mending import own_again, ownerless_leads
from crm.bulk_acts import ACTS, Kind
from crm.filters import filter_of
from crm.locking import holding_leads
from crm.models import AssignmentChange, BulkAct, BulkActLead, Lead, PipelineStage, TaskTemplate

# What stands open again once such an act is taken back.
OPENS_AGAIN = (Kind.MOVE, Kind.LOSE, Kind.ARCHIVE)


@dataclass(frozen=True)
class Chosen:
    """Which leads: their ids, or the query string of a filter that all of them match."""

    ids: tuple = ()
    query: str | None = None

    def people(self, member):
        """The leads as they are now. Raises FilterNotUnderstood if a value of the filter is not known."""
        if self.query is None:
            return Lead.objects.present().filter(pk__in=self.ids)
        lead_filter = filter_of(self.query, member)
        if not lead_filter.is_understood:
            raise FilterNotUnderstood
        return lead_filter.leads()


def start_bulk(kind, chosen, facts, *, by, key=""):
    """Do `kind` (a BulkAct.Kind) to the leads of `chosen`: see clinics.bulk.start_bulk. Returns the act."""
    return bulk.start_bulk(LEADS, kind, chosen, _with_lost_stage(kind, facts), by=by, key=key)


def _with_lost_stage(kind, facts):
    if kind != Kind.LOSE:
        return facts
    lost = PipelineStage.objects.filter(kind=PipelineStage.Kind.LOST).first()
    return facts | {"stage": str(lost.pk if lost else uuid.uuid4())}


def run_bulk(clinic, job):
    """The job "crm.bulk"."""
    return bulk.run_bulk(LEADS, clinic, job, choose=lambda query, member: Chosen(query=query).people(member))


def undo_bulk(act, *, by):
    """Take an act on many leads back: see clinics.bulk_undoing.undo_bulk. Returns the act."""
    act = bulk_undoing.undo_bulk(LEADS, act, by=by)
    _own_again(act, by=by)
    return act


def run_bulk_undo(clinic, job):
    """The job "crm.bulk_undo"."""
    came_to = bulk_undoing.run_bulk_undo(LEADS, clinic, job)
    with clinic_scope(clinic):
        _own_again(BulkAct.objects.get(pk=job.parameters["act"]), by=job.started_by)
    return came_to


def _own_again(act, *, by):
    """What is open again after an act was taken back does not belong to whoever has left meanwhile."""
    if act.kind in OPENS_AGAIN and act.status == BulkAct.Status.UNDONE:
        for lead in ownerless_leads().exclude(assigned_to=None).filter(pk__in=act.leads.values("lead")):
            own_again(lead, by=by)


def _tell_coordinators(act, by):
    """Tell everybody who got leads, once for all of theirs."""
    if act.kind not in (Kind.ASSIGN, Kind.HAND_OVER) or not act.done_count:
        return
    for member, count in _receivers(act):
        if member != by:
            with translation.override(language_of(member)):
                text = ngettext("%(n)s lead is yours now.", "%(n)s leads are yours now.", count)
                notify(member, "lead_assigned", text % {"n": count}, url="/leads/?coordinator=me")


def _receivers(act):
    """Who got leads by an act, and how many: (member, count)."""
    if act.kind == Kind.ASSIGN:
        return [(LEADS.find_aims(act.facts)["coordinator"], act.done_count)]
    counts = AssignmentChange.objects.by_act(act).count_by_receiver()
    return [(member, counts[member.pk]) for member in ClinicUser.objects.filter(pk__in=counts).select_related("user")]


def _in_words(count):
    return ngettext("%(n)s lead", "%(n)s leads", count) % {"n": f"{count:,}"}


LEADS = BulkWork(
    acts=ACTS,
    act_model=BulkAct,
    row_model=BulkActLead,
    person="lead",
    event="crm.bulk",
    count_in_words=_in_words,
    rows={"stage": PipelineStage, "coordinator": ClinicUser, "tag": Tag, "template": TaskTemplate},
    topics=("board",),
    holding=holding_leads,
    finished=_tell_coordinators,
)
