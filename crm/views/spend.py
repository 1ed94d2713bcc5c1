"""What marketing costs: spend by month, and files of spend and of events."""

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinics.access import may, staff_page
from clinics.csv_export import csv_response
from clinics.errors import RuleBroken
from clinics.models import AuditLog
from clinics.pages import go_to, page, paginate, toast
from clinics.tables.errors import UnreadableFile
from crm.figure_files.showing import names_of
from crm.figure_files.working import take_file, try_file, undo_file
from crm.forms.spend import EventFilterForm, FigureFileForm, SpendForm
from crm.models import AdSpend, FigureImport, KpiEvent, KpiKind
from crm.spending import ENTERED, REMOVED, enter_spend, remove_spend, undo_spend

SHOWN = 100  # rows of a file on its page; the CSV has all


@require_http_methods(["GET", "POST"])
@staff_page("marketing:update")
def spend_list(request):
    """What was spent by month and source, newest first, and the place to add to it."""
    form = SpendForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        month, source = form.cleaned_data["month"], form.cleaned_data["source"]
        _spend, event = enter_spend(month, source, **form.values, by=request.member)
        toast(request, _("Spend of %(source)s is kept.") % {"source": source}, undo=("crm:spend_undo", event.pk))
        return go_to(request, request.path)
    context = {"form": form, "page": paginate(request, AdSpend.objects.for_list())}
    return page(request, "crm/spend_list.html", context, status=422 if form.errors else 200)


@require_POST
@staff_page("marketing:update")
def spend_delete(request, pk):
    spend = get_object_or_404(AdSpend.objects.for_list(), pk=pk)
    event = remove_spend(spend, by=request.member)
    toast(request, _("Spend of %(source)s is gone.") % {"source": spend.source}, undo=("crm:spend_undo", event.pk))
    return _back(request)


@require_POST
@staff_page("marketing:update")
def spend_undo(request, pk):
    """Take back an entry or a removal."""
    event = get_object_or_404(AuditLog, pk=pk, action__in=[ENTERED, REMOVED])
    try:
        undo_spend(event, by=request.member)
        toast(request, _("Taken back."))
    except RuleBroken as broken:
        toast(request, broken, level="error")
    return _back(request)


def _back(request):
    return go_to(request, reverse("crm:spend_list"))


@require_GET
@staff_page("marketing:update")
def kpi_list(request):
    """Events that count, newest first: clicks, bookings, visits, paid invoices."""
    form = EventFilterForm(request.GET, kinds=KpiKind.choices)
    events = KpiEvent.objects.for_list()
    if form.is_valid() and form.cleaned_data["kind"]:
        events = events.of_kind(form.cleaned_data["kind"])
    totals = KpiEvent.objects.totals()
    context = {
        "form": form,
        "page": paginate(request, events),
        "totals": [(label, totals.get(kind)) for kind, label in KpiKind.choices],
        "may_read": may(request.member, "lead:read"),
    }
    return page(request, "crm/kpi_list.html", context)


@require_http_methods(["GET", "POST"])
@staff_page("marketing:update")
def figure_import_list(request):
    """The files of figures, and the place to add one: it is read and tried out at once, and nothing is written yet."""
    form = FigureFileForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
    if form.is_valid():
        try:
            file = try_file(request.clinic, form.cleaned_data["kind"], form.cleaned_data["file"], by=request.member)
            return go_to(request, file.get_absolute_url())
        except UnreadableFile as unreadable:
            form.add_error("file", str(unreadable))
    context = {"form": form, "page": paginate(request, FigureImport.objects.for_list())}
    return page(request, "crm/figure_import_list.html", context, status=422 if form.errors else 200)


@require_GET
@staff_page("marketing:update")
def figure_import_detail(request, pk):
    """What would come of each row, or what came of it."""
    return show_file(request, get_object_or_404(FigureImport.objects.select_related("uploaded_by__user"), pk=pk))


def show_file(request, file, *, status=200):
    names = names_of(file)
    rows = [(row, names(row)) for row in sorted(file.rows, key=lambda row: not row["problem"])[:SHOWN]]
    counts = {
        state: sum(row["state"] == state for row in file.rows) for state in ("new", "changed", "known", "problem")
    }
    context = {"file": file, "rows": rows, "counts": counts, "shown": SHOWN}
    return page(request, "crm/figure_import_detail.html", context, status=status)


@require_POST
@staff_page("marketing:update")
def figure_import_run(request, pk):
    """Take the good rows over."""
    file = get_object_or_404(FigureImport, pk=pk)
    try:
        file = take_file(file, by=request.member)
    except RuleBroken as broken:
        toast(request, broken, level="error")
        return show_file(request, file, status=409)
    said = ngettext("One row is taken over.", "%(n)s rows are taken over.", file.taken_count) % {"n": file.taken_count}
    toast(request, said, undo=("crm:figure_import_undo", file.pk))
    return go_to(request, file.get_absolute_url())


@require_POST
@staff_page("marketing:update")
def figure_import_undo(request, pk):
    """Put back what the file has changed."""
    file = get_object_or_404(FigureImport, pk=pk)
    try:
        stayed = undo_file(file, by=request.member)
    except RuleBroken as broken:
        toast(request, broken, level="error")
        return show_file(request, file, status=409)
    words = ngettext(
        "Taken back. One row stays: it has been changed since.",
        "Taken back. %(n)s rows stay: they have been changed since.",
        stayed,
    )
    toast(request, words % {"n": stayed} if stayed else _("Taken back."))
    return go_to(request, file.get_absolute_url())


@require_GET
@staff_page("marketing:update")
def figure_import_csv(request, pk):
    """The rows that cannot be taken, each with its line and the reason."""
    file = get_object_or_404(FigureImport, pk=pk)
    return csv_response("problems.csv", [_("Line"), _("Why")], [(row["line"], row["problem"]) for row in file.problems])
