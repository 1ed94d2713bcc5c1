"""How long things are kept: what is due, what was removed, and the button that does not wait for the night."""

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from clinics.access import staff_page
from clinics.pages import go_to, page, paginate, toast
from crm.models import PurgeRun
from crm.purging import start_purge, what_is_due


@require_GET
@staff_page("clinic:configure")
def purge_list(request):
    """What would go now, class by class, and every removal so far."""
    due = what_is_due(request.clinic, now=timezone.now())
    runs = paginate(request, PurgeRun.objects.for_list())
    return page(request, "crm/purge_list.html", {"due": due, "total": sum(each.count for each in due), "page": runs})


@require_POST
@staff_page("clinic:configure")
def purge_start(request):
    """Remove what is due now."""
    run = start_purge(request.clinic, by=request.member)
    toast(request, _("Nothing is due.") if run.finished_at else _("The removal has begun."))
    return go_to(request, run.job.get_absolute_url() if run.job else reverse("crm:purge_list"))
