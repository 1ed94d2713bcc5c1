"""Doing one thing to many leads: those chosen by hand, or all that match a filter.

A few are done at once; more of them in the background, a batch a transaction. Each lead has a row that says what became
of it, so whoever takes the work up after a crash goes on behind the last batch, and nobody is done twice.
"""

import uuid
from dataclasses import dataclass

import structlog
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinics.audit import record
from clinics.errors import RuleBroken
from clinics.jobs import report_progress, start_job
from clinics.live import publish
from clinics.notifications import language_of, notify
from clinics.tenancy import clinic_scope
from crm.bulk_acts import ACTS, Kind, find_aims
from crm.filters import filter_of
from crm.models import BulkAct, BulkActLead, Lead, PipelineStage
from crm.rules import FilterNotUnderstood, LeadIsGone, NobodyChosen, WorkIsElsewhere

AT_ONCE = 50
BATCH = 100
GATHERED_AT_ONCE = 5000
Status, Outcome = BulkAct.Status, BulkActLead.Outcome
log = structlog.get_logger("recare.bulk")


@dataclass(frozen=True)
class Chosen:
    """Which leads: their ids, or the query string of a filter that all of them match."""

    ids: tuple = ()
    query: str | None = None

    def leads(self, member):
        """The leads as they are now. Raises FilterNotUnderstood if a value of the filter is not known."""
        if self.query is None:
            return Lead.objects.present().filter(pk__in=self.ids)
        lead_filter = filter_of(self.query, member)
        if not lead_filter.is_understood:
            raise FilterNotUnderstood
        return lead_filter.leads()


@transaction.atomic
def start_bulk(kind, chosen, facts, *, by, key=""):
    """Do `kind` (a BulkAct.Kind) to the leads of `chosen`: up to 50 at once, more in the background; returns the act.

    `facts` is what the act needs, rows as ids. The same `key` twice acts once. Records "crm.bulk.started" and, when it
    has ended, "crm.bulk.finished". Raises NobodyChosen, FilterNotUnderstood, AimIsGone.
    """
    act_id = uuid.uuid5(by.pk, key) if key else uuid.uuid4()
    known = BulkAct.objects.for_page().filter(pk=act_id).first()
    if known is not None:
        return known
    facts = _with_lost_stage(kind, facts) | {"act": str(act_id)}
    aims = find_aims(facts)
    count = chosen.leads(by).order_by().values("pk").count()
    if not count:
        raise NobodyChosen

    act, is_new = BulkAct.objects.get_or_create(
        pk=act_id,
        defaults={
            "kind": kind,
            "title": _title(kind, aims, count),
            "facts": facts,
            "query": chosen.query,
            "total_count": count,
            "by": by,
        },
    )
    if not is_new:
        return act
    record("crm.bulk.started", act, by=by, after={"kind": kind, "count": count, "query": chosen.query})
    if count <= AT_ONCE:
        gather(act, chosen.leads(by))
        work_batch(act, aims, by=by)
        return finish_bulk(act, by=by)
    if chosen.query is None:
        gather(act, chosen.leads(by))
    parameters = {"act": str(act.pk)}
    act.job = start_job("crm.bulk", title=act.title, by=by, parameters=parameters, result_url=act.get_absolute_url())
    act.save()
    return act


def _with_lost_stage(kind, facts):
    if kind != Kind.LOSE:
        return facts
    lost = PipelineStage.objects.filter(kind=PipelineStage.Kind.LOST).first()
    return facts | {"stage": str(lost.pk if lost else uuid.uuid4())}


def _title(kind, aims, count):
    act = ACTS[kind]
    what = act.title % {"aim": aims[act.aim]} if act.aim else act.title
    leads = ngettext("%(n)s lead", "%(n)s leads", count) % {"n": f"{count:,}"}
    return f"{what} · {leads}"[:200]


