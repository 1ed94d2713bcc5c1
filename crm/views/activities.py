from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clinics.access import staff_page
from clinics.errors import RuleBroken
from clinics.pages import page, toast, trigger
from crm.activities import add_note
from crm.corrections import correct_activity
from crm.finishing import log_settling_call, undo_logged
from crm.forms.activities import CallForm, NoteForm
from crm.models import LeadActivity
from crm.views.showing import correction_form, on_lead, record_showing, sent, show_again, show_lead, working_members


@require_POST
@staff_page("lead:update")
@on_lead
def lead_call(request, lead):
    form = CallForm(request.POST, lead=lead, members=working_members())
    if not form.is_valid():
        return show_lead(request, lead, part="log", status=422, call_form=form)
    try:
        activity = log_settling_call(lead, by=request.member, **form.facts)
    except RuleBroken as broken:
        form.add_error(None, str(broken))
        return show_lead(request, lead, part="log", status=409, call_form=form)
    words = {"outcome": activity.get_outcome_display(), "task": activity.payload.get("next_title")}
    said = _("Call logged: %(outcome)s. Next: %(task)s.") if words["task"] else _("Call logged: %(outcome)s.")
    toast(request, f"{said % words}{_also(activity)}", undo=("crm:lead_activity_undo", lead.pk, activity.pk))
    logged = activity if "by_key" in request.POST and request.htmx else None
    return show_again(request, lead, part="acted", logged=logged)


def _also(call):
    """What a call has settled, after what is said of it."""
    return " " + _("Done: %(task)s.") % {"task": call.settled.title} if call.settled else ""


@require_POST
@staff_page("lead:update")
@on_lead
def lead_note(request, lead):
    form = NoteForm(request.POST)
    if not form.is_valid():
        return show_lead(request, lead, part="log", status=422, note_form=form)
    try:
        activity = add_note(lead, form.cleaned_data["text"], by=request.member, key=form.cleaned_data["key"])
    except RuleBroken as broken:
        form.add_error(None, str(broken))
        return show_lead(request, lead, part="log", status=409, note_form=form)
    toast(request, _("Note added."), undo=("crm:lead_activity_undo", lead.pk, activity.pk))
    return show_again(request, lead, part="acted")


@require_http_methods(["GET", "POST"])
@staff_page("lead:update")
@on_lead
def lead_activity_edit(request, lead, activity_pk):
    """Correct a call or a note: in a dialog, or in the log itself right after a call was logged by key."""
    activity = get_object_or_404(LeadActivity, pk=activity_pk, lead=lead)
    form = correction_form(sent(request), lead, activity)
    if request.method == "GET":
        record_showing(request, lead, part="dialog")
        return show_correction(request, lead, activity, form)
    if not form.is_valid():
        return show_correction(request, lead, activity, form, status=422)
    try:
        correct_activity(activity, by=request.member, **form.facts)
    except RuleBroken as broken:
        form.add_error(None, str(broken))
        return show_correction(request, lead, activity, form, status=409)
    toast(request, _("Saved."))
    in_log = request.htmx and request.htmx.target == "lead-log"
    return trigger(show_again(request, lead, part="acted" if in_log else "refreshed"), "dialog:close")


def show_correction(request, lead, activity, form, *, status=200):
    """The form of a correction where it was opened: the log of the page, a dialog, or a page without script."""
    if request.htmx and request.htmx.target == "lead-log":
        return show_lead(request, lead, part="log", status=status, correction=form, logged=activity)
    context = {"lead": lead, "activity": activity, "form": form}
    return page(request, "crm/lead_activity_edit.html", context, part="dialog", status=status)


@require_POST
@staff_page("lead:update")
@on_lead
def lead_activity_undo(request, lead, activity_pk):
    activity = get_object_or_404(LeadActivity, pk=activity_pk, lead=lead)
    undo_logged(activity, by=request.member)
    toast(request, _("Taken back."))
    return show_again(request, lead)
