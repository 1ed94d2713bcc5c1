"""Reports by e-mail: who gets which, and what stands in one."""

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinics.access import may, staff_page
from clinics.errors import RuleBroken
from clinics.pages import go_to, page, paginate, toast
from crm.forms.reports import SubscriptionForm
from crm.models import ReportDelivery, ReportKind, ReportSubscription
from crm.report_mail import USUALLY, period_of, report_of, resubscribe, retry_now, subscribe, unsubscribe


@require_http_methods(["GET", "POST"])
@staff_page("lead:analytics")
def report_list(request):
    """The reports that go out, one's own or, to a clinic admin, everybody's; and the place to ask for one more."""
    may_choose = may(request.member, "staff:manage")
    form = SubscriptionForm(request.POST or None, member=request.member, may_choose=may_choose)
    if request.method == "POST" and form.is_valid():
        subscription = subscribe(**form.cleaned_data, by=request.member)
        words = _("%(report)s goes to %(who)s.") % {"report": subscription, "who": subscription.member}
        toast(request, words, undo=("crm:report_end", subscription.pk))
        return go_to(request, request.path)
    rows = ReportSubscription.objects.for_list().with_last_delivery()
    rows = rows if may_choose else rows.of(request.member)
    context = {"form": form, "page": paginate(request, rows), "kinds": ReportKind.choices}
    return page(request, "crm/report_list.html", context, status=422 if form.errors else 200)


def _own(request, pk):
    """A subscription that the member may steer: their own, or any to whoever manages the staff."""
    rows = ReportSubscription.objects.for_list()
    return get_object_or_404(rows if may(request.member, "staff:manage") else rows.of(request.member), pk=pk)


@require_POST
@staff_page("lead:analytics")
def report_end(request, pk):
    subscription = unsubscribe(_own(request, pk), by=request.member)
    toast(request, _("%(report)s is sent no more.") % {"report": subscription}, undo=("crm:report_resume", pk))
    return go_to(request, reverse("crm:report_list"))


@require_POST
@staff_page("lead:analytics")
def report_resume(request, pk):
    subscription = resubscribe(_own(request, pk), by=request.member)
    toast(request, _("%(report)s is sent again.") % {"report": subscription}, undo=("crm:report_end", pk))
    return go_to(request, reverse("crm:report_list"))


@require_POST
@staff_page("lead:analytics")
def report_retry(request, pk):
    """Let a failed report go once more."""
    delivery = get_object_or_404(ReportDelivery.objects.for_page(), pk=pk)
    _own(request, delivery.subscription_id)
    try:
        retry_now(delivery, by=request.member)
        toast(request, _("%(report)s is sent once more.") % {"report": delivery.subscription})
    except RuleBroken as broken:
        toast(request, broken, level="error")
    return go_to(request, reverse("crm:report_list"))


@require_GET
@staff_page("lead:analytics")
def report_preview(request):
    """A report as it would go out today."""
    kind = request.GET.get("kind", ReportKind.WEEKLY)
    if kind not in ReportKind.values:
        raise Http404
    period = period_of(USUALLY.get(kind, ReportSubscription.Every.MONTH), timezone.localdate())
    context = {"report": report_of(kind, period), "period": period, "kind": kind, "kinds": ReportKind.choices}
    return page(request, "crm/report_preview.html", context)
