from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from clinics.access import staff_page
from clinics.errors import RuleBroken
from clinics.pages import toast
from crm.activities import add_note, log_call, undo_activity
from crm.forms.activities import CallForm, NoteForm
from crm.models import LeadActivity
from crm.views.showing import on_lead, show_again, show_lead, working_members


@require_POST
@staff_page("lead:update")
@on_lead
def lead_call(request, lead):
    form = CallForm(request.POST, lead=lead, members=working_members())
    if not form.is_valid():
        return show_lead(request, lead, part="log", status=422, call_form=form)
    try:
        activity = log_call(lead, by=request.member, **form.facts)
    except RuleBroken as broken:
        form.add_error(None, str(broken))
        return show_lead(request, lead, part="log", status=409, call_form=form)
    words = {"outcome": activity.get_outcome_display(), "task": activity.payload.get("next_title")}
    said = _("Call logged: %(outcome)s. Next: %(task)s.") if words["task"] else _("Call logged: %(outcome)s.")
    toast(request, said % words, undo=("crm:lead_activity_undo", lead.pk, activity.pk))
    return show_again(request, lead, part="acted")


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


@require_POST
@staff_page("lead:update")
@on_lead
def lead_activity_undo(request, lead, activity_pk):
    activity = get_object_or_404(LeadActivity, pk=activity_pk, lead=lead)
    undo_activity(activity, by=request.member)
    toast(request, _("Taken back."))
    return show_again(request, lead)
