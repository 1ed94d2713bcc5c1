from django.conf import settings
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from clinics.absence import covered_by
from clinics.access import may, staff_page
from clinics.business_hours import hours_of
from clinics.errors import RuleBroken
from clinics.forms.keyed import new_key
from clinics.pages import close_dialog, page, toast
from clinics.templatetags.ui import day_and_time
from crm.activities import undo_activity
from crm.forms.tasks import usual_step
from crm.forms.timing import SnoozeForm
from crm.models import CallOutcome, Lead, PipelineStage
from crm.queue_scripts import greeting, script_for
from crm.queue_working import put_off, work_call
from crm.today import Today, following_in, whose_day
from crm.today_matters import matters
from crm.views.answering import acted, back_of, refused
from crm.views.showing import on_record


@require_GET
@staff_page("lead:read")
@on_record
def today(request):
    """The page that one opens in the morning: what matters, whom to call, who comes, what is due."""
    away = covered_by(request.member)
    whose = whose_day(request.member, request.GET.get("whose"), away)
    hand = request.GET.get("hand", "")
    day = Today(whose.member, request.clinic, whose.everybody, hand=hand)
    entries = day.shown
    place = _in_hand(entries, hand, request.GET.get("next", ""))
    current = entries[place] if entries else None
    hours = hours_of(request.clinic, request.member.location_id)
    context = {
        "day": day,
        "date": timezone.localdate(),
        "whose": whose.word,
        "everybody": whose.everybody,
        "away": away,
        "greeting": greeting(timezone.localtime()),
        "opens_at": None if hours.is_open(day.now) else hours.opens_after(day.now),
        "matters": matters(day),
        "current": current,
        "before": entries[place - 1] if place else None,
        "after": entries[place + 1] if place + 1 < len(entries) else None,
        "following": following_in(entries, place),
        "script": script_for(current, request.member, request.clinic) if current else "",
        "booking": PipelineStage.objects.booking_after(current.lead.stage) if current else None,
        "outcomes": CallOutcome.choices,
        "key": new_key(),
        "may_work": may(request.member, "lead:update"),
        "panels": _panels(whose.member, whose.everybody),
    }
    return page(request, "crm/today.html", context, part="day")


def _in_hand(entries, *asked):
    """The place of the first of the leads asked for that is still in the queue; else its top."""
    places = {str(entry.lead.pk): place for place, entry in enumerate(entries)}
    return next((places[pk] for pk in asked if pk in places), 0)


def _panels(member, everybody):
    """What other rooms have to say today: those of settings.TODAY that have anything."""
    return [panel for path in import_string(settings.TODAY) if (panel := import_string(path)(member, everybody))]


@require_POST
@staff_page("lead:update")
def queue_call(request, pk):
    """The outcome of a call, by one key: logged, the task done, the next step set, on to the next."""
    lead = get_object_or_404(Lead.objects.open(), pk=pk)
    outcome = request.POST.get("outcome")
    if outcome not in CallOutcome.values:
        return refused(request, _("Say what came of the call."), status=422)
    owner = lead.assigned_to or request.member
    try:
        task, call = work_call(
            lead,
            outcome,
            by=request.member,
            next_step=lambda due: usual_step(outcome, owner=owner, of=due),
            key=request.POST.get("key", "")[:64],
        )
    except RuleBroken as broken:
        return refused(request, broken)
    undo = ("crm:task_reopen", task.pk) if task else ("crm:queue_call_undo", lead.pk, call.pk)
    step = lead.tasks.open().due_between(timezone.now(), None).order_by("due_at", "pk").first()
    when = step and day_and_time(step.due_at)
    words = {"lead": lead, "outcome": CallOutcome(outcome).label, "step": step, "when": when}
    text = _("%(lead)s: %(outcome)s. Next: %(step)s, %(when)s") if step else _("%(lead)s: %(outcome)s.")
    toast(request, text % words, undo=undo)
    return _went_on(request, lead)


@require_POST
@staff_page("lead:update")
def queue_call_undo(request, pk, activity_pk):
    """Take back a call of the queue, from the toast, with the step that came of it."""
    lead = get_object_or_404(Lead.objects.present(), pk=pk)
    try:
        undo_activity(get_object_or_404(lead.activities.select_related("lead"), pk=activity_pk), by=request.member)
    except RuleBroken as broken:
        return refused(request, broken)
    toast(request, _("It is gone."))
    return acted(request)


@require_POST
@staff_page("lead:update")
def queue_later(request, pk):
    """Not now: the next thing about the lead gets another date."""
    lead = get_object_or_404(Lead.objects.open(), pk=pk)
    form = SnoozeForm(request.POST)
    if not form.is_valid():
        return refused(request, _("Choose until when."), status=422)
    try:
        task = put_off(lead, form.until, by=request.member, title=_("Call again"))
    except RuleBroken as broken:
        return refused(request, broken)
    undo = ("crm:task_change_undo", task.pk, task.change.pk) if task.change else ("crm:task_withdraw", task.pk)
    words = {"lead": lead, "when": day_and_time(task.due_at)}
    toast(request, _("%(lead)s: put off until %(when)s") % words, undo=undo)
    return _went_on(request, lead)


def _went_on(request, lead):
    """Done with a lead: the page that has it in hand takes the next one, another page keeps what it has."""
    return close_dialog(request, f"queue-worked-{lead.pk}") if request.htmx else redirect(back_of(request))
