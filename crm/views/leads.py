from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from clinics.access import staff_page
from clinics.audit import record_read
from clinics.pages import page, paginate
from crm.models import Lead
from crm.trail import in_words, trail_of
from crm.views.showing import on_lead, show_lead


@require_GET
@staff_page("lead:read")
@on_lead
def lead_detail(request, lead):
    """Everything about one person; htmx asks for the part that it has a place for."""
    return show_lead(request, lead, part=part_asked(request))


def part_asked(request):
    """The part of the page that a request wants: the timeline by kind, words or page, the log anew, or all of it."""
    if request.GET.get("older"):
        return "older"
    asked = {"lead-timeline": "timeline", "lead-entries": "found", "lead-log": "log"}
    return asked.get(request.htmx.target, "refreshed") if request.htmx else "refreshed"


@require_GET
@staff_page("audit:read")
def lead_audit(request, pk):
    """Who saw this lead, and what was done to it."""
    lead = get_object_or_404(Lead.objects.present(), pk=pk)
    record_read(lead, by=request.member)
    entries = paginate(request, trail_of(lead, only_views=request.GET.get("only") == "views"))
    rows = [(entry, in_words(entry.action)) for entry in entries]
    return page(request, "crm/lead_audit.html", {"lead": lead, "page": entries, "rows": rows})
