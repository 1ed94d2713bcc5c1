"""Commissions: the month, and the statement of one person."""

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from clinics.access import staff_page
from clinics.csv_export import csv_response
from clinics.errors import RuleBroken
from clinics.pages import go_to, page, paginate, toast
from crm.commissions.earners import names_of, payers_of
from crm.commissions.locking import lock_month, unlock_month
from crm.commissions.reasons import reason_in_words, rule_in_words
from crm.commissions.statements import is_somebody, statement_of
from crm.figures.cohort import end_of_month, months_earlier
from crm.forms.commissions import MonthForm
from crm.models import CommissionMonth, CommissionRule


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
        "rules": [(rule, rule_in_words(rule.rule)) for rule in CommissionRule.objects.in_order()],
    }
    return page(request, "crm/commission_list.html", context)


@require_GET
@staff_page("commission:manage")
def commission_statement(request):
    """The statement of one person for one month: each line with its reason; on the page, on paper."""
    month, who, lines, totals = _statement(request)
    on_paper = "all" in request.GET
    shown = paginate(request, lines, size=max(1, lines.count())) if on_paper else paginate(request, lines)
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
        "on_paper": on_paper,
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
    """[(Line, who paid, why)]."""
    payer = payers_of(lines)
    return [(line, payer(line), reason_in_words(line)) for line in lines]


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
        toast(request, _("The month is open again: its lines are worked out anew."))
    except RuleBroken as broken:
        toast(request, broken, level="error")
    return _back(request, lock.month)


def _back(request, month):
    return go_to(request, f"{reverse('crm:commission_list')}?month={month:%Y-%m}")
