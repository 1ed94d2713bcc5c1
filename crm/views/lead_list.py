from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from clinics.access import staff_page
from clinics.audit import record
from clinics.csv_export import csv_stream
from clinics.pages import page, paginate
from crm.lead_order import OrderedLeads, sort_asked
from crm.lead_table import HEADER, SIZES, LeadListFilter, csv_rows, rows_of, size_asked
from crm.models import Lead


@require_GET
@staff_page("lead:read")
def lead_list(request):
    lead_filter = LeadListFilter(request.GET, queryset=Lead.objects.present(), request=request)
    sort, size = sort_asked(request.GET), size_asked(request.GET)
    ids = paginate(request, OrderedLeads(lead_filter.qs, sort), size=size)
    context = {
        "filter": lead_filter,
        "page": ids,
        "rows": rows_of(list(ids)),
        "sort": sort,
        "size": size,
        "sizes": SIZES,
    }
    return page(request, "crm/lead_list.html", context, part="leads")


@require_GET
@staff_page("lead:export")
def lead_csv(request):
    """The filtered list as a file; that it was taken is on record, with the filters and the number of people in it."""
    lead_filter = LeadListFilter(request.GET, queryset=Lead.objects.present(), request=request)
    leads = lead_filter.qs.order_by("-captured_at", "-pk")
    filters = {name: value for name, value in request.GET.items() if value}
    record("crm.lead.exported", by=request.member, metadata={"count": leads.order_by().count(), "filters": filters})
    name = _("leads %(day)s.csv") % {"day": timezone.localdate().isoformat()}
    return csv_stream(name, [str(words) for words in HEADER], csv_rows(leads))
