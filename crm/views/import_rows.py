from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from clinics.access import staff_page
from clinics.csv_export import csv_stream
from clinics.errors import RuleBroken
from clinics.pages import page, paginate, part, toast, trigger
from crm.importing.correcting import AS_IN_FILE, correct_row
from crm.importing.problem_rows import cells_to_correct, csv_head, csv_rows, outcome_tabs
from crm.models import LeadImport, LeadImportRow


@require_GET
@staff_page("import:run")
def import_rows(request, pk):
    """Rows of an import by what became of them, with the reason and the cells as they stood in the file."""
    lead_import = get_object_or_404(LeadImport.objects.for_list(), pk=pk)
    outcome = request.GET.get("outcome", "problems")
    context = {
        "lead_import": lead_import,
        "outcome": outcome,
        "tabs": outcome_tabs(lead_import, outcome),
        "page": paginate(request, LeadImportRow.objects.latest_of(lead_import).shown(outcome)),
    }
    return page(request, "crm/import_rows.html", context, part="import-rows")


@require_GET
@staff_page("import:run")
def import_rows_csv(request, pk):
    """The same rows as a CSV file: line, outcome, reason, then the cells; of all rows also the page of each lead."""
    lead_import = get_object_or_404(LeadImport, pk=pk)
    outcome = request.GET.get("outcome", "problems")
    rows = LeadImportRow.objects.latest_of(lead_import).shown(outcome)
    head = csv_head(lead_import, with_leads=outcome == "all")

    def page_of(lead):
        return request.build_absolute_uri(lead.get_absolute_url())

    return csv_stream(_("import rows") + ".csv", head, csv_rows(rows, page_of=page_of if outcome == "all" else None))


@require_http_methods(["GET", "POST"])
@staff_page("import:run")
def import_row_correct(request, pk, line):
    """Correct the cells of a row that the trial found wanting, or leave it out; only that row is tried out again."""
    lead_import = get_object_or_404(LeadImport.objects.for_list(), pk=pk)
    row = get_object_or_404(LeadImportRow.objects.of_trial(), lead_import=lead_import, line=line)
    if request.method == "POST":
        try:
            row = correct_row(lead_import, line, _sent_cells(request), by=request.member)
        except RuleBroken as rule:
            toast(request, rule, level="error")
            return _shown(request, lead_import, row, status=409)
        if row.outcome != LeadImportRow.Outcome.FAILED or "save" not in request.POST:
            words = _("Row %(line)d: %(outcome)s.") % {"line": line, "outcome": row.get_outcome_display().lower()}
            toast(request, words)
            done = part(request, "parts/_bulk_done.html", {}, otherwise=lead_import.get_absolute_url())
            return trigger(done, "dialog:close", "import-rows-changed")
    return _shown(request, lead_import, row, status=422 if request.method == "POST" else 200)


def _sent_cells(request):
    if "leave_out" in request.POST:
        return None
    return AS_IN_FILE if "as_in_file" in request.POST else [text[:20_000] for text in request.POST.getlist("cell")]


def _shown(request, lead_import, row, *, status):
    context = {"lead_import": lead_import, "row": row, "cells": cells_to_correct(lead_import, row)}
    return page(request, "crm/import_row_correct.html", context, part="row-correct", status=status)
