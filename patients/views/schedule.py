from datetime import timedelta

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from clinics.access import may, staff_page
from clinics.errors import RuleBroken
from clinics.pages import page, part, toast
from clinics.rows import row_of
from patients.calendar import read_calendar, read_items, read_week
from patients.forms.schedule import MoveForm, ScheduleFilterForm
from patients.free_slots import find_free_slots
from patients.models import Appointment, AppointmentType, Provider, Room
from patients.scheduling import move_appointment
from patients.views.appointments import in_words

TEMPLATE = "patients/schedule.html"


@require_GET
@staff_page("schedule:read")
def schedule(request):
    """The calendar of a day or a week, by provider."""
    return page(request, TEMPLATE, schedule_context(request, request.GET), part="calendar")


def schedule_context(request, query):
    """What the calendar shows for the filters of an address."""
    form = ScheduleFilterForm(query)
    today = timezone.localdate()
    day, view = form.chosen("on") or today, form.chosen("view") or "day"
    provider, location = form.chosen("provider"), form.chosen("location")
    everybody = list(form.fields["provider"].queryset.select_related("location"))
    if location is not None:
        everybody = [each for each in everybody if each.location_id in (None, location.pk)]
    rooms = rooms_of(location)
    by = "room" if rooms and form.chosen("by") == "room" else "provider"
    days = week_of(day) if view == "week" else [day]
    step = 7 if view == "week" else 1
    context = {
        "form": form,
        "day": day,
        "days": days,
        "view": view,
        "by": by,
        "has_rooms": bool(rooms),
        "provider": provider,
        "location": location,
        "providers": everybody,
        "today": today,
        "earlier": day - timedelta(days=step),
        "later": day + timedelta(days=step),
        "may_change": may(request.member, "schedule:update"),
        "requests": list(Appointment.objects.requested().for_list()[:5]),
        "query": query.urlencode() if hasattr(query, "urlencode") else "",
    }
    how = {"by": by, "location": location}
    places = rooms if by == "room" else [provider] if provider else everybody
    if view == "week" and (provider is None or by == "room"):
        return context | {"table": read_week(request.clinic, days, places, only=provider, **how)}
    return context | {"calendar": read_calendar(request.clinic, days, places, only=provider, **how)}


def rooms_of(location):
    """The rooms that a calendar has columns for: all, or those of a location."""
    rooms = list(Room.objects.working().in_order().select_related("location"))
    return [each for each in rooms if location is None or each.location_id in (None, location.pk)]


def week_of(day):
    """The seven days of a day's week, Monday first."""
    monday = day - timedelta(days=day.weekday())
    return [monday + timedelta(days=number) for number in range(7)]


@require_POST
@staff_page("schedule:update")
def appointment_move(request):
    """An appointment was put down elsewhere in the calendar; the toast takes it back."""
    form = MoveForm(request.POST)
    moved = row_of(Appointment.objects.for_list(), request.POST.get("appointment"))
    if moved is None:
        raise Http404
    if not form.is_valid():
        toast(request, _("This appointment cannot be put there."), level="error")
        return calendar_again(request, status=422)
    try:
        moved = move_appointment(
            moved,
            form.values_for(moved),
            version=form.cleaned_data["version"],
            by=request.member,
            anyway=form.cleaned_data["anyway"],
        )
    except RuleBroken as broken:
        toast(request, broken, level="error")
        return calendar_again(request, status=409)
    if moved.event is not None:
        said = _("%(who)s comes now: %(when)s") % {"who": moved.who, "when": in_words(moved)}
        toast(request, said, undo=("patients:appointment_undo", moved.event.pk))
    return calendar_again(request)


def calendar_again(request, status=200):
    """To htmx the calendar that was open, as it stands now; else the way back to it."""
    context = schedule_context(request, request.GET)
    return part(
        request, f"{TEMPLATE}#calendar", context, otherwise="patients:schedule" if status < 400 else None, status=status
    )


@require_GET
@staff_page("schedule:read")
def free_slots(request):
    """The next free times for a type with one provider, or with anybody: a part of the form of booking."""
    form = ScheduleFilterForm(request.GET)
    provider = form.chosen("provider")
    kind = row_of(AppointmentType.objects.working(), request.GET.get("type"))
    everybody = Provider.objects.working().who_do(kind).in_order().select_related("location")
    providers = [provider] if provider else list(everybody)
    asked = request.GET.get("duration_minutes", "")
    usual = kind.duration_minutes if kind else 30
    minutes = int(asked) if asked.isdecimal() and 5 <= int(asked) <= 600 else usual
    slots = find_free_slots(request.clinic, providers, minutes=minutes, after=timezone.now(), kind=kind)
    return page(request, "patients/free_slots.html", {"slots": slots, "minutes": minutes}, part="slots")


@require_GET
@staff_page("schedule:read")
def day_sheet(request):
    """A day on paper: each provider's appointments with numbers and notes."""
    context = schedule_context(request, request.GET)
    provider, by = context["provider"], context["by"]
    items = read_items(request.clinic, [context["day"]], location=context["location"], only=provider)
    rows = Appointment.objects.for_list().in_bulk([item.pk for item in items])
    places = rooms_of(context["location"]) if by == "room" else [provider] if provider else context["providers"]
    sheets = {place.pk: (place, []) for place in places} | {None: (None, [])}
    for item in items:
        _place, lines = sheets.get(getattr(item, f"{by}_id")) or sheets[None]
        lines.append((item, rows[item.pk]))
    sheets = [sheet for sheet in sheets.values() if sheet[0] or sheet[1]]
    return page(request, "patients/day_sheet.html", context | {"sheets": sheets})
