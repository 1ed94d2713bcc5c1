"""Undoing an import: leads that nobody has touched since go, fields that it filled are emptied, all else is kept."""

from collections import Counter, defaultdict

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from clinics.audit import record
from clinics.jobs import report_progress, start_job
from clinics.live import publish
from clinics.tenancy import clinic_scope
from crm.duplicates.indexing import forget_leads, index_lead
from crm.importing.refusals import take_back_refusals
from crm.importing.rules import UndoIsOver
from crm.importing.sealing import open_changes
from crm.importing.working import lock_import, refuse_if_at_work, take_up
from crm.intake import normalise
from crm.models import (
    ContactPoint,
    Lead,
    LeadActivity,
    LeadContactPoint,
    LeadImport,
    LeadImportRow,
    LeadTag,
    LeadTask,
    Opportunity,
    StageChange,
    Touchpoint,
)

BATCH = 1000
Undo = LeadImportRow.Undo
Outcome = LeadImportRow.Outcome


@transaction.atomic
def start_undo(lead_import, *, by):
    """Undo an import in the background, within 7 days of its end, or one that was stopped; returns the import.

    Records "crm.import.undo_started". Raises ImportIsAtWork, UndoIsOver.
    """
    lead_import = lock_import(lead_import)
    if refuse_if_at_work(lead_import, by=by):
        return lead_import
    if not lead_import.may_be_undone:
        raise UndoIsOver
    lead_import.status = LeadImport.Status.UNDOING
    lead_import.job = start_job(
        "crm.import_undo",
        title=(_("Undoing %(file)s") % {"file": lead_import.file_name})[:200],
        by=by,
        parameters={"import": str(lead_import.pk)},
        result_url=lead_import.get_absolute_url(),
    )
    lead_import.save()
    record("crm.import.undo_started", lead_import, by=by)
    return lead_import


def run_undo(clinic, job):
    """The job "crm.import_undo": row by row from the last to the first, each once, a batch a transaction."""
    done, before = 0, None
    while True:
        with clinic_scope(clinic):
            lead_import = take_up(job, LeadImport.Status.UNDOING)
            rows = _rows_to_undo(lead_import, before)
            if not rows:
                return _finish(lead_import, job)
            _undo_batch(lead_import, rows, clinic, by=job.started_by)
            done, before = done + len(rows), rows[-1].line
            publish("board")
            report_progress(job, done, lead_import.created_count + lead_import.updated_count)


def _rows_to_undo(lead_import, before):
    """The next rows that no undo has dealt with yet, all of them above the line `before`."""
    rows = LeadImportRow.objects.of_import().filter(
        lead_import=lead_import, outcome__in=[Outcome.CREATED, Outcome.UPDATED], undo=""
    )
    if before is not None:
        rows = rows.filter(line__lt=before)
    return list(rows.order_by("-line")[:BATCH])


def _undo_batch(lead_import, rows, clinic, *, by):
    leads = {
        lead.pk: lead
        for lead in Lead.objects.select_for_update()
        .filter(pk__in={row.lead_id for row in rows if row.lead_id})
        .order_by("pk")
    }
    for row in rows:
        if row.outcome == Outcome.UPDATED and row.lead_id in leads:
            _put_back(row, leads[row.lead_id], clinic, by=by)
        elif row.outcome == Outcome.UPDATED:
            row.undo = Undo.RESTORED
    created = {row.lead_id for row in rows if row.outcome == Outcome.CREATED and row.lead_id in leads}
    touched = _touched(lead_import, {pk: leads[pk] for pk in created if leads[pk].deleted_at is None})
    for row in rows:
        if row.outcome == Outcome.CREATED:
            row.undo = Undo.KEPT if row.lead_id in touched else Undo.REMOVED
            row.undo_reason = touched.get(row.lead_id, "")
    _remove(created - touched.keys())
    _write_down(rows)


def _write_down(rows):
    """Most rows end alike, so they are written by what came of them."""
    ends = defaultdict(list)
    for row in rows:
        ends[row.undo, row.undo_reason].append(row.pk)
    for (undo, reason), ids in ends.items():
        LeadImportRow.objects.filter(pk__in=ids).update(undo=undo, undo_reason=reason, updated_at=timezone.now())


