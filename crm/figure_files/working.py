"""The way of a file of figures: tried out when it comes, taken over, undone."""

from datetime import date, datetime
from itertools import islice
from pathlib import PurePath
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinics.audit import record
from clinics.errors import RuleBroken
from clinics.tables.errors import NotATable
from clinics.tables.reading import read_table
from crm.figure_files.columns import columns_of, what_is_missing
from crm.figure_files.rows import EventReader, RowRefused, SpendReader
from crm.models import AdCampaign, AdSpend, FigureImport, KpiEvent, Lead, LeadSource
from crm.spending import facts_of
from patients.books import write_in_books

MOST_ROWS = 5000
Kind, Status = FigureImport.Kind, FigureImport.Status


class FileIsDone(RuleBroken):
    message = gettext_lazy("This file has been taken over or undone already.")


class NothingToTake(RuleBroken):
    message = gettext_lazy("No row of this file can be taken over.")


@transaction.atomic
def try_file(clinic, kind, upload, *, by):
    """Read a file and say of each row what would come of it; returns the FigureImport. Nothing else is written.

    Records "crm.figures.tried". Raises UnreadableFile.
    """
    table = read_table(upload)
    lines = list(islice(table.rows, MOST_ROWS + 1))
    if not lines:
        raise NotATable(_("This file has no rows."))
    if len(lines) > MOST_ROWS:
        raise NotATable(_("A file may have %(n)s rows at most. Split it by months.") % {"n": MOST_ROWS})
    places = columns_of(table.headers, kind)
    if missing := what_is_missing(places, kind):
        raise NotATable(missing)
    dates = places["month" if kind == Kind.SPEND else "occurred_at"]
    reader = (SpendReader if kind == Kind.SPEND else EventReader)(
        clinic, places, [line.cells[dates] for line in lines if dates < len(line.cells)], table.headers
    )
    rows = _mark_states(kind, _read_rows(reader, lines))
    file = FigureImport.objects.create(
        kind=kind,
        file_name=PurePath(upload.name or "figures").name[:255],
        rows=rows,
        row_count=len(rows),
        problem_count=sum(bool(row["problem"]) for row in rows),
        uploaded_by=by,
    )
    record("crm.figures.tried", file, by=by, after={"kind": kind, "rows": len(rows)})
    return file


def _read_rows(reader, lines):
    rows, seen = [], {}
    for line in lines:
        row = {"line": line.line, "problem": line.problem, "state": "problem"}
        if not line.problem:
            try:
                row |= reader.read(list(line.cells)) | {"state": "new"}
            except RowRefused as refused:
                row["problem"] = str(refused)
        if not row["problem"]:
            key = reader.key(row)
            if key in seen:
                row["problem"] = _("The same as row %(line)s of this file.") % {"line": seen[key]}
            seen.setdefault(key, line.line)
        rows.append(row)
    return rows


def _mark_states(kind, rows):
    """Say of each good row whether it is new, changes something or is known."""
    if kind == Kind.SPEND:
        known = {
            (str(each.month), str(each.source_id), each.ad_campaign_id and str(each.ad_campaign_id)): each
            for each in AdSpend.objects.filter(month__in={row["month"] for row in rows if not row["problem"]})
        }
        for row in rows:
            there = None if row["problem"] else known.get((row["month"], row["source"], row["campaign"]))
            if there is not None:
                row["state"] = "known" if there.cents == row["cents"] else "changed"
                row["was"] = there.cents
    else:
        ids = [row["external_id"] for row in rows if not row["problem"]]
        known = set(KpiEvent.objects.filter(external_id__in=ids).values_list("external_id", flat=True))
        for row in rows:
            if not row["problem"] and row["external_id"] in known:
                row["state"] = "known"
    for row in rows:
        if row["problem"]:
            row["state"] = "problem"
    return rows


