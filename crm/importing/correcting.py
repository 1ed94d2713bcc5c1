"""Correcting a row of a file where its trial found it wanting, or leaving it out; only that row is tried out again."""

from django.db import transaction

from clinics.audit import record
from clinics.tables.reading import corrected
from crm.importing.drafting import Outcome, draft_batch
from crm.importing.people import People
from crm.importing.plan import make_plan
from crm.importing.rules import ImportIsOver, RowIsGone
from crm.importing.updating import fill_in
from crm.importing.working import COUNTS, lock_import, refuse_if_at_work
from crm.importing.writing import trial_rows
from crm.models import LeadImport, LeadImportRow

AS_IN_FILE = "as in the file"


@transaction.atomic
def correct_row(lead_import, line, cells, *, by):
    """Put `cells` in the place of a row of the file, None to leave it out, AS_IN_FILE to take a correction back.

    The file itself stays as it is. Returns the LeadImportRow that says what would become of the row now. Records
    "crm.import.row_corrected", without the words. Raises ImportIsAtWork, ImportIsOver, RowIsGone.
    """
    lead_import = lock_import(lead_import)
    if refuse_if_at_work(lead_import, by=by) or lead_import.status != LeadImport.Status.CHECKED:
        raise ImportIsOver
    before = LeadImportRow.objects.of_trial().filter(lead_import=lead_import, line=line).first()
    if before is None:
        raise RowIsGone

    lead_import.corrections.pop(str(line), None)
    if cells != AS_IN_FILE:
        lead_import.corrections[str(line)] = cells
    after = _try_again(lead_import, line, by=by)
    trial = LeadImportRow.objects.of_trial().filter(lead_import=lead_import, line__in=list(after))
    for row in trial:
        _count(lead_import, row, -1)
    trial.delete()
    for row in after.values():
        _count(lead_import, row, 1)
        row.save(force_insert=True)
    lead_import.save()
    record("crm.import.row_corrected", lead_import, by=by, metadata={"line": line, "is_left_out": cells is None})
    return after[line]


def _try_again(lead_import, line, *, by):
    """What would become now of a row and of all that were corrected by hand, by their lines.

    They are tried out together, so that two of them that have become one person are found.
    """
    plan = make_plan(lead_import, lead_import.clinic, by=by)
    wanted = {line, *map(int, lead_import.corrections)}
    rows = []
    for row in plan.table.rows:
        if row.line in wanted:
            rows.append(corrected(row, plan.corrections, width=len(plan.table.headers)))
            if len(rows) == len(wanted):
                break
    if line not in {row.line for row in rows}:
        raise RowIsGone
    people, after = People(remembers=True), {}
    for row in rows:  # one after the other, as the batches of a file follow each other
        drafts = draft_batch(plan, [row], people)
        fill_in(plan, [draft for draft in drafts if draft.outcome == Outcome.UPDATED], lock=False)
        (after[row.line],) = trial_rows(plan, drafts) or [
            LeadImportRow(
                lead_import=lead_import,
                line=row.line,
                is_dry_run=True,
                outcome=drafts[0].outcome,
                cells=list(row.cells),
            )
        ]
    return after


def _count(lead_import, row, step):
    name = COUNTS[row.outcome]
    setattr(lead_import, name, max(0, getattr(lead_import, name) + step))
    if row.warnings and row.outcome not in LeadImportRow.PROBLEMS:
        lead_import.summary["remarks"] = max(0, lead_import.summary.get("remarks", 0) + step)