def gather(act, leads):
    """Write down which leads an act is about, in the order in which they are locked."""
    ids = leads.order_by("pk").values_list("pk", flat=True).distinct()
    rows, place = [], 0
    for place, lead_id in enumerate(ids.iterator(chunk_size=GATHERED_AT_ONCE), start=1):
        rows.append(BulkActLead(act=act, lead_id=lead_id, place=place))
        if len(rows) == GATHERED_AT_ONCE:
            BulkActLead.objects.bulk_create(rows)
            rows = []
    BulkActLead.objects.bulk_create(rows)
    act.is_gathered, act.total_count = True, place
    act.save(update_fields=["is_gathered", "total_count", "updated_at"])


def run_bulk(clinic, job):
    """The job "crm.bulk": batch by batch, each lead once; what an earlier try has done is passed over."""
    with clinic_scope(clinic):
        act = take_up(job, Status.WORKING)
        if not act.is_gathered:
            gather(act, Chosen(query=act.query).leads(job.started_by))
            report_progress(job, 0, act.total_count)
    is_left = True
    while is_left:
        with clinic_scope(clinic):
            act = take_up(job, Status.WORKING)
            is_left = work_batch(act, find_aims(act.facts), by=job.started_by)
            report_progress(job, act.handled_count, act.total_count)
    with clinic_scope(clinic):
        act = finish_bulk(take_up(job, Status.WORKING), by=job.started_by)
        return {"done": act.done_count, "skipped": act.skipped_count}


def take_up(job, status):
    """The act that a job works on, locked. Raises WorkIsElsewhere if it is in other hands or past this step."""
    act = BulkAct.objects.select_for_update().filter(pk=job.parameters["act"]).first()
    if act is None or act.job_id != job.pk or act.status != status:
        raise WorkIsElsewhere
    return act


def work_batch(act, aims, *, by):
    """Do the next leads of an act; returns whether there may be more of them."""
    rows = list(BulkActLead.objects.of_act(act).waiting().select_related("lead").order_by("place")[:BATCH])
    for row in rows:
        row.outcome, row.trace, row.reason = attempt(lambda row=row: ACTS[act.kind].do(row.lead, aims, by=by))
    BulkActLead.objects.bulk_update(rows, ["outcome", "trace", "reason"])
    done = sum(row.outcome == Outcome.DONE for row in rows)
    act.done_count += done
    act.skipped_count += len(rows) - done
    act.save(update_fields=["done_count", "skipped_count", "updated_at"])
    publish("board")
    return len(rows) == BATCH


def attempt(work):
    """Do the work for one lead and say what came of it: (outcome, trace, reason). A broken rule leaves the lead out."""
    try:
        with transaction.atomic():
            return Outcome.DONE, str(work() or ""), ""
    except Lead.DoesNotExist:
        return Outcome.SKIPPED, "", str(LeadIsGone.message)
    except RuleBroken as rule:
        return Outcome.SKIPPED, "", str(rule)
    except (OperationalError, InterfaceError):
        raise
    except Exception as problem:  # one lead that cannot be done does not stop the others; the log says where
        log.exception("bulk act failed on a lead", error=type(problem).__name__)
        return Outcome.SKIPPED, "", _("Something went wrong on our side. Nothing was changed here.")


def finish_bulk(act, *, by):
    """Say that an act has ended, to the audit log, the open pages and, once, whoever got the leads. Returns the act."""
    act.status, act.finished_at = Status.DONE, timezone.now()
    act.save(update_fields=["status", "finished_at", "updated_at"])
    record("crm.bulk.finished", act, by=by, after={"done": act.done_count, "skipped": act.skipped_count})
    if act.kind == Kind.ASSIGN and act.done_count:
        _tell_coordinator(find_aims(act.facts)["coordinator"], act, by=by)
    publish("board")
    return act


def _tell_coordinator(coordinator, act, *, by):
    if coordinator == by:
        return
    with translation.override(language_of(coordinator)):
        text = ngettext("%(n)s lead is yours now.", "%(n)s leads are yours now.", act.done_count)
        notify(coordinator, "lead_assigned", text % {"n": act.done_count}, url="/leads/?coordinator=me")
