from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from clinics.access import staff_page
from clinics.csv_export import csv_stream
from clinics.exporting import SENT_AT_ONCE, file_of_job
from clinics.forms.list_layout import LayoutForm
from clinics.list_columns import SIZES, size_asked
from clinics.models import SavedView
from clinics.pages import go_to, page, paginate, trigger
from clinics.view_bar import view_bar
from crm.bulk_bar import BulkBar
from crm.exporting import KIND, ids_in_order, record_export, start_export
from crm.filters import LeadFilter
from crm.lead_order import in_order, sort_asked
from crm.lead_table import csv_rows, rows_of
from crm.list_columns import columns_of
from crm.views.showing import on_record


@require_GET
@staff_page("lead:read")
@on_record
def lead_list(request):
    """Every lead as a row; a bare address opens with the view that the member has chosen for it."""
    bar = view_bar(request, SavedView.Layout.LIST)
    if bar.opens_with and not request.htmx:
        return redirect(bar.opens_with)
    lead_filter = LeadFilter(request.GET, request=request)
    layout = lead_filter.layout
    sort, size = sort_asked(request.GET), size_asked(request.GET, layout)
    leads, groups = lead_filter.leads(), lead_filter.ids_in_order(sort.removeprefix("-"))
    ids = paginate(request, in_order(leads, sort, tallies=lead_filter.tallies(), groups=groups), size=size)
    context = {
        "bar": bar,
        "bulk": BulkBar(lead_filter, bar.query, ids.paginator.count),
        "filter": lead_filter,
        "columns": layout.columns,
        "page": ids,
        "rows": rows_of(list(ids), layout),
        "sort": sort,
        "size": size,
        "sizes": SIZES,
    }
    return page(request, "crm/lead_list.html", context, part="leads")


@require_http_methods(["GET", "POST"])
@staff_page("lead:read")
def lead_columns(request):
    """Which columns the member's list shows, in which order, and how many rows a page has."""
    columns = columns_of(request.clinic)
    form = LayoutForm(request.POST or None, catalogue=columns, member=request.member, back="crm:lead_list")
    if request.method == "POST" and form.is_valid() and not form.only_rearranges:
        columns.arrange(request.member, **form.arrangement)
        return trigger(go_to(request, form.back), "dialog:close")
    status = 422 if form.is_bound and not form.is_valid() else 200
    return page(request, "crm/lead_columns.html", {"form": form}, part="lead-columns", status=status)


@require_GET
@staff_page("lead:export")
def lead_csv(request):
    """The list as it is shown, as a file; that it was taken is on record, with the filters and the number of people."""
    count = LeadFilter(request.GET, request=request).count()
    if count > SENT_AT_ONCE:
        return redirect(f"{reverse('crm:lead_export')}?{request.GET.urlencode()}")
    query, sort, layout = _as_shown(request)
    record_export(query, count, by=request.member)
    ids = ids_in_order(query, sort, by=request.member)
    name = _("leads %(day)s.csv") % {"day": timezone.localdate().isoformat()}
    return csv_stream(name, layout.header, csv_rows(ids, layout))


@require_http_methods(["GET", "POST"])
@staff_page("lead:export")
def lead_export(request):
    """The same for a long list: the file is made in the background, once that was asked for."""
    count = LeadFilter(request.GET, request=request).count()
    if request.method == "GET":
        return page(request, "crm/lead_export.html", {"count": count})
    query, sort, layout = _as_shown(request)
    record_export(query, count, by=request.member)
    return go_to(request, start_export(query, sort, layout, by=request.member).get_absolute_url())


def _as_shown(request):
    """The filters, the order and the columns of the list that the address shows."""
    columns = columns_of(request.clinic)
    layout = columns.every_column() if request.GET.get("columns") == "all" else columns.layout_of(request.member)
    return view_bar(request, SavedView.Layout.LIST).query, sort_asked(request.GET), layout


@require_GET
@staff_page("lead:export")
def lead_export_file(request, pk):
    """The file that a job has made, for whoever asked for it."""
    return file_of_job(pk, KIND, by=request.member, name=_("leads %(day)s.csv"))
