"""How the sender stands: what waits and why, what is in doubt, and the emergency stop."""

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from clinics.access import staff_page
from clinics.errors import RuleBroken
from clinics.pages import go_to, page, paginate, toast
from inbox.models import InboxSettings, UnifiedMessage
from inbox.reconciling import decide_doubtful
from inbox.stopping import resume_sending, stop_sending
from inbox.watching import doubtful_messages, what_waits


@require_GET
@staff_page("inbox:read")
def sending(request):
    """What waits and why, and what somebody has to decide."""
    return page(request, "inbox/sending.html", state_of(request), part="sending")


@require_POST
@staff_page("inbox:configure")
def sending_stop(request):
    """Stop everything that would leave the clinic."""
    try:
        stop_sending(request.clinic, reason=request.POST.get("reason", ""), by=request.member)
    except RuleBroken as broken:
        return page(request, "inbox/sending.html", state_of(request) | {"error": broken}, part="sending", status=422)
    toast(request, _("All sending is stopped."), undo=("inbox:sending_resume",))
    return go_to(request, reverse("inbox:sending"))


@require_POST
@staff_page("inbox:configure")
def sending_resume(request):
    """Let everything go on that waits."""
    resume_sending(request.clinic, by=request.member)
    toast(request, _("Messages go out again."))
    return go_to(request, reverse("inbox:sending"))


@require_POST
@staff_page("inbox:reply")
def message_decide(request, pk):
    """Say of a message in doubt whether it went."""
    message = get_object_or_404(UnifiedMessage.objects.outbound(), pk=pk)
    try:
        decide_doubtful(message, went=request.POST.get("went") == "yes", by=request.member)
        toast(request, _("Written down."))
    except RuleBroken as broken:
        toast(request, broken, level="error")
    return go_to(request, reverse("inbox:sending"))


def state_of(request):
    """What the page shows."""
    return {
        "rules": InboxSettings.objects.select_related("stopped_by__user").first(),
        "waiting": what_waits(),
        "page": paginate(request, doubtful_messages()),
    }
