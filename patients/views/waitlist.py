from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinics.access import may, staff_page
from clinics.errors import RuleBroken
from clinics.pages import go_to, page, paginate, toast
from patients.forms.schedule import row_of
from patients.forms.waitlist import WaitlistForm
from patients.models import Appointment, Patient, WaitlistEntry
from patients.views.appointments import after_act
from patients.views.showing import sent
from patients.waitlist import join_waitlist, leave_waitlist, refuse_time, return_to_waitlist, take_time

FORM = "patients/waitlist_join.html"


@require_GET
@staff_page("schedule:read")
def waitlist(request):
    """Who would come sooner, whoever asked first at the top."""
    context = {
        "page": paginate(request, WaitlistEntry.objects.waiting().for_list()),
        "may_change": may(request.member, "schedule:update"),
    }
    return page(request, "patients/waitlist.html", context)


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


@require_POST
@staff_page("schedule:update")
def waitlist_take(request, pk, appointment_pk):
    """They take the freed time: booked at once."""
    return _answer(request, pk, appointment_pk, take_time, _("%(who)s takes it."))


@require_POST
@staff_page("schedule:update")
def waitlist_refuse(request, pk, appointment_pk):
    """They said no: who is next?"""
    return _answer(request, pk, appointment_pk, refuse_time, _("Noted. The next in turn stands on top."))


def _answer(request, pk, appointment_pk, verb, said):
    entry = get_object_or_404(WaitlistEntry.objects.for_list(), pk=pk)
    freed = get_object_or_404(Appointment.objects.for_list(), pk=appointment_pk)
    try:
        entry = verb(entry, freed, by=request.member)
    except RuleBroken as broken:
        toast(request, broken, level="error")
        return show_freed(request, freed, status=409)
    toast(request, said % {"who": entry.who})
    return after_act(request, entry.appointment) if verb is take_time else show_freed(request, freed)


def show_freed(request, freed, status=200):
    """Who could take the time of an appointment that was given up, in turn; without htmx, back to that question."""
    if not request.htmx and request.method == "POST":
        return redirect("patients:waitlist_offer", freed.pk)
    context = {"appointment": freed, "fitting": list(WaitlistEntry.objects.fitting(freed).for_list()[:6])}
    context["may_change"] = may(request.member, "schedule:update")
    return page(request, "patients/waitlist_offer.html", context, part="dialog", status=status)


@require_GET
@staff_page("schedule:read")
def waitlist_offer(request, pk):
    """Who could take this freed time, in turn."""
    return show_freed(request, get_object_or_404(Appointment.objects.for_list(), pk=pk))
