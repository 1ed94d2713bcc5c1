"""The reports of leads: one view a page, all asked in the same way, each picture also as a file."""

from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from clinics.access import staff_page
from clinics.csv_export import csv_response
from clinics.pages import page, part, toast
from clinics.templatetags.ui import count
from crm.attribution import Model
from crm.figures.catching_up import how_far_behind
from crm.figures.pictures import PICTURES
from crm.figures.pictures.sources import COLLECTED
from crm.figures.stats import stats_of
from crm.figures.words import explain
from crm.forms.figures import VIEWS, FiguresForm


@require_GET
@staff_page("lead:analytics")
def analytics(request):
    """How far the leads of a period came, through whose hands, at what cost, and why some were lost."""
    keys = ("funnel", "coordinators", "sources", "stays", "lost", "trend", "monthly-rate", "mix")
    return page(request, "crm/analytics.html", _report(request, *keys, with_stats=True))


@require_GET
@staff_page("lead:analytics")
def analytics_sources(request):
    """What each source and campaign costs and brings, and who gets the credit."""
    keys = ("sources", "attribution", "mix", "campaigns", "money", "late")
    return page(request, "crm/analytics_sources.html", _report(request, *keys))


@require_GET
@staff_page("lead:analytics")
def analytics_coordinators(request):
    """Coordinators compared fairly."""
    keys = ("coordinators", "workload", "response", "shows-by-coordinator", "lost", "lost-by-coordinator")
    return page(request, "crm/analytics_coordinators.html", _report(request, *keys))


@require_GET
@staff_page("lead:analytics")
def analytics_times(request):
    """How long it takes: in each stage, until somebody starts, and whether it is getting faster."""
    keys = ("stays", "time-to-convert", "response", "velocity")
    return page(request, "crm/analytics_times.html", _report(request, *keys))


@require_GET
@staff_page("lead:analytics")
def analytics_consultations(request):
    """Who comes to the consultation, and who accepts the treatment."""
    keys = ("shows", "acceptance", "shows-by-coordinator", "stays")
    return page(request, "crm/analytics_consultations.html", _report(request, *keys))


@require_GET
@staff_page("lead:analytics")
def analytics_lost(request):
    """Why leads are lost: by source, coordinator and stage."""
    keys = ("lost", "lost-by-stage", "lost-by-source", "lost-by-coordinator")
    return page(request, "crm/analytics_lost.html", _report(request, *keys))


@require_GET
@staff_page("lead:analytics")
def analytics_csv(request, figure):
    """The figures of one picture, plain, as they are filtered on the page. They name no lead."""
    if figure not in PICTURES:
        raise Http404
    behind = how_far_behind()
    if behind:
        words = _("The figures still miss %(n)s leads. Download the file when they are there.")
        toast(request, words % {"n": count(behind.leads)}, level="error")
        return redirect(f"{reverse('crm:analytics')}?{request.GET.urlencode()}")
    reading = FiguresForm(request.GET).reading
    sheet, period = PICTURES[figure](reading).sheet, reading.period
    name = f"{figure}-{period.since:%Y-%m-%d}-{period.until:%Y-%m-%d}.csv"
    return csv_response(name, sheet.header, sheet.plain_rows())


@require_GET
@staff_page("lead:analytics")
def analytics_behind(request):
    """How many leads the figures miss, and when they will be there; to a page that was shown without them."""
    return part(request, "crm/_analytics_behind.html", {"behind": how_far_behind(), "missed": True})


def _report(request, *keys, with_stats=False):
    """The context of a page of pictures, by the address."""
    form, behind = FiguresForm(request.GET), how_far_behind()
    reading, query = form.reading, request.GET.urlencode()
    pictures = {key.replace("-", "_"): PICTURES[key](reading) for key in keys}
    figures = {
        name: picture.figure(f"{reverse('crm:analytics_csv', args=[picture.key])}?{query}")
        for name, picture in pictures.items()
    }
    context = {
        "form": form,
        "reading": reading,
        "behind": behind,
        "figures": figures,
        "definitions": explain(pictures.values()),
        "stats": stats_of(reading) if with_stats else [],
        "views": VIEWS,
        "models": Model.choices,
    }
    return context | (_source_table(pictures["sources"], figures["sources"]) if "sources" in pictures else {})


def _source_table(picture, figure):
    """The rows of the table of sources, each with its share of the most that one of them collected."""
    *rows, total = figure.table.cells
    collected = [row[COLLECTED] or 0 for row in picture.sheet.rows]
    most = max([*collected, 1])
    shares = [100 * max(cents, 0) / most for cents in collected]
    return {"source_rows": list(zip(rows, shares, strict=True)), "source_total": total}
