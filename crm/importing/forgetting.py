"""What a file said of people who are erased: their rows, the samples of its columns, and the file itself."""

from clinics.documents.removing import remove_files
from crm.models import LeadImport, LeadImportRow

OVER = (LeadImport.Status.DONE, LeadImport.Status.UNDONE)


def forget_rows(lead_ids):
    """Empty the rows of files that some leads came of, those of the trials too, and remove the files; returns how many.

    A file is needed no more once it is imported: what became of each row is written down.
    """
    rows = LeadImportRow.objects.of_import().filter(lead__in=lead_ids)
    count = 0
    files = LeadImport.objects.select_for_update(of=("self",)).filter(pk__in=rows.values("lead_import")).order_by("pk")
    for lead_import in files:
        lines = list(rows.filter(lead_import=lead_import).values_list("line", flat=True))
        same = LeadImportRow.objects.filter(lead_import=lead_import, line__in=lines)
        count += same.update(cells=[], changes={}, warnings=[], reason="")
        _empty_columns(lead_import, lines)
    return count


def _empty_columns(lead_import, lines):
    gone = {str(line) for line in lines}
    lead_import.corrections = {line: cells for line, cells in lead_import.corrections.items() if line not in gone}
    lead_import.columns = [column | {"samples": []} for column in lead_import.columns]
    stored_as = lead_import.stored_as
    if stored_as and lead_import.status in OVER:
        remove_files(stored_as)
        lead_import.stored_as = ""
    lead_import.save(update_fields=["corrections", "columns", "stored_as", "updated_at"])
