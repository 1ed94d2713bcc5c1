from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from clinics.access import staff_page
from clinics.models import Clinic
from clinics.pages import page, toast
from clinics.rows import row_of
from clinics.tenancy import clinic_scope, outside_clinics
from patients.feeds import feed_address, feed_of, issue_feed, provider_of, withdraw_feed
from patients.models import Provider


@outside_clinics
@login_not_required
@never_cache
@require_GET
def provider_feed(request, clinic_id, token):
    """A provider's appointments as an iCalendar file, for whoever holds the secret address."""
    clinic = row_of(Clinic.objects.in_use(), clinic_id)
    if clinic is None:
        raise Http404
    with clinic_scope(clinic):
        provider = provider_of(token)
        if provider is None:
            raise Http404
        content = feed_of(provider, timezone.now())
    headers = {"Content-Disposition": 'inline; filename="schedule.ics"', "X-Robots-Tag": "noindex"}
    return HttpResponse(content, content_type="text/calendar; charset=utf-8", headers=headers)


@require_GET
@staff_page("clinic:configure")
def feed_list(request):
    """The secret addresses of the providers' calendars."""
    providers = [(provider, feed_address(provider)) for provider in Provider.objects.working().in_order()]
    return page(request, "patients/feed_list.html", {"providers": providers})


@require_http_methods(["POST"])
@staff_page("clinic:configure")
def feed_issue(request, pk):
    provider = issue_feed(get_object_or_404(Provider, pk=pk), by=request.member)
    toast(request, _("%(who)s has a new address.") % {"who": provider})
    return redirect("patients:feed_list")


@require_http_methods(["POST"])
@staff_page("clinic:configure")
def feed_withdraw(request, pk):
    provider = withdraw_feed(get_object_or_404(Provider, pk=pk), by=request.member)
    toast(request, _("The address of %(who)s works no longer.") % {"who": provider})
    return redirect("patients:feed_list")
