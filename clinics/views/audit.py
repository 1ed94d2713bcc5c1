from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from clinics.access import staff_page
from clinics.audit import record
from clinics.audit_reading import read_entries
from clinics.csv_export import csv_stream
from clinics.filters import AuditFilter
from clinics.models import AuditLog
from clinics.pages import page, paginate

ROWS_AT_ONCE = 500
HEADER = [
    _("When"), _("Who"), _("Role"), _("What"), _("Action"), _("Kind"), _("Row"), _("About"), _("Changes"),
    _("IP address"), _("Request"),
]  # fmt: skip


@require_GET
@staff_page("audit:read")
def audit_list(request):
    """What happened in the clinic: who did or saw what, newest first."""
    found = AuditFilter(request.GET, queryset=AuditLog.objects.for_list(), request=request)
    rows = paginate(request, found.qs)
    context = {"filter": found, "page": rows, "entries": read_entries(rows.object_list)}
    return page(request, "clinics/audit_list.html", context, part="audit-rows")


@require_GET
@staff_page("audit:read")
def audit_export(request):
    """The same entries as a file, which is itself written down."""
    found = AuditFilter(request.GET, queryset=AuditLog.objects.for_list(), request=request)
    record("clinics.audit.exported", by=request.member, metadata={"filters": request.GET.dict()})
    return csv_stream(f"audit-{timezone.localdate()}.csv", HEADER, _lines(found.qs))


def _lines(events):
    """One line an entry, the names of the rows asked for some hundreds at a time."""
    batch = []
    for event in events.iterator(chunk_size=ROWS_AT_ONCE):
        batch.append(event)
        if len(batch) == ROWS_AT_ONCE:
            yield from map(_line, read_entries(batch))
            batch = []
    yield from map(_line, read_entries(batch))


def _line(entry):
    event, actor = entry.event, entry.event.actor
    return [
        event.created_at,
        actor.display_name if actor else "",
        actor.get_role_display() if actor else "",
        entry.words,
        event.action,
        event.resource_type,
        event.resource_id,
        entry.subject,
        "; ".join(f"{change.label}: {change.before} -> {change.after}" for change in entry.changes),
        event.ip_address,
        event.request_id,
    ]
