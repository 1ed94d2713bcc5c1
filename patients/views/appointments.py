from functools import wraps

from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinics.access import may, staff_page
from clinics.audit import record_read
from clinics.errors import RuleBroken
from clinics.models import AuditLog
from clinics.pages import go_to, page, toast, trigger
from clinics.rows import row_of
from patients.attendance import (
    cancel_appointment,
    check_in,
    complete_appointment,
    confirm_appointment,
    decline_request,
    miss_appointment,
    rebook_appointment,
    undo_change,
)
from patients.forms.patients import probe_of
from patients.forms.schedule import CONTACT, BookForm, CancelForm, asked_start
from patients.matching import find_patients
from patients.models import Appointment, Patient, Provider, Room, WaitlistEntry
from patients.rules import NotAtWork, TimeIsPast
from patients.scheduling import book_appointment
from patients.views.freed import show_freed
from patients.views.showing import sent
from patients.working_time import zone_of

CHOSEN = ("type", "provider", "room", "duration_minutes", "notes")
DETAIL, BOOK = "patients/appointment_detail.html", "patients/appointment_book.html"


def on_appointment(view):
    """Hand the appointment of the address to a view, 404 if there is none; a broken rule becomes a toast, 409."""

    @wraps(view)
    def on_that_appointment(request, pk, **kwargs):
        appointment = get_object_or_404(Appointment.objects.for_list(), pk=pk)
        try:
            return view(request, appointment, **kwargs)
        except RuleBroken as broken:
            toast(request, broken, level="error")
            return show_appointment(request, appointment, status=409)

    return on_that_appointment


def show_appointment(request, appointment, status=200):
    appointment = Appointment.objects.for_list().get(pk=appointment.pk)
    if appointment.patient is not None:
        record_read(appointment.patient, by=request.member)
    freed = appointment.freed_times.open().still_free().order_by("-created_at").first()
    context = {"appointment": appointment, "freed": freed, "may_change": may(request.member, "schedule:update")}
    return page(request, DETAIL, context, part="dialog", status=status)


@require_GET
@staff_page("schedule:read")
@on_appointment
def appointment_detail(request, appointment):
    return show_appointment(request, appointment)


@require_http_methods(["GET", "POST"])
@staff_page("schedule:update")
def appointment_book(request):
    """Book: from a free time, a patient, a lead (?contact_name=…), or instead of another appointment."""
    replaced = row_of(Appointment.objects.for_list(), request.GET.get("replaces"))
    patient = row_of(Patient.objects.present(), request.POST.get("patient") or request.GET.get("patient"))
    form = BookForm(sent(request), clinic=request.clinic, initial=wished(request, replaced, patient))
    context = {"form": form, "patient": patient or (replaced and replaced.patient), "replaced": replaced}
    context["address"] = request.get_full_path()
    if request.method == "GET" or not form.is_valid():
        return page(request, BOOK, context, part="dialog", status=422 if form.errors else 200)
    how = {"by": request.member, "key": form.cleaned_data["key"] or None, "anyway": form.cleaned_data["anyway"]}
    try:
        book = book_appointment if replaced is None else _instead_of(replaced)
        appointment = book(form.values, **how)
    except RuleBroken as broken:
        form.add_error(None, str(broken))
        context["may_insist"] = isinstance(broken, NotAtWork | TimeIsPast)
        return page(request, BOOK, context, part="dialog", status=409)
    toast(request, _("%(who)s is booked: %(when)s") % {"who": appointment.who, "when": in_words(appointment)})
    return after_act(request, appointment)


def in_words(appointment):
    """When it begins, as a toast says it."""
    start = appointment.local_start
    return f"{date_format(start, _('D j M'))}, {date_format(start, 'TIME_FORMAT')}"


def _instead_of(replaced):
    def rebook(values, **how):
        return rebook_appointment(replaced, values, **how)

    return rebook


