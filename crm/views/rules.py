from datetime import timedelta

from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from clinics.access import staff_page
from clinics.pages import page, paginate, part, toast
from crm.following_up.noticing import LATE_AT_MOST
from crm.following_up.rehearsing import AT_MOST, play, rehearse
from crm.following_up.sentences import sentence_of
from crm.following_up.switching import switch_rule
from crm.models import FollowUpRule, FollowUpRun

PERIODS = (7, 30, 90)


@require_GET
@staff_page("lead:configure")
def rule_list(request):
    """The follow-up rules of the clinic as sentences, each on or off, with what it did of late."""
    return page(request, "crm/rule_list.html", _rules(), part="rules")


def _rules():
    since = timezone.now() - timedelta(days=30)
    acted = FollowUpRun.objects.that_acted_since(since).count_by_rule()
    rows = [(rule, sentence_of(rule), acted.get(rule.pk, 0)) for rule in FollowUpRule.objects.for_sentence()]
    return {"rules": rows, "late_days": LATE_AT_MOST.days}


@require_POST
@staff_page("lead:configure")
def rule_switch(request, pk):
    """Let a rule work, or rest; pressing again takes it back."""
    is_on = bool(request.POST.get("is_on"))
    rule = switch_rule(get_object_or_404(FollowUpRule, pk=pk), is_on=is_on, by=request.member)
    toast(request, (_("“%(rule)s” works from now on.") if is_on else _("“%(rule)s” rests.")) % {"rule": rule.name})
    return part(request, "crm/rule_list.html#rules", _rules(), otherwise="crm:rule_list")


@require_GET
@staff_page("lead:configure")
def rule_rehearse(request, pk):
    """What a rule would have done in the past weeks, on what really happened; nothing is changed."""
    rule = get_object_or_404(FollowUpRule.objects.for_sentence(), pk=pk)
    days = request.GET.get("days")
    days = int(days) if days in map(str, PERIODS) else 30
    now = timezone.now()
    found = rehearse(rule, now - timedelta(days=days), now)
    occasions = paginate(request, found)
    by_day = _count_by_day(found)
    context = {
        "rule": rule,
        "sentence": sentence_of(rule),
        "days": days,
        "periods": PERIODS,
        "page": occasions,
        "rows": play(rule, list(occasions), request.clinic),
        "is_cut": len(found) == AT_MOST,
        "most": AT_MOST,
        "people": len({pk for _moment, pk in found}),
        "over_cap": sum(1 for count in by_day.values() if count > rule.daily_cap),
    }
    return page(request, "crm/rule_rehearse.html", context)


def _count_by_day(found):
    """How many occasions fell on each day."""
    counts = {}
    for moment, _pk in found:
        day = timezone.localdate(moment)
        counts[day] = counts.get(day, 0) + 1
    return counts
