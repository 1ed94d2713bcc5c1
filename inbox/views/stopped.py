"""The addresses that nothing is sent to: who seems to refuse is read and settled, others are let go with a reason."""

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from clinics.access import staff_page
from clinics.errors import RuleBroken
from clinics.pages import go_to, page, paginate, toast
from inbox.consent import lift_suppression
from inbox.forms.consent import RefusalForm
from inbox.models import Suppression
from inbox.settling import settle_refusal


@require_GET
@staff_page("inbox:read")
def suppression_list(request):
    """What somebody has to read first, and every other stopped address, newest first."""
    asked = request.GET.get("q", "").strip()
    rows = paginate(request, Suppression.objects.standing().for_list(asked))
    return page(request, "inbox/suppression_list.html", {"page": rows, "asked": asked}, part="stopped")


@require_POST
@staff_page("inbox:reply")
def suppression_lift(request, pk):
    """Let messages go to an address again, and say why."""
    row = get_object_or_404(Suppression.objects.standing(), pk=pk)
    return _done(request, lambda: lift_suppression(row, why=request.POST.get("why", ""), by=request.member))


@require_POST
@staff_page("inbox:reply")
def refusal_settle(request, pk):
    """Say whether what they wrote is a refusal."""
    row = get_object_or_404(Suppression.objects.standing().for_list(), pk=pk)
    form = RefusalForm(request.POST, suppression=row)
    if not form.is_valid():
        toast(request, _("Choose among what stands there."), level="error")
        return go_to(request, reverse("inbox:suppression_list"))
    return _done(request, lambda: settle_refusal(row, by=request.member, **form.decision))


def _done(request, act):
    """Do it and go back to the list, with what came of it or what stands against it."""
    try:
        act()
        toast(request, _("Written down."))
    except RuleBroken as broken:
        toast(request, broken, level="error")
    return go_to(request, reverse("inbox:suppression_list"))
