"""Commission rules: made, changed, removed, and what one would have paid last month."""

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clinics.access import staff_page
from clinics.errors import RuleBroken
from clinics.models import AuditLog
from clinics.pages import go_to, page, toast
from crm.commission_rules import CHANGED, CREATED, REMOVED, change_rule, make_rule, remove_rule, undo_rule
from crm.commissions.trying import try_rule
from crm.figures.cohort import months_earlier
from crm.forms.commissions import CommissionRuleForm
from crm.models import CommissionRule


@require_http_methods(["GET", "POST"])
@staff_page("commission:manage")
def commission_rule_create(request):
    """A new rule, or one that begins as another (`like`) and follows it."""
    like = CommissionRule.objects.called(request.GET.get("like", ""))
    form = CommissionRuleForm(request.POST or None, like=like)
    return _rule_page(request, "crm/commission_rule_create.html", form, like=like)


@require_http_methods(["GET", "POST"])
@staff_page("commission:manage")
def commission_rule_edit(request, pk):
    """Change a rule, or try what it would have paid last month."""
    rule = get_object_or_404(CommissionRule.objects.in_order(), pk=pk)
    form = CommissionRuleForm(request.POST or None, rule=rule)
    return _rule_page(request, "crm/commission_rule_edit.html", form, beside=rule.others)


def _rule_page(request, template, form, **context):
    tried, status = None, 200
    if request.method == "POST":
        status = 200 if form.is_valid() else 422
        if form.is_valid() and "try" in request.POST:
            tried = try_rule(form.terms, months_earlier(timezone.localdate(), 1))
        elif form.is_valid():
            try:
                return _kept(request, *_keep(form, context.get("like"), by=request.member))
            except RuleBroken as broken:
                form.add_error(None, str(broken))
                status = 409
    return page(request, template, {"form": form, "rule": form.rule, "tried": tried, **context}, status=status)


def _keep(form, like, *, by):
    if form.rule is None:
        return make_rule(form.values, by=by, key=form.cleaned_data["key"] or None, follows=like)
    return change_rule(form.rule, form.values, seen=form.last_seen, by=by)


def _kept(request, rule, event):
    said = _("%(rule)s is kept.") % {"rule": rule}
    if others := ", ".join(map(str, rule.others)):
        said += " " + _("On some of its days other rules pay the same roles, too: %(rules)s.") % {"rules": others}
    toast(request, said, undo=("crm:commission_rule_undo", event.pk) if event else None)
    return _back(request)


@require_POST
@staff_page("commission:manage")
def commission_rule_remove(request, pk):
    rule = get_object_or_404(CommissionRule, pk=pk)
    try:
        event = remove_rule(rule, by=request.member)
        toast(request, _("%(rule)s is gone.") % {"rule": rule}, undo=("crm:commission_rule_undo", event.pk))
    except RuleBroken as broken:
        toast(request, broken, level="error")
    return _back(request)


@require_POST
@staff_page("commission:manage")
def commission_rule_undo(request, pk):
    """Take back what was done to a rule."""
    event = get_object_or_404(AuditLog, pk=pk, action__in=[CREATED, CHANGED, REMOVED])
    try:
        undo_rule(event, by=request.member)
        toast(request, _("Taken back."))
    except RuleBroken as broken:
        toast(request, broken, level="error")
    return _back(request)


def _back(request):
    return go_to(request, reverse("crm:commission_list"))
