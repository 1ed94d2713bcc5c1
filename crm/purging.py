"""Removing what is older than the clinic keeps it: key figure events, activities, and leads that came to an end since.

By night, in batches of one transaction each. What a batch removed and the numbers of the run stand or fall together,
and what is removed is due no more: whoever takes the work up after a crash goes on with what is left.
"""

from dataclasses import dataclass
from datetime import datetime, time

from django.db import transaction
from django.db.models import Min
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinics.audit import SYSTEM, record, record_many
from clinics.jobs import report_progress, start_job
from clinics.live import publish
from clinics.tenancy import clinic_scope
from crm.forgetting import hooks, remove_leads
from crm.models import KpiEvent, Lead, LeadActivity, PurgeRun

KIND = "crm.purge"
OLD = "old"
BATCH = 2000  # events and activities
LEADS_AT_ONCE = 100


@dataclass(frozen=True)
class Due:
    """One class of data: how long a `setting` of the clinic keeps it, and what of it would be removed now."""

    label: Promise
    setting: str
    years: int
    before: datetime
    count: int
    oldest: datetime | None


def years_ago(clinic, years, now):
    """The midnight in the clinic's zone that lies so many years before the day of `now`; of a 29 February the 28th."""
    day = timezone.localtime(now, clinic.zone).date()
    try:
        day = day.replace(year=day.year - years)
    except ValueError:
        day = day.replace(year=day.year - years, day=28)
    return datetime.combine(day, time(), tzinfo=clinic.zone)


def limits(clinic, now):
    """The moments before which each class is removed, as columns of PurgeRun."""
    return {
        "events_before": years_ago(clinic, clinic.kpi_retention_years, now),
        "activities_before": years_ago(clinic, clinic.activity_retention_years, now),
        "leads_before": years_ago(clinic, clinic.lead_retention_years, now),
    }


def leads_out_of_keeping(moment):
    """Leads that came before a moment and about whom nothing has happened since, here or in the rooms above."""
    leads = Lead.objects.untouched_since(moment)
    for in_use in hooks("IN_USE"):
        leads = leads.exclude(pk__in=in_use(moment))
    return leads


def what_is_due(clinic, *, now):
    """What a removal would take now, class by class, without taking anything."""
    before = limits(clinic, now)
    rows = (
        (gettext_lazy("Leads"), "lead_retention_years", "leads_before", leads_out_of_keeping, "captured_at"),
        (gettext_lazy("Activities"), "activity_retention_years", "activities_before", _activities, "occurred_at"),
        (gettext_lazy("Key figure events"), "kpi_retention_years", "events_before", _events, "occurred_at"),
    )
    due = []
    for label, setting, column, due_before, moment in rows:
        found, years = due_before(before[column]), getattr(clinic, setting)
        oldest = found.aggregate(oldest=Min(moment))["oldest"]
        due.append(Due(label, setting, years, before[column], found.count(), oldest))
    return due


def _activities(moment):
    return LeadActivity.objects.before(moment)


def _events(moment):
    return KpiEvent.objects.before(moment)


@transaction.atomic
def start_purge(clinic, *, by=SYSTEM, now=None):
    """Begin a removal in the background, or go on with one that was stopped; returns the PurgeRun.

    When nothing is due the run says so and is over. Two at once are one. Records "crm.purge.started".
    """
    now = now or timezone.now()
    PurgeRun.objects.bulk_create([PurgeRun(by=by, **limits(clinic, now))], ignore_conflicts=True)
    run = PurgeRun.objects.unfinished().select_for_update(of=("self",)).select_related("job").get()
    if run.job is not None and run.job.is_unfinished:
        return run
    total = sum(due.count for due in what_is_due(clinic, now=now))
    if not total and run.job is None:
        return _finish(run)
    parameters = {"run": str(run.pk), "total": total}
    title, page = _("Removal of what is older than it is kept"), run.get_absolute_url()
    run.job = start_job(KIND, title=title, by=by, parameters=parameters, result_url=page)
    run.save(update_fields=["job", "updated_at"])
    record("crm.purge.started", run, by=by)
    return run


def run_purge(clinic, job):
    """The job "crm.purge": events, activities, then leads, each in batches; returns how many of each."""
    for step in (_purge_events, _purge_activities, _purge_leads):
        position = None
        while True:
            with clinic_scope(clinic):
                run = PurgeRun.objects.select_for_update(of=("self",)).get(pk=job.parameters["run"])
                position = step(run, position)
                run.save()
                report_progress(job, run.total, max(job.parameters["total"], run.total))
            if position is None:
                break
    with clinic_scope(clinic):
        run = _finish(PurgeRun.objects.select_for_update(of=("self",)).get(pk=job.parameters["run"]))
        return {"leads": run.lead_count, "activities": run.activity_count, "events": run.event_count}


def _purge_events(run, position):
    ids = _next_ids(_events(run.events_before), position, BATCH)
    run.event_count += KpiEvent.objects.filter(pk__in=ids).delete()[0]
    return ids[-1] if ids else None


def _purge_activities(run, position):
    ids = _next_ids(_activities(run.activities_before), position, BATCH)
    run.activity_count += LeadActivity.objects.filter(pk__in=ids).delete()[0]
    return ids[-1] if ids else None


def _purge_leads(run, position):
    """One batch of leads, each locked; what somebody works at this moment waits for the next night."""
    ids = _next_ids(leads_out_of_keeping(run.leads_before), position, LEADS_AT_ONCE)
    rows = Lead.objects.select_for_update(of=("self",), skip_locked=True).filter(pk__in=ids)
    leads = list(rows.order_by("pk"))
    if leads:
        record_many("crm.lead.purged", [(lead, None, None) for lead in leads], by=SYSTEM, metadata={"run": str(run.pk)})
        counts = remove_leads(leads, why=OLD, by=SYSTEM)
        run.lead_count, run.file_count = run.lead_count + counts["leads"], run.file_count + counts["documents"]
        publish("board")
    return ids[-1] if ids else None


def _next_ids(rows, position, most):
    rows = rows.filter(pk__gt=position) if position else rows
    return list(rows.order_by("pk").values_list("pk", flat=True)[:most])


def _finish(run):
    run.finished_at = timezone.now()
    run.save()
    counts = {"leads": run.lead_count, "activities": run.activity_count, "events": run.event_count}
    record("crm.purge.finished", run, by=run.by, after=counts | {"files": run.file_count})
    return run