def wished(request, replaced, patient):
    """What the form of booking begins with: what the address says, and what is known of a replaced appointment."""
    known = {name: request.GET.get(name, "") for name in (*CONTACT, *CHOSEN)}
    provider = row_of(Provider.objects.working().select_related("location"), request.GET.get("provider"))
    room = row_of(Room.objects.working().select_related("location"), request.GET.get("room"))
    if replaced is not None:
        names = ("patient_id", "type_id", "provider_id", "room_id")
        known |= {name.removesuffix("_id"): getattr(replaced, name) for name in names}
        known |= {name: getattr(replaced, name) for name in CONTACT} | {"duration_minutes": replaced.duration_minutes}
    if patient is not None:
        known |= {"patient": patient.pk, "provider": known["provider"] or patient.provider_id}
    if provider is not None:
        known["provider"] = provider.pk
    place = provider or room
    zone = zone_of(place.location if place else None, request.clinic)
    typed = f"{request.GET.get('starts_at_0', '')}T{request.GET.get('starts_at_1', '')}"
    start = asked_start(request.GET.get("at", typed), zone)
    known["starts_at"] = start.replace(tzinfo=timezone.get_current_timezone()) if start else None
    return known


def after_act(request, appointment):
    """After an act: to htmx the dialog closes and the calendar draws itself anew, else back to the day."""
    if not request.htmx:
        return redirect(f"{reverse('patients:schedule')}?on={appointment.local_start.date().isoformat()}")
    response = show_appointment(request, appointment)
    return trigger(response, "dialog:close", "schedule-changed")


def _done(request, appointment, said):
    undo = ("patients:appointment_undo", appointment.event.pk) if getattr(appointment, "event", None) else None
    toast(request, said % {"who": appointment.who}, undo=undo)
    return after_act(request, appointment)


@require_POST
@staff_page("schedule:update")
@on_appointment
def appointment_confirm(request, appointment):
    return _done(request, confirm_appointment(appointment, by=request.member), _("%(who)s has confirmed."))


@require_POST
@staff_page("schedule:update")
@on_appointment
def appointment_decline(request, appointment):
    """No to what a visitor asked for online; they learn of it, and the time is free."""
    return _done(request, decline_request(appointment, by=request.member), _("Declined: %(who)s."))


@require_POST
@staff_page("schedule:update")
@on_appointment
def appointment_check_in(request, appointment):
    return _done(request, check_in(appointment, by=request.member), _("%(who)s is here."))


@require_POST
@staff_page("schedule:update")
@on_appointment
def appointment_complete(request, appointment):
    return _done(request, complete_appointment(appointment, by=request.member), _("Done: %(who)s."))


@require_POST
@staff_page("schedule:update")
@on_appointment
def appointment_miss(request, appointment):
    return _done(request, miss_appointment(appointment, by=request.member), _("%(who)s did not come."))


@require_http_methods(["GET", "POST"])
@staff_page("schedule:update")
@on_appointment
def appointment_cancel(request, appointment):
    """Why will it not take place? In the dialog, or as a page."""
    form = CancelForm(sent(request))
    if request.method == "GET" or not form.is_valid():
        context = {"appointment": appointment, "form": form}
        status = 422 if form.errors else 200
        return page(request, "patients/appointment_cancel.html", context, part="dialog", status=status)
    cancelled = cancel_appointment(appointment, by=request.member, **form.cleaned_data)
    response = _done(request, cancelled, _("The appointment of %(who)s is cancelled."))
    freed = cancelled.freed
    if freed is None or not request.htmx or not WaitlistEntry.objects.fitting(freed).exists():
        return response
    return trigger(show_freed(request, freed), "schedule-changed")


@require_POST
@staff_page("schedule:update")
def appointment_undo(request, pk):
    """Take back the change of which this is the record."""
    event = get_object_or_404(AuditLog, pk=pk, resource_type="patients.appointment")
    try:
        appointment = undo_change(event, by=request.member)
    except RuleBroken as broken:
        toast(request, broken, level="error")
        return trigger(go_to(request, reverse("patients:schedule")), "schedule-changed")
    toast(request, _("It is as it was."))
    return after_act(request, appointment)


@require_GET
@staff_page("schedule:update")
def appointment_people(request):
    """Patients who fit the name and number that are typed while booking."""
    typed = {"first_name": request.GET.get("contact_name", ""), "phone": request.GET.get("contact_phone", "")}
    people = find_patients(probe_of(typed, request.clinic))
    return page(request, "patients/appointment_people.html", {"people": people}, part="people")
