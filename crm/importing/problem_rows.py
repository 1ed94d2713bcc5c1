"""The rows of an import as a list to read and as a file to correct."""

from django.utils.translation import gettext as _

from crm.importing.mapping import IGNORE, TARGETS

ROWS_AT_ONCE = 500


def outcome_tabs(lead_import, chosen):
    """Each way to look at the rows with how many there are; ways that lead to nothing are left out."""
    undone = lead_import.summary.get("undo", {})
    tabs = [
        ("problems", _("Problems"), lead_import.failed_count + lead_import.skipped_count),
        ("FAILED", _("Failed"), lead_import.failed_count),
        ("SKIPPED", _("Left out"), lead_import.skipped_count),
        ("remarks", _("With a remark"), lead_import.summary.get("remarks", 0)),
        ("corrected", _("Corrected by hand"), len(lead_import.corrections)),
        ("UPDATED", _("Filled in"), lead_import.updated_count),
        ("CREATED", _("Created"), lead_import.created_count if lead_import.has_leads else 0),
        ("kept", _("Kept by the undo"), undone.get("kept", 0)),
        ("all", _("All rows"), lead_import.handled_count if lead_import.has_leads else 0),
    ]
    return [
        {"outcome": name, "label": label, "count": count, "is_chosen": name == chosen}
        for name, label, count in tabs
        if count or name == chosen
    ]


def csv_head(lead_import, *, with_leads):
    leads = [_("Page of the lead")] if with_leads else []
    return [_("Row"), _("What became of it"), _("Reason"), *leads, *lead_import.headers]


def csv_rows(rows, *, page_of=None):
    """The cells as they stood in the file, behind the line, the outcome and all that was said about the row.

    With `page_of`, which makes an address of a lead, also where the lead of the row is found. Rows that went in without
    a word are told without their cells.
    """
    for row in rows.iterator(chunk_size=ROWS_AT_ONCE):
        lead = row.lead if row.lead and not row.lead.deleted_at else None
        leads = [page_of(lead) if lead else ""] if page_of else []
        yield [row.line, row.get_outcome_display(), row.all_reasons, *leads, *row.cells]


def cells_to_correct(lead_import, row):
    """The cells of a row in the order of the file, each with its heading and what it is for us."""
    cells = [*row.cells, *[""] * max(0, len(lead_import.headers) - len(row.cells))]
    return [
        {
            "place": place,
            "header": header,
            "text": text,
            "target": TARGETS.get(target, "") if target != IGNORE else "",
            "is_long": "\n" in text or len(text) > 80,
        }
        for place, (header, target, text) in enumerate(
            zip(lead_import.headers, lead_import.mapping, cells, strict=False)
        )
    ]