@transaction.atomic
def take_file(file, *, by):
    """Take over the good rows of a file that was tried out; returns it. What is known already stays as it is.

    Records "crm.figures.taken". Raises FileIsDone, NothingToTake.
    """
    file = FigureImport.objects.select_for_update().get(pk=file.pk)
    if file.status != Status.TRIED:
        raise FileIsDone
    rows = _mark_states(file.kind, _without_what_is_gone(file.rows))
    wanted = [row for row in rows if row["state"] in ("new", "changed")]
    if not wanted:
        raise NothingToTake
    file.before = (_take_spend if file.kind == Kind.SPEND else _take_events)(wanted, by)
    file.rows, file.status, file.taken_count = rows, Status.IMPORTED, len(file.before)
    file.problem_count = sum(bool(row["problem"]) for row in rows)
    file.save()
    record("crm.figures.taken", file, by=by, after={"count": file.taken_count})
    return file


def _without_what_is_gone(rows):
    """The same rows; those that name a source, campaign or lead that is not there any more are problems."""
    for name, model in (("source", LeadSource), ("campaign", AdCampaign), ("lead", Lead)):
        asked = {row[name] for row in rows if row.get(name)}
        there = {str(pk) for pk in model.objects.filter(pk__in=asked).values_list("pk", flat=True)}
        for row in rows:
            if row.get(name) and row[name] not in there and not row["problem"]:
                row["problem"] = _("What it names is not here any more.")
    return rows


def _take_spend(rows, by):
    before = []
    for row in rows:
        place = {
            "month": date.fromisoformat(row["month"]),
            "source_id": row["source"],
            "ad_campaign_id": row["campaign"],
        }
        spend = AdSpend.objects.select_for_update().filter(**place).first()
        was = spend and facts_of(spend)
        spend = spend or AdSpend(**place)
        spend.cents, spend.note, spend.entered_by = row["cents"], row["note"], by
        spend.save()
        before.append({"id": str(spend.pk), "before": was, "cents": row["cents"]})
    return before


def _take_events(rows, by):
    write_in_books()
    events = [
        KpiEvent(
            kind=row["kind"],
            occurred_at=datetime.fromisoformat(row["occurred_at"]),
            value_cents=row["value"],
            lead_id=row["lead"] and UUID(row["lead"]),
            source_id=row["source"] and UUID(row["source"]),
            ad_campaign_id=row["campaign"] and UUID(row["campaign"]),
            external_id=row["external_id"],
            created_by=by,
        )
        for row in rows
    ]
    KpiEvent.objects.bulk_create(events, batch_size=1000, ignore_conflicts=True)
    kept = set(KpiEvent.objects.filter(pk__in=[event.pk for event in events]).values_list("pk", flat=True))
    return [{"id": str(event.pk)} for event in events if event.pk in kept]


@transaction.atomic
def undo_file(file, *, by):
    """Put back what a file has changed, but for what somebody has changed since; returns how many rows stayed.

    Records "crm.figures.undone". Raises FileIsDone.
    """
    file = FigureImport.objects.select_for_update().get(pk=file.pk)
    if file.status != Status.IMPORTED:
        raise FileIsDone
    stayed = 0
    if file.kind == Kind.EVENTS:
        KpiEvent.objects.filter(pk__in=[each["id"] for each in file.before]).delete()
    else:
        stayed = sum(not _put_back(each) for each in file.before)
    file.status = Status.UNDONE
    file.save(update_fields=["status", "updated_at"])
    record("crm.figures.undone", file, by=by, after={"stayed": stayed})
    return stayed


def _put_back(entry):
    spend = AdSpend.objects.select_for_update().filter(pk=entry["id"]).first()
    if spend is None or spend.cents != entry["cents"]:
        return False
    if entry["before"] is None:
        spend.delete()
    else:
        spend.cents, spend.note = entry["before"]["cents"], entry["before"]["note"]
        spend.save(update_fields=["cents", "note", "updated_at"])
    return True
