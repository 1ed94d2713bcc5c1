"""Correcting a row of a file where its trial found it wanting, or leaving it out; it and its like are tried again."""

from django.db import transaction

from clinics.audit import record
from crm.importing.alike import marks_of, rows_alike
from crm.importing.drafting import Outcome, draft_batch, draft_row
from crm.importing.kept_rows import rows_beside
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

    with rows_beside(lead_import, lead_import.mapping) as kept:
        plan = make_plan(lead_import, lead_import.clinic, by=by, kept=kept)
        refused = _refuses(plan, line)
        lead_import.corrections.pop(str(line), None)
        if cells != AS_IN_FILE:
            lead_import.corrections[str(line)] = cells
        row = _try_again(plan, lead_import, before)
        refusals = lead_import.summary.get("refusals", 0) + _refuses(plan, line) - refused
    lead_import.summary["refusals"] = max(0, refusals)
    lead_import.save()
    record("crm.import.row_corrected", lead_import, by=by, metadata={"line": line, "is_left_out": cells is None})
    return row


def _refuses(plan, line):
    """Whether a row, as it is corrected now, says that somebody is not to be written to or called."""
    return any(draft_row(plan, row).refusals for row in plan.rows_with({line}, ()) if row.line == line)


def _try_again(plan, lead_import, before):
    """Say anew what would become of a row, of all that were corrected, and of whoever may be the same as one of them.

    They are tried out together, in the order of the file, so that two rows that have become one person are found. The
    trial says so then, and `before` is replaced by the LeadImportRow that is returned.
    """
    lines = {before.line, *map(int, lead_import.corrections)}
    rows = rows_alike(plan, lines, marks_of(before.cells, plan.targets))
    if before.line not in {row.line for row in rows}:
        raise RowIsGone
    trial = LeadImportRow.objects.of_trial().filter(lead_import=lead_import, line__in=[row.line for row in rows])
    told = {row.line: row for row in trial}
    people, after, to_keep = People(remembers=True), {}, []
    for row in rows:  # one after the other, as the batches of a file follow each other
        drafts = draft_batch(plan, [row], people)
        fill_in(plan, [draft for draft in drafts if draft.outcome == Outcome.UPDATED], lock=False)
        spoken = trial_rows(plan, drafts)
        plain = LeadImportRow(lead_import=lead_import, line=row.line, is_dry_run=True, cells=list(row.cells))
        plain.outcome = drafts[0].outcome
        (after[row.line],) = spoken or [plain]
        if spoken or row.line in lines:  # who comes in without a word has no row, unless a hand has been on it
            to_keep.append(after[row.line])
        _count(lead_import, told.get(row.line) or LeadImportRow(outcome=Outcome.CREATED), -1)
        _count(lead_import, after[row.line], 1)
    trial.delete()
    LeadImportRow.objects.bulk_create(to_keep)
    return after[before.line]


def _count(lead_import, row, step):
    name = COUNTS[row.outcome]
    setattr(lead_import, name, max(0, getattr(lead_import, name) + step))
    if row.warnings and row.outcome not in LeadImportRow.PROBLEMS:
        lead_import.summary["remarks"] = max(0, lead_import.summary.get("remarks", 0) + step)
