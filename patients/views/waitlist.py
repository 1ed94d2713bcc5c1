from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinics.access import may, staff_page
from clinics.errors import RuleBroken
from clinics.pages import go_to, page, paginate, toast
from clinics.rows import row_of
from patients.forms.waitlist import WaitlistForm
from patients.models import FreedTime, Patient, WaitlistEntry
from patients.views.showing import sent
from patients.waitlist import join_waitlist, leave_waitlist, return_to_waitlist

FORM = "patients/waitlist_join.html"
SHOWN = 12  # freed times, the next ones first


@require_GET
@staff_page("schedule:read")
def waitlist(request):
    """The times that are free, and who would come sooner, whoever asked first at the top."""
    freed = FreedTime.objects.open().still_free().with_offers().for_list().order_by("starts_at", "pk")
    context = {
        "page": paginate(request, WaitlistEntry.objects.waiting().for_list()),
        "freed_times": list(freed[:SHOWN]),
        "may_change": may(request.member, "schedule:update"),
    }
    return page(request, "patients/waitlist.html", context, part="list")


@require_http_methods(["GET", "POST"])
@staff_page("schedule:update")
def waitlist_join(request):
    """Put a patient (?patient=), or somebody known by name and number, on the list."""
    patient = row_of(Patient.objects.present(), request.POST.get("patient") or request.GET.get("patient"))
    form = WaitlistForm(sent(request), patient=patient)
    context = {"form": form, "patient": patient}
    if request.method == "GET" or not form.is_valid():
        return page(request, FORM, context, part="dialog", status=422 if form.errors else 200)
    try:
        entry = join_waitlist(form.values, by=request.member, key=form.cleaned_data["key"] or None)
    except RuleBroken as broken:
        form.add_error(None, str(broken))
        return page(request, FORM, context, part="dialog", status=409)
    toast(request, _("%(who)s is on the waiting list.") % {"who": entry.who})
    return go_to(request, _list())


def _list():
    return reverse("patients:waitlist")


@require_POST
@staff_page("schedule:update")
def waitlist_leave(request, pk):
    entry = get_object_or_404(WaitlistEntry.objects.for_list(), pk=pk)
    try:
        leave_waitlist(entry, by=request.member)
    except RuleBroken as broken:
        toast(request, broken, level="error")
        return go_to(request, _list())
    toast(request, _("%(who)s is off the list.") % {"who": entry.who}, undo=("patients:waitlist_return", entry.pk))
    return go_to(request, _list())


@require_POST
@staff_page("schedule:update")
def waitlist_return(request, pk):
    entry = get_object_or_404(WaitlistEntry.objects.for_list(), pk=pk)
    return_to_waitlist(entry, by=request.member)
    return go_to(request, _list())
