from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clinics.access import may, staff_page
from clinics.errors import RuleBroken
from clinics.models import Tag
from clinics.pages import page, toast, trigger
from crm.assignment.giving import assign_lead, undo_assignment
from crm.editing import edit_lead, set_opportunity
from crm.forms.choosing import AssignForm, TagForm
from crm.forms.editing import PLACES, LeadEditForm, OpportunityForm
from crm.matching import find_matches_of_change
from crm.models import LeadActivity, Opportunity
from crm.rules import LeadIsLocked, SomebodyWasFaster
from crm.tagging import tag_lead, untag_lead
from crm.views.showing import on_lead, record_showing, sent, show_again, show_lead


@require_http_methods(["GET", "POST"])
@staff_page("lead:update")
@on_lead
def lead_edit(request, lead):
    """Everything that is known of a lead; over somebody's newer change both versions are shown, and one chooses."""
    record_showing(request, lead, part="")
    if lead.is_locked:
        raise LeadIsLocked
    form = LeadEditForm(sent(request), lead=lead, clinic=request.clinic)
    form.begin_at(request.GET.get("field"))
    context = {"lead": lead, "form": form}
    if request.method == "GET" or not form.is_valid():
        return page(request, "crm/lead_edit.html", context, status=422 if form.errors else 200)
    matches = find_matches_of_change(lead, form.values, with_patients=may(request.member, "patient:read"))
    if not matches.are_known_to(request.POST.getlist("shown")):
        matches.ask()
        return page(request, "crm/lead_edit.html", context | {"matches": matches}, status=409)
    try:
        edit_lead(lead, form.values | form.referral(by=request.member), by=request.member, **form.opened_on)
    except SomebodyWasFaster as faster:
        context |= {"current": faster.current, "differences": form.differences(faster.current)}
        context["now"] = LeadEditForm(lead=faster.current, clinic=request.clinic)
        return page(request, "crm/lead_edit.html", context, status=409)
    except RuleBroken as broken:
        form.refuse(broken)
        return page(request, "crm/lead_edit.html", context, status=422)
    toast(request, _("Saved."))
    return redirect(lead)


@require_http_methods(["GET", "POST"])
@staff_page("lead:update")
@on_lead
def lead_field(request, lead, place):
    """One fact of a lead, edited where it stands on its page; over somebody's newer change both versions are shown.

    Whoever else a new number, e-mail or name finds is shown before it is saved.
    """
    if lead.is_locked:
        raise LeadIsLocked
    form = form_of(request, lead, place)
    context = {"lead": lead, "form": form, "place": place, "title": PLACES[place][0]}
    if request.method == "GET" or not form.is_valid():
        record_showing(request, lead, part="field")
        return page(request, "crm/lead_field.html", context, part="field", status=422 if form.errors else 200)
    matches = find_matches_of_change(lead, form.values, with_patients=may(request.member, "patient:read"))
    if not matches.are_known_to(request.POST.getlist("shown")):
        matches.ask()
        return page(request, "crm/lead_field.html", context | {"matches": matches}, part="field", status=409)
    try:
        edit_lead(lead, form.values | form.referral(by=request.member), by=request.member, **form.opened_on)
    except SomebodyWasFaster as faster:
        context |= {"current": faster.current, "differences": form.differences(faster.current)}
        context["now"] = LeadEditForm(lead=faster.current, clinic=request.clinic, names=PLACES[place][1])
        return page(request, "crm/lead_field.html", context, part="field", status=409)
    except RuleBroken as broken:
        form.refuse(broken)
        return page(request, "crm/lead_field.html", context, part="field", status=422)
    toast(request, _("Saved."))
    return show_again(request, lead)


def form_of(request, lead, place):
    """The form of one place of the page; 404 where there is none, or none that this clinic keeps on leads."""
    if place not in PLACES:
        raise Http404
    form = LeadEditForm(sent(request), lead=lead, clinic=request.clinic, names=PLACES[place][1], auto_id=f"{place}-%s")
    if not form.shown:
        raise Http404
    form.shown[0].field.widget.attrs["autofocus"] = True
    return form


@require_POST
@staff_page("lead:assign")
@on_lead
def lead_assign(request, lead):
    form = AssignForm(request.POST)
    if not form.is_valid():
        toast(request, _("Choose somebody who takes care of leads here."), level="error")
        return show_lead(request, lead, part="refreshed", status=422)
    lead = assign_lead(lead, form.cleaned_data["coordinator"], by=request.member)
    if lead.assignment is not None:
        can_undo = lead.assignment.payload["from_id"]
        undo = ("crm:lead_assign_undo", lead.pk, lead.assignment.pk) if can_undo else None
        toast(request, _("%(who)s takes care now.") % {"who": lead.assigned_to.short_name}, undo=undo)
    return show_again(request, lead)


@require_POST
@staff_page("lead:assign")
@on_lead
def lead_assign_undo(request, lead, activity_pk):
    assignment = get_object_or_404(LeadActivity, pk=activity_pk, lead=lead, type="ASSIGNMENT_CHANGE")
    lead = undo_assignment(assignment, by=request.member)
    toast(request, _("%(who)s has it back.") % {"who": lead.assigned_to.short_name})
    return show_again(request, lead)


@require_http_methods(["GET", "POST"])
@staff_page("lead:update")
@on_lead
def lead_opportunity(request, lead):
    """What a lead would be worth: a dialog of the lead's page."""
    known = Opportunity.objects.of_lead(lead)
    form = OpportunityForm(sent(request), clinic=request.clinic, opportunity=known)
    context = {"lead": lead, "form": form}
    if request.method == "GET" or not form.is_valid():
        record_showing(request, lead, part="dialog")
        return page(request, "crm/lead_opportunity.html", context, part="dialog", status=422 if form.errors else 200)
    try:
        set_opportunity(lead, by=request.member, **form.facts)
    except SomebodyWasFaster as faster:
        now = Opportunity.objects.of_lead(lead)
        form.shows(now)
        context |= {"current": faster.current, "now": now}
        return page(request, "crm/lead_opportunity.html", context, part="dialog", status=409)
    except RuleBroken as broken:
        form.add_error(None, str(broken))
        return page(request, "crm/lead_opportunity.html", context, part="dialog", status=409)
    toast(request, _("Saved."))
    return trigger(show_again(request, lead), "dialog:close")


@require_POST
@staff_page("lead:update")
@on_lead
def lead_tags(request, lead):
    form = TagForm(request.POST)
    if not form.is_valid():
        toast(request, _("Choose a tag of this clinic."), level="error")
        return show_lead(request, lead, part="refreshed", status=422)
    return _put_on(request, lead, form.cleaned_data["tag"])


@require_POST
@staff_page("lead:update")
@on_lead
def lead_tag_add(request, lead, tag_pk):
    return _put_on(request, lead, get_object_or_404(Tag, pk=tag_pk))


@require_POST
@staff_page("lead:update")
@on_lead
def lead_tag_remove(request, lead, tag_pk):
    tag = get_object_or_404(Tag, pk=tag_pk)
    if untag_lead(lead, tag, by=request.member):
        said = _("%(tag)s is off.") % {"tag": tag.name}
        toast(request, said, undo=("crm:lead_tag_add", lead.pk, tag.pk))
    return show_again(request, lead)


def _put_on(request, lead, tag):
    if tag_lead(lead, tag, by=request.member):
        said = _("%(tag)s is on.") % {"tag": tag.name}
        toast(request, said, undo=("crm:lead_tag_remove", lead.pk, tag.pk))
    return show_again(request, lead)