def _touched(lead_import, leads):
    """{lead id: what somebody has done with it since the import}."""
    own = Q(payload__import=str(lead_import.pk))
    activities = LeadActivity.objects.filter(Q(payload__import__isnull=True) | ~own, lead_id__in=leads)
    questions = (
        (_("a task was set"), LeadTask.objects.filter(lead_id__in=leads)),
        (_("something was noted or done"), activities),
        (_("it was moved"), StageChange.objects.standing().filter(lead_id__in=leads)),
    )
    # Rows of the same file that filled the lead in were put back before: each moved the version on twice.
    filled = Counter(
        LeadImportRow.objects.of_import()
        .filter(lead_import=lead_import, lead_id__in=leads, outcome=Outcome.UPDATED)
        .exclude(changes={})
        .values_list("lead_id", flat=True)
    )
    touched = {pk: _("it was changed") for pk, lead in leads.items() if lead.version > 1 + 2 * filled[pk]}
    for reason, rows in questions:
        touched |= dict.fromkeys(rows.order_by().values_list("lead_id", flat=True).distinct(), reason)
    return touched


def _remove(lead_ids):
    """Soft-delete leads; their numbers in the other system are free again, for an import that does it better."""
    leads, now = Lead.objects.filter(pk__in=lead_ids), timezone.now()
    leads.present().update(deleted_at=now, external_id=None, updated_at=now)
    leads.exclude(external_id=None).update(external_id=None)
    forget_leads(lead_ids)
    links = LeadContactPoint.objects.filter(lead_id__in=lead_ids)
    points = set(links.values_list("contact_point_id", flat=True))
    links.delete()
    ContactPoint.objects.filter(pk__in=points, lead_links=None).delete()


def _put_back(row, lead, clinic, *, by):
    """Empty again what the import filled, where it still holds what the import put there."""
    if lead.is_locked or lead.deleted_at is not None:
        row.undo, row.undo_reason = Undo.KEPT, _("this person has become a patient, or was deleted")
        return
    kept = []
    for name, change in open_changes(lead, row.changes).items():
        if name == "tags":
            LeadTag.objects.filter(lead=lead, tag_id__in=change).delete()
        elif name == "touch":
            _take_back_touch(row, lead, change)
        elif name == "extra":
            lead.extra = {key: text for key, text in lead.extra.items() if change.get(key) != text}
        elif getattr(lead, name) == change[1]:
            setattr(lead, name, change[0])
        else:
            kept.append(str(Lead._meta.get_field(name).verbose_name))
    _forget_links(lead, row.changes)
    if "expected_value_cents" in row.changes:
        worth = Opportunity.objects.filter(lead=lead)
        if lead.expected_value_cents is None:
            worth.delete()
        else:
            worth.update(expected_value_cents=lead.expected_value_cents)
    normalise(lead, region=clinic.phone_region)
    lead.version += 1
    lead.updated_by = by
    lead.save()
    index_lead(lead)
    row.undo = Undo.KEPT if kept else Undo.RESTORED
    row.undo_reason = _("changed since: %(fields)s") % {"fields": ", ".join(kept)} if kept else ""


def _take_back_touch(row, lead, touch_id):
    Touchpoint.objects.filter(lead=lead, pk=touch_id).delete()
    inquiry = {"payload__import": str(row.lead_import_id), "payload__line": row.line}
    LeadActivity.objects.filter(lead=lead, **inquiry).delete()


def _forget_links(lead, changes):
    """A phone or an e-mail that is no longer the lead's is no way to reach it."""
    gone = {change[1] for name, change in changes.items() if name in ("phone", "phone_alt", "email")}
    gone -= {lead.phone, lead.phone_alt, lead.email}
    values = {value.casefold() for value in gone}
    LeadContactPoint.objects.filter(lead=lead, contact_point__value__in=values).delete()


def _finish(lead_import, job):
    undone = LeadImportRow.objects.of_import().filter(lead_import=lead_import).exclude(undo="")
    counts = Counter(undone.values_list("undo", flat=True))
    counts = {name.lower(): counts[name] for name in (Undo.REMOVED, Undo.RESTORED, Undo.KEPT)}
    counts["refusals"] = take_back_refusals(lead_import, by=job.started_by)
    lead_import.status = LeadImport.Status.UNDONE
    lead_import.summary |= {"undo": counts, "undone_at": DjangoJSONEncoder().default(timezone.now())}
    lead_import.save()
    record("crm.import.undone", lead_import, by=job.started_by, after=counts)
    publish("board")
    return counts
