from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from clinics.access import staff_page
from clinics.models import StaffNotification
from clinics.notifications import news_for_browser, read_notifications
from clinics.pages import go_to, page, paginate, part, toast
from clinics.shell import BELL, count_waiting


@require_GET
@staff_page(None)
def notification_list(request):
    """What this member should know, newest first."""
    return page(request, "clinics/notification_list.html", _shown(request), part="notification-rows")


@require_GET
@staff_page(None)
def notification_bell(request):
    """The bell of the top bar by itself, asked for again when something new arrived."""
    context = {
        "member_id": request.member.pk,
        "unread": count_waiting(request.member)[BELL],
        "notifications_url": reverse("clinics:notification_list"),
        "news": news_for_browser(request.member),
    }
    return page(request, "parts/_bell.html", context)


@require_POST
@staff_page(None)
def notification_read(request, pk):
    """Mark one notice as read and go to what it is about."""
    notice = get_object_or_404(StaffNotification.objects.of(request.member), pk=pk)
    read_notifications(request.member, notice=notice)
    is_ours = url_has_allowed_host_and_scheme(notice.url, allowed_hosts=None)
    return go_to(request, notice.url if is_ours else reverse("clinics:notification_list"))


@require_POST
@staff_page(None)
def notification_read_all(request):
    """Mark every notice of this member as read."""
    count = read_notifications(request.member)
    message = ngettext("%(n)s notice is read now.", "%(n)s notices are read now.", count) % {"n": count}
    toast(request, message if count else _("There was nothing new."))
    template = "clinics/notification_list.html#notification-rows"
    return part(request, template, _shown(request), otherwise="clinics:notification_list")


def _shown(request):
    return {"page": paginate(request, StaffNotification.objects.of(request.member))}
