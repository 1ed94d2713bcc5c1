from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from clinics.access import staff_page
from clinics.csv_export import csv_response
from clinics.pages import page
from inbox.forms.satisfaction import PeriodForm
from inbox.models import InboxSettings
from inbox.satisfaction_figures import TABLES, csv_rows, header, read_satisfaction


@require_GET
@staff_page("lead:analytics")
def satisfaction_report(request):
    """How content people are, of the last 30 or 90 days; `format=csv` gives the figures of one `table`."""
    days = PeriodForm(request.GET).period
    everything, *groups = read_satisfaction(timezone.now() - timedelta(days=days))
    asked = request.GET.get("table")
    if request.GET.get("format") == "csv" and asked in TABLES:
        rows = dict(zip(TABLES, groups, strict=True))[asked]
        return csv_response(f"{_('how content they are')} {asked}.csv", header(asked), csv_rows(rows))
    rules = InboxSettings.objects.first()
    context = {
        "days": days,
        "spans": (30, 90),
        "all": everything,
        "tables": [(name, header(name), group) for name, group in zip(TABLES, groups, strict=True)],
        "is_asked": rules is not None and rules.asks_satisfaction,
    }
    return page(request, "inbox/satisfaction_report.html", context)
