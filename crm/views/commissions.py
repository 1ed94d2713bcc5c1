"""Commissions: the month, the statement of one person, the rules and what they would have paid."""

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinics.access import staff_page
from clinics.csv_export import csv_response
from clinics.errors import RuleBroken
from clinics.pages import go_to, page, paginate, toast
from crm.commission_rules import save_rule
from crm.commissions.events import terms_between
from crm.commissions.reasons import reason_in_words
from crm.commissions.statements import (
    is_somebody,
    lines_of,
    lock_month,
    names_of,
    statement_of,
    totals_of,
    unlock_month,
)
from crm.figures.cohort import end_of_month, months_earlier
from crm.forms.commissions import CommissionRuleForm, MonthForm
from crm.models import CommissionMonth, CommissionRule
from patients.models import Patient


@require_GET
@staff_page("commission:manage")
def commission_list(request):
    """Who earned what in a month."""
    form = MonthForm(request.GET)
    month = form.chosen
    _lines, totals = statement_of(month)
    context = {
        "month": month,
        "before": months_earlier(month, 1),
        "after": months_earlier(month, -1) if end_of_month(month) < timezone.localdate() else None,
        "is_over": end_of_month(month) < timezone.localdate(),
        "lock": CommissionMonth.objects.lock_of(month),
        "totals": totals,
        "sum": sum(total.cents for total in totals),
        "rules": CommissionRule.objects.in_order(),
    }
    return page(request, "crm/commission_list.html", context)


@require_GET
@staff_page("commission:manage")
def commission_statement(request):
    """The statement of one person for one month: each line with its reason; on the page, on paper."""
    month, who, lines, totals = _statement(request)
    shown = paginate(request, lines)
    context = {
        "month": month,
        "who": who,
        "name": names_of({who})[who],
        "page": shown,
        "lines": _told(list(shown)),
        "gained": sum(total.gained for total in totals),
        "taken_back": sum(total.taken_back for total in totals),
        "sum": sum(total.cents for total in totals),
        "lock": CommissionMonth.objects.lock_of(month),
    }
    return page(request, "crm/commission_statement.html", context)


@require_GET
@staff_page("commission:manage")
def commission_csv(request):
    """The same as a file; of everybody, where nobody is named."""
    month, _who, lines, totals = _statement(request)
    names = {total.who: total.name for total in totals}
    header = [_("Who"), _("Paid on"), _("Patient"), _("Payment"), _("Commission"), _("Why")]
    rows = [
        (names[line.who], line.paid.paid_on, patient, f"{line.paid.cents / 100:.2f}", f"{line.cents / 100:.2f}", why)
        for line, patient, why in _told(lines[:])
    ]
    return csv_response(f"{_('commissions')}-{month:%Y-%m}.csv", header, rows)


def _statement(request):
    """(month, who, lines, totals). Raises Http404 for somebody without a line."""
    form = MonthForm(request.GET)
    month = form.chosen
    who = form.cleaned_data.get("who") or ""
    if who and not is_somebody(who):
        raise Http404
    lines, totals = statement_of(month, who)
    if who and not totals:
        raise Http404
    return month, who, lines, totals


def _told(lines):
    """[(Line, patient, why)]."""
    names = Patient.objects.names_of({line.paid.patient for line in lines if line.paid.patient})
    return [(line, names.get(line.paid.patient, "—"), reason_in_words(line)) for line in lines]


@require_POST
@staff_page("commission:manage")
def commission_lock(request):
    """Make a month final."""
    month = MonthForm(request.POST).chosen
    try:
        lock = lock_month(month, by=request.member)
        words = _("The commissions of %(month)s are final.") % {"month": date_format(month, "YEAR_MONTH_FORMAT")}
        toast(request, words, undo=("crm:commission_unlock", lock.pk))
    except RuleBroken as broken:
        toast(request, broken, level="error")
    return _back(request, month)


@require_POST
@staff_page("commission:manage")
def commission_unlock(request, pk):
    """Open the last locked month again."""
    lock = get_object_or_404(CommissionMonth, pk=pk)
    try:
        unlock_month(lock, by=request.member)
        toast(request, _("The month is open again."))
    except RuleBroken as broken:
        toast(request, broken, level="error")
    return _back(request, lock.month)


def _back(request, month):
    return go_to(request, f"{reverse('crm:commission_list')}?month={month:%Y-%m}")


@require_http_methods(["GET", "POST"])
@staff_page("commission:manage")
def commission_rule_create(request):
    """A new rule."""
    return _rule_page(request, "crm/commission_rule_create.html", None)


@require_http_methods(["GET", "POST"])
@staff_page("commission:manage")
def commission_rule_edit(request, pk):
    """Change a rule, or try what it would have paid last month."""
    return _rule_page(request, "crm/commission_rule_edit.html", get_object_or_404(CommissionRule, pk=pk))


def _rule_page(request, template, rule):
    form = CommissionRuleForm(request.POST or None, rule=rule)
    tried, status = None, 200
    if request.method == "POST":
        status = 200 if form.is_valid() else 422
        if form.is_valid() and "try" in request.POST:
            tried = _try_out(form, rule)
        elif form.is_valid():
            try:
                saved = save_rule(rule, form.values, by=request.member)
                toast(request, _("%(rule)s is kept.") % {"rule": saved})
                return go_to(request, reverse("crm:commission_list"))
            except RuleBroken as broken:
                form.add_error(None, str(broken))
                status = 409
    return page(request, template, {"form": form, "rule": rule, "tried": tried}, status=status)


def _try_out(form, rule):
    """What everybody earned last month, and what they would have earned with this rule: nothing is written."""
    month = months_earlier(timezone.localdate(), 1)
    others = [
        terms
        for terms in terms_between(months_earlier(month, 60), end_of_month(month))
        if rule is None or terms.id != str(rule.pk)
    ]
    now = {total.who: total for total in totals_of(lines_of(month))}
    then = {total.who: total for total in totals_of(lines_of(month, [*others, form.terms]))}
    rows = [
        (
            (now.get(who) or then[who]).name,
            now[who].cents if who in now else 0,
            then[who].cents if who in then else 0,
        )
        for who in {**now, **then}
    ]
    return {
        "month": month,
        "rows": [(name, before, after, after - before) for name, before, after in rows],
        "before": sum(before for _name, before, _after in rows),
        "after": sum(after for _name, _before, after in rows),
    }
