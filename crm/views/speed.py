"""Speed to lead: how fast new leads are answered, for whom, from where, and at which hour."""

from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from clinics.access import staff_page
from clinics.csv_export import csv_response
from clinics.pages import page
from crm.forms.speed import SpeedForm
from crm.speed_figures import count_without_clock, read_speed
from crm.speed_pictures import TABLES, csv_rows, figures_of, header


@require_GET
@staff_page("lead:analytics")
def speed_report(request):
    """The figures of a period as pictures with their tables; `format=csv` gives those of one `table`."""
    form = SpeedForm(request.GET)
    start, end = form.period
    everything, *groups = read_speed(start, end)
    asked = request.GET.get("table")
    if request.GET.get("format") == "csv" and asked in TABLES:
        rows = dict(zip(TABLES, groups, strict=True))[asked]
        return csv_response(f"{_('speed to lead')} {asked}.csv", header(asked), csv_rows(rows))
    context = {
        "form": form,
        "all": everything,
        "figures": figures_of(groups, request.GET.urlencode()),
        "minutes": request.clinic.speed_to_lead_minutes,
        "without_clock": count_without_clock(*form.days, everything.leads),
    }
    return page(request, "crm/speed_report.html", context)
