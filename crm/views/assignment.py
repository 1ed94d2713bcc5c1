"""The rules of assignment: read, set, and tried out on the leads of the last week; and who had a lead and why."""

from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinics.access import staff_page
from clinics.errors import RuleBroken
from clinics.pages import page, paginate, part, toast
from crm.assignment.covering import cover_lead, uncover_lead
from crm.assignment.ruling import rules_with, set_rule, step_rule
from crm.assignment.trying_out import SHOWN, try_rules
from crm.assignment.words import people_in_words, rule_in_words, source_names
from crm.forms.assignment import RuleWithPeopleForm
from crm.forms.choosing import AssignForm
from crm.models import AssignmentChange, AssignmentRule, Lead
from crm.views.showing import on_lead, record_showing, show_again

EDIT, LIST = "crm/assignment_rule_edit.html", "crm/assignment_rule_list.html"


@require_GET
@staff_page("lead:configure")
def assignment_rule_list(request):
    """Who gets which lead, in plain words and in the order in which it is asked; on request, tried out."""
    context = _listed() | {"trial": None, "shown": SHOWN}
    if "try" in request.GET:
        context |= _try_out(request, [rule for rule, _phrases, _people in context["rows"] if rule.is_active])
    return page(request, LIST, context)


@require_POST
@staff_page("lead:configure")
def assignment_rule_step(request, pk):
    """Let a rule be asked one place sooner or later."""
    step_rule(get_object_or_404(AssignmentRule, pk=pk), sooner="sooner" in request.POST, by=request.member)
    return part(request, f"{LIST}#rule-rows", _listed(), otherwise="crm:assignment_rule_list")


def _listed():
    names = source_names()
    rules = AssignmentRule.objects.in_order().whole()
    return {"rows": [(rule, rule_in_words(rule, names), people_in_words(rule)) for rule in rules]}


@require_http_methods(["GET", "POST"])
@staff_page("lead:configure")
def assignment_rule_create(request):
    last = AssignmentRule.objects.in_order().last()
    return _edit(request, AssignmentRule(order=(last.order if last else 0) + 10))


@require_http_methods(["GET", "POST"])
@staff_page("lead:configure")
def assignment_rule_edit(request, pk):
    return _edit(request, get_object_or_404(AssignmentRule, pk=pk))


@require_POST
@staff_page("lead:configure")
def assignment_rule_trial(request, pk=None):
    """Try the rule out that stands in the form, in the place where it would stand; nothing is saved."""
    known = get_object_or_404(AssignmentRule, pk=pk) if pk else AssignmentRule()
    form = RuleWithPeopleForm(request.POST, instance=known)
    if not form.is_valid():
        return part(request, f"{EDIT}#trial", {"form": form, "trial": None}, status=422)
    for name, value in form.facts().items():
        setattr(known, name, value)
    context = _try_out(request, rules_with(known, form.weights()))
    return part(request, f"{EDIT}#trial", {"form": form} | context)


@require_GET
@staff_page("lead:read")
def lead_owners(request, pk):
    """Who has taken care of a lead, since when, and why it went to them."""
    lead = get_object_or_404(Lead.objects.present().for_cards(), pk=pk)
    record_showing(request, lead, part="lead-owners")
    changes = paginate(request, AssignmentChange.objects.of_lead(lead))
    return page(request, "crm/lead_owners.html", {"lead": lead, "page": changes}, part="lead-owners")


def _edit(request, rule):
    form = RuleWithPeopleForm(request.POST or None, instance=rule)
    if request.method == "POST" and form.is_valid():
        set_rule(rule, form.facts(), form.weights(), by=request.member)
        toast(request, _("“%(rule)s” is set") % {"rule": rule})
        return redirect("crm:assignment_rule_list")
    context = {"form": form, "rule": rule, "trial": None, "is_new": rule._state.adding}
    return page(request, EDIT, context, status=422 if form.is_bound else 200)


def _try_out(request, rules):
    try:
        trial = try_rules(request.clinic, rules)
    except RuleBroken as rule:
        return {"trial": None, "refused": str(rule), "shown": SHOWN}
    return {"trial": trial, "shown": SHOWN}


@require_POST
@staff_page("lead:update")
@on_lead
def lead_cover(request, lead):
    """Give a lead whose coordinator is away to somebody who is here."""
    form = AssignForm(request.POST)
    if not form.is_valid():
        toast(request, _("Choose somebody who takes care of leads here."), level="error")
        return show_again(request, lead)
    lead = cover_lead(lead, form.cleaned_data["coordinator"], by=request.member)
    if lead.assignment is not None:
        can_undo = lead.assignment.payload["from_id"]
        undo = ("crm:lead_cover_undo", lead.pk, lead.assignment.pk) if can_undo else None
        toast(request, _("%(who)s takes care now.") % {"who": lead.assigned_to.short_name}, undo=undo)
    return show_again(request, lead)


@require_POST
@staff_page("lead:update")
@on_lead
def lead_cover_undo(request, lead, activity_pk):
    """Take it back, from the toast."""
    lead = uncover_lead(get_object_or_404(lead.activities, pk=activity_pk, type="ASSIGNMENT_CHANGE"), by=request.member)
    toast(request, _("%(who)s has it back.") % {"who": lead.assigned_to.short_name})
    return show_again(request, lead)
