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
from patients.bulk_bar import BulkBar
from patients.exporting import KIND, ids_in_order, record_export, start_export
from patients.filters import PatientFilter
from patients.list_columns import PATIENTS
from patients.models import Patient
from patients.patient_order import in_order, sort_asked
from patients.patient_table import csv_rows, rows_of


@require_GET
@staff_page("patient:read")
def patient_list(request):
    """Every patient as a row; a bare address opens with the view that the member has chosen for it."""
    bar = view_bar(request, SavedView.Layout.PATIENTS)
    if bar.opens_with and not request.htmx:
        return redirect(bar.opens_with)
    patient_filter = _filter(request)
    layout = patient_filter.layout
    sort, size = sort_asked(request.GET), size_asked(request.GET, layout)
    ids = paginate(request, in_order(patient_filter.qs, sort), size=size)
    context = {
        "bar": bar,
        "bulk": BulkBar(patient_filter, bar.query, ids.paginator.count),
        "filter": patient_filter,
        "columns": layout.columns,
        "page": ids,
        "rows": rows_of(list(ids), layout),
        "sort": sort,
        "size": size,
        "sizes": SIZES,
    }
    return page(request, "patients/patient_list.html", context, part="patients")


@require_http_methods(["GET", "POST"])
@staff_page("patient:read")
def patient_columns(request):
    """Which columns the member's list shows, in which order, and how many rows a page has."""
    form = LayoutForm(request.POST or None, catalogue=PATIENTS, member=request.member, back="patients:patient_list")
    if request.method == "POST" and form.is_valid() and not form.only_rearranges:
        PATIENTS.arrange(request.member, **form.arrangement)
        return trigger(go_to(request, form.back), "dialog:close")
    status = 422 if form.is_bound and not form.is_valid() else 200
    return page(request, "patients/patient_columns.html", {"form": form}, part="patient-columns", status=status)


@require_GET
@staff_page("patient:export")
def patient_csv(request):
    """The list as it is shown, as a file; that it was taken is on record, with the filters and how many people."""
    count = _filter(request).qs.order_by().count()
    if count > SENT_AT_ONCE:
        return redirect(f"{reverse('patients:patient_export')}?{request.GET.urlencode()}")
    query, sort, layout = _as_shown(request)
    record_export(query, count, by=request.member)
    ids = ids_in_order(query, sort, by=request.member)
    name = _("patients %(day)s.csv") % {"day": timezone.localdate().isoformat()}
    return csv_stream(name, layout.header, csv_rows(ids, layout))


@require_http_methods(["GET", "POST"])
@staff_page("patient:export")
def patient_export(request):
    """The same for a long list: the file is made in the background, once that was asked for."""
    count = _filter(request).qs.order_by().count()
    if request.method == "GET":
        return page(request, "patients/patient_export.html", {"count": count})
    query, sort, layout = _as_shown(request)
    record_export(query, count, by=request.member)
    return go_to(request, start_export(query, sort, layout, by=request.member).get_absolute_url())


@require_GET
@staff_page("patient:export")
def patient_export_file(request, pk):
    """The file that a job has made, for whoever asked for it."""
    return file_of_job(pk, KIND, by=request.member, name=_("patients %(day)s.csv"))


def _filter(request):
    return PatientFilter(request.GET, queryset=Patient.objects.present(), request=request)


def _as_shown(request):
    """The filters, the order and the columns of the list that the address shows."""
    layout = PATIENTS.every_column() if request.GET.get("columns") == "all" else PATIENTS.layout_of(request.member)
    return view_bar(request, SavedView.Layout.PATIENTS).query, sort_asked(request.GET), layout
