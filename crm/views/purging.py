"""How long things are kept: the years, what is due, what was removed, and the button that waits for no night."""

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from clinics.access import staff_page
from clinics.errors import RuleBroken
from clinics.models import AuditLog
from clinics.pages import go_to, page, paginate, toast
from crm.forms.keeping import KeepingForm
from crm.keeping import LEAST, SET, keep_for, undo_keeping
from crm.models import PurgeRun
from crm.purging import start_purge, what_is_due


@require_GET
@staff_page("clinic:configure")
def purge_list(request):
    """What would go now, class by class, and every removal so far."""
    return _show(request, KeepingForm(clinic=request.clinic))


def _show(request, form, *, status=200):
    due = what_is_due(request.clinic, now=timezone.now())
    context = {
        "form": form,
        "due": [(each, form[each.setting], LEAST[each.setting]) for each in due],
        "total": sum(each.count for each in due),
        "page": paginate(request, PurgeRun.objects.for_list()),
    }
    return page(request, "crm/purge_list.html", context, status=status)


@require_POST
@staff_page("clinic:configure")
def purge_years(request):
    """Keep things longer, or shorter as far as the law lets."""
    form = KeepingForm(request.POST, clinic=request.clinic)
    if not form.is_valid():
        return _show(request, form, status=422)
    event = keep_for(request.clinic, form.cleaned_data, by=request.member)
    undo = ("crm:purge_years_undo", event.pk) if event else None
    toast(request, _("The years are kept. What is older goes tonight."), undo=undo)
    return go_to(request, reverse("crm:purge_list"))


@require_POST
@staff_page("clinic:configure")
def purge_years_undo(request, pk):
    """Put back how long things were kept before."""
    event = get_object_or_404(AuditLog, pk=pk, action=SET)
    try:
        undo_keeping(event, by=request.member)
        toast(request, _("Taken back."))
    except RuleBroken as broken:
        toast(request, broken, level="error")
    return go_to(request, reverse("crm:purge_list"))


@require_POST
@staff_page("clinic:configure")
def purge_start(request):
    """Remove what is due now."""
    run = start_purge(request.clinic, by=request.member)
    toast(request, _("Nothing is due.") if run.finished_at else _("The removal has begun."))
    return go_to(request, run.job.get_absolute_url() if run.job else reverse("crm:purge_list"))
