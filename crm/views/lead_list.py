from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from clinics.access import staff_page
from clinics.audit import record
from clinics.csv_export import csv_stream
from clinics.pages import page, paginate
from crm.lead_table import HEADER, SIZES, LeadListFilter, csv_rows, in_order, rows_of, size_asked, sort_asked
from crm.models import Lead


@require_GET
@staff_page("lead:read")
def lead_list(request):
    lead_filter = LeadListFilter(request.GET, queryset=Lead.objects.present(), request=request)
    sort, size = sort_asked(request.GET), size_asked(request.GET)
    # Only ids are cut out of the long list: a page far down carries no row that it does not show.
    ids = in_order(lead_filter.qs, sort).values_list("pk", flat=True)
    ids = paginate(request, ids, size=size)
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
    leads = in_order(lead_filter.qs, sort_asked(request.GET))
    filters = {name: value for name, value in request.GET.items() if value}
    record("crm.lead.exported", by=request.member, metadata={"count": leads.order_by().count(), "filters": filters})
    name = _("leads %(day)s.csv") % {"day": timezone.localdate().isoformat()}
    return csv_stream(name, [str(words) for words in HEADER], csv_rows(leads))
