"""Blocked times in the calendar: made by a key or from a free half hour, moved by drag, removed; each with its undo."""

from datetime import timedelta

from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clinics.access import staff_page
from clinics.errors import RuleBroken
from clinics.models import AuditLog, Location
from clinics.pages import close_dialog, go_to, page, toast, trigger
from clinics.rows import row_of
from patients.blocking import block_time, change_block, unblock_time, undo_block
from patients.forms.blocks import BlockForm, BlockMoveForm, begun_with
from patients.forms.schedule import asked_start
from patients.models import Provider, Room, ScheduleBlock
from patients.views.schedule import calendar_again
from patients.views.showing import sent
from patients.working_time import zone_of

FORM = "patients/block_edit.html"


@require_http_methods(["GET", "POST"])
@staff_page("schedule:update")
def block_create(request):
    """Block a time: from where one stands in the calendar (?provider=, ?location=, ?room=, ?at=)."""
    form = BlockForm(sent(request), clinic=request.clinic, initial=_wished(request))
    return _fill_in(request, form, None)


@require_http_methods(["GET", "POST"])
@staff_page("schedule:update")
def block_edit(request, pk):
    """One blocked time, to be changed or removed."""
    block = get_object_or_404(ScheduleBlock.objects.with_place(), pk=pk)
    form = BlockForm(sent(request), clinic=request.clinic, initial=begun_with(block, request.clinic))
    return _fill_in(request, form, block)


def _fill_in(request, form, block):
    context = {"form": form, "blocked": block, "address": request.get_full_path()}
    if request.method == "GET" or not form.is_valid():
        return page(request, FORM, context, part="dialog", status=422 if form.errors else 200)
    try:
        if block is None:
            block = block_time(form.values, by=request.member, key=form.cleaned_data["key"] or None)
        else:
            block = change_block(block, form.values, by=request.member)
    except RuleBroken as broken:
        form.add_error(None, str(broken))
        return page(request, FORM, context, part="dialog", status=409)
    return _done(request, block, _("Blocked: %(what)s.") % {"what": block})


def _wished(request):
    providers, rooms, locations = Provider.objects.working(), Room.objects.working(), Location.objects.in_use()
    sets = {"provider": providers, "room": rooms, "location": locations}
    place = {name: row_of(rows, request.GET.get(name)) for name, rows in sets.items()}
    if place["room"] is not None:
        place |= {"provider": None, "location": None}
    zone = zone_of(ScheduleBlock(**place).place, request.clinic)
    start = asked_start(request.GET.get("at"), zone) or timezone.localtime(timezone=zone).replace(minute=0, second=0)
    start = start.replace(tzinfo=timezone.get_current_timezone())
    end = start + timedelta(hours=1)
    return place | {"starts_at": start, "ends_at": end}


@require_POST
@staff_page("schedule:update")
def block_remove(request, pk):
    """The time is open again."""
    block = unblock_time(get_object_or_404(ScheduleBlock, pk=pk), by=request.member)
    return _done(request, block, _("Open again: %(what)s.") % {"what": block})


@require_POST
@staff_page("schedule:update")
def block_move(request):
    """A blocked time was put down elsewhere in the calendar, or made longer there."""
    form = BlockMoveForm(request.POST)
    block = row_of(ScheduleBlock.objects.with_place(), request.POST.get("block"))
    if block is None:
        raise Http404
    if not form.is_valid():
        toast(request, _("This cannot be put there."), level="error")
        return calendar_again(request, status=422)
    try:
        block = change_block(block, form.values_for(block), by=request.member)
    except RuleBroken as broken:
        toast(request, broken, level="error")
        return calendar_again(request, status=409)
    if block.event is not None:
        toast(request, _("Moved: %(what)s.") % {"what": block}, undo=("patients:block_undo", block.event.pk))
    return calendar_again(request)


@require_POST
@staff_page("schedule:update")
def block_undo(request, pk):
    """Take back what happened to a blocked time."""
    event = get_object_or_404(AuditLog, pk=pk, resource_type="patients.scheduleblock")
    try:
        undo_block(event, by=request.member)
        toast(request, _("It is as it was."))
    except RuleBroken as broken:
        toast(request, broken, level="error")
    return trigger(go_to(request, reverse("patients:schedule")), "schedule-changed")


def _done(request, block, said):
    toast(request, said, undo=("patients:block_undo", block.event.pk) if block.event else None)
    return close_dialog(request, "schedule-changed") if request.htmx else redirect("patients:schedule")
