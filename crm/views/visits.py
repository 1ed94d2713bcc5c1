"""A visitor's own appointment, by the secret address that they were given: look at it, keep it, move it, give it up."""

from functools import wraps

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clinics.errors import RuleBroken
from clinics.public_doors import public_door
from crm.booking_days import days_to_choose
from crm.forms.booking import read_choice
from crm.online_booking import notice_of, open_visit
from crm.views.booking import visit_address
from crm.views.public_forms import AWAY, about, framed, language_of, spoken, unreachable
from patients.calendar_files import appointment_file
from patients.visitors import cancel_by_visitor, may_be_changed, move_by_visitor


def open_to_its_visitor(view):
    """Open the appointment of the address in the language of its reader; without a database, say so."""

    @public_door
    @wraps(view)
    def opened(request, token):
        try:
            with open_visit(token) as (form, appointment):
                asked = "" if request.GET.get("lang") or request.POST.get("lang") else appointment.mail_language
                with spoken(language_of(request, form.language or asked)):
                    return framed(request, view(request, form, appointment), form)
        except AWAY:
            with spoken(language_of(request)):
                return unreachable(request)

    return opened


@open_to_its_visitor
@require_http_methods(["GET", "HEAD"])
def booking_visit(request, form, appointment):
    """How it stands, and what can be done about it."""
    return render(request, "crm/booking_visit.html", page_of(request, form, appointment))


@open_to_its_visitor
@require_http_methods(["GET", "HEAD"])
def booking_file(request, form, appointment):
    """The appointment for the visitor's own calendar."""
    headers = {"Content-Disposition": 'attachment; filename="appointment.ics"'}
    return HttpResponse(appointment_file(appointment), content_type="text/calendar; charset=utf-8", headers=headers)


@open_to_its_visitor
@require_http_methods(["GET", "HEAD", "POST"])
def booking_cancel(request, form, appointment):
    """Give it up, after being asked once."""
    note = ""
    if request.method == "POST":
        try:
            cancel_by_visitor(appointment, notice=notice_of(form))
            return HttpResponseRedirect(visit_address(request, appointment), status=303)
        except RuleBroken as broken:
            note = str(broken)
    context = page_of(request, form, appointment) | {"note": note}
    return render(request, "crm/booking_cancel.html", context, status=409 if note else 200)


@open_to_its_visitor
@require_http_methods(["GET", "HEAD", "POST"])
def booking_move(request, form, appointment):
    """Choose another time among those that are free."""
    asked, note = request.POST if request.method == "POST" else request.GET, ""
    choice = read_choice(asked, form.location or appointment.location, kind=appointment.type)
    choice.place = appointment.location
    if choice.provider is None and "provider" not in request.GET and appointment.provider in choice.everybody:
        choice.provider, choice.providers = appointment.provider, [appointment.provider]
    if request.POST.get("send") and choice.starts_at is not None:
        try:
            move_by_visitor(appointment, choice.starts_at, providers=choice.providers, notice=notice_of(form))
            return HttpResponseRedirect(visit_address(request, appointment, new=1), status=303)
        except RuleBroken as broken:
            note = str(broken)
    elif request.POST.get("send"):
        note = _("Choose a time.")
    context = page_of(request, form, appointment) | {"choice": choice, "note": note}
    if context["may_be_changed"]:
        context["days"] = days_to_choose(form, choice, notice=notice_of(form), kind=appointment.type)
    return render(request, "crm/booking_move.html", context, status=409 if note else 200)


def page_of(request, form, appointment):
    """What every page of a visitor's appointment shows."""
    context = about(request, form)
    kept = {name: request.GET[name] for name in ("lang", "embed") if request.GET.get(name)}
    return context | {
        "appointment": appointment,
        "place": appointment.location or context["place"],
        "may_be_changed": may_be_changed(appointment, notice_of(form)),
        "is_new": bool(request.GET.get("new")),
        "kept": kept,
    }
