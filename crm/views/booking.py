"""The booking page of a clinic, for everybody who has its address: what for, with whom, when, and who comes."""

from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clinics.errors import RuleBroken
from clinics.requests import address_of
from crm.booking_days import days_to_choose
from crm.forms.asking import TRAP, AskForm
from crm.forms.booking import read_choice
from crm.online_booking import notice_of, receive_booking
from crm.public_forms import STAMP, is_flood, is_welcome, new_stamp, read_stamp, receive_form
from crm.views.public_forms import about, is_embedded, on_to_thanks, open_to_visitors, problem_title, touch_of


@open_to_visitors
@require_http_methods(["GET", "HEAD"])
def booking_start(request, form):
    """What for, and with whom and where, at once or one after the other: choices that lead to the free times."""
    if not form.is_booking:
        return HttpResponseRedirect(form.public_path)
    choice = read_choice(request.GET, form.location)
    return render(request, "crm/booking_start.html", page_of(request, form, choice))


@open_to_visitors
@require_http_methods(["GET", "HEAD", "POST"])
def booking_times(request, form):
    """The free times of a choice, and who comes; a time that is sent is held for them, or the next ones are shown."""
    choice = read_choice(request.POST if request.method == "POST" else request.GET, form.location)
    if choice.type is None or not form.is_booking:
        return HttpResponseRedirect(form.public_path)
    if request.method != "POST":
        return show_times(request, form, choice, AskForm(initial=request.GET.dict(), lead_form=form))
    if not request.POST.get("send"):  # another day was pressed: all that was typed stays
        return show_times(request, form, choice, AskForm(initial=typed_in(request.POST), lead_form=form))
    return _send(request, form, choice)


def _send(request, form, choice):
    filled, is_trapped = AskForm(request.POST, lead_form=form), bool(request.POST.get(TRAP))
    if is_flood(form, address_of(request)):
        note = _("That was a lot in a short time. Wait a minute, then send it again.")
        return show_times(request, form, choice, filled, note=note, status=429)
    if is_trapped:
        receive_form(form, request.POST, referrer=request.headers.get("Referer", ""))
        return on_to_thanks(request, form)
    if choice.starts_at is None:
        filled.add_error(None, _("Choose a time."))
    if not filled.is_valid():
        return show_times(request, form, choice, filled, status=422)
    if not is_welcome(form, request.POST, request.headers.get("Origin")):
        note = _("Look through it once more, then press the button again.")
        return show_times(request, form, choice, filled, note=note, status=422)
    try:
        referrer = request.headers.get("Referer", "")
        appointment = receive_booking(form, request.POST, choice, filled.cleaned_data, referrer=referrer)
    except RuleBroken:
        choice.starts_at = None
        note = _("Somebody has just taken that time. Here are the next free ones.")
        return show_times(request, form, choice, filled, note=note, status=409)
    return HttpResponseRedirect(visit_address(request, appointment, new=1), status=303)


def typed_in(posted):
    """What was typed so far, to begin with: a list where several were ticked."""
    return {name: values if len(values) > 1 else values[0] for name, values in posted.lists()}


def visit_address(request, appointment, **more):
    """The page of a visitor's own appointment, in their language and frame."""
    more |= {"lang": translation.get_language()} | ({"embed": 1} if is_embedded(request) else {})
    return f"{reverse('crm:booking_visit', args=[appointment.visitor_token])}?{urlencode(more)}"


def show_times(request, form, choice, filled, *, note="", status=200):
    """The free times with all that was typed, and a stamp."""
    word, _age = read_stamp(form, request.POST.get(STAMP, ""))
    context = page_of(request, form, choice) | {
        "form": filled,
        "days": days_to_choose(form, choice, notice=notice_of(form)),
        "note": note,
        "problem_title": problem_title(filled),
        "stamp": request.POST[STAMP] if word else new_stamp(form),
        "touch": touch_of(request),
    }
    return render(request, "crm/booking_times.html", context, status=status)


def preview_of(request, form):
    """(template, context) of a booking page as its builder shows it: the free times of the first type."""
    choice = read_choice({}, form.location)
    if not choice.types or not choice.everybody:
        return "crm/booking_start.html", page_of(request, form, choice) | {"is_preview": True}
    choice.type = choice.types[0]
    days = days_to_choose(form, choice, notice=notice_of(form))
    filled = {"form": AskForm(lead_form=form), "days": days, "is_preview": True}
    return "crm/booking_times.html", page_of(request, form, choice) | filled


def page_of(request, form, choice):
    """What both pages show: what can be chosen, what is chosen, and how the addresses go on."""
    kept = {name: request.GET[name] for name in ("lang", "embed") if request.GET.get(name)}
    return about(request, form) | {"choice": choice, "kept": kept}
