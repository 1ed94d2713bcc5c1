"""The three things that matter today: picked from what the page knows anyway, the most pressing first. No query."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinics.templatetags.ui import money

AT_MOST = 3


@dataclass(frozen=True)
class Matter:
    """One headline: `color` is red, yellow or empty; `url` is where it is dealt with."""

    icon: str
    color: str
    title: str
    text: str
    url: str


def matters(day):
    """Up to three Matters of a crm.today.Today; none when nothing presses."""
    asked = (_late_calls, _promises, _may_not_come, _unplanned, _suggested)
    return [matter for matter in (ask(day) for ask in asked) if matter][:AT_MOST]


def _late_calls(day):
    late = day.new_late
    if not late:
        return None
    minutes = day.clinic.speed_to_lead_minutes
    title = ngettext("%(n)s new lead is past %(m)s minutes", "%(n)s new leads are past %(m)s minutes", len(late))
    text = _("%(name)s has waited longest. Call before anything else.") % {"name": late[0].lead}
    return Matter("phone-missed", "red", title % {"n": len(late), "m": minutes}, text, _in_hand(late[0]))


def _promises(day):
    promised = day.promised
    if not promised:
        return None
    cents = sum(entry.lead.expected_value_cents or 0 for entry in promised)
    count = len(promised)
    first = max(promised, key=lambda entry: entry.rank.score)
    told = {"n": count, "money": money(cents, day.clinic.currency), "name": first.lead, "task": first.task.title}
    if cents:
        title = _("%(money)s waits on a promise of ours") % told
    else:
        title = ngettext("%(n)s promise of ours is overdue", "%(n)s promises of ours are overdue", count) % told
    text = ngettext(
        "One task is overdue: %(task)s, for %(name)s.", "%(n)s people wait, first of all %(name)s: %(task)s.", count
    )
    return Matter("hourglass", "yellow", title, text % told, _in_hand(first))


def _may_not_come(day):
    open_ones = [coming for coming in day.coming if coming.is_ahead]
    risky = [coming for coming in open_ones if coming.appointment.no_show_risk_level == "HIGH"] or open_ones
    if not risky:
        return None
    first = risky[0]
    told = {
        "time": time_format(timezone.localtime(first.appointment.starts_at).time()),
        "name": first.lead,
        "n": len(risky),
    }
    title = _("%(time)s may not come") % told
    text = ngettext(
        "%(name)s has not confirmed yet. Ask now.",
        "%(name)s has not confirmed yet; %(n)s of today have not.",
        len(risky),
    )
    return Matter("calendar-x", "", title, text % told, first.lead.get_absolute_url())


def _unplanned(day):
    unplanned = day.unplanned
    if not unplanned:
        return None
    title = ngettext("%(n)s lead has no next step", "%(n)s leads have no next step", len(unplanned))
    text = _("Nobody will be reminded of %(name)s. Plan a step, or close the lead.") % {"name": unplanned[0].lead}
    return Matter("warning", "yellow", title % {"n": len(unplanned)}, text, _in_hand(unplanned[0]))


def _suggested(day):
    suggested = [entry for entry in day.queue if entry.lead.suggested_stage_id]
    if not suggested:
        return None
    title = ngettext("%(n)s suggestion waits for your word", "%(n)s suggestions wait for your word", len(suggested))
    told = {"name": suggested[0].lead, "stage": suggested[0].lead.suggested_stage}
    return Matter("zap", "", title % {"n": len(suggested)}, _("%(name)s: %(stage)s?") % told, _in_hand(suggested[0]))


def _in_hand(entry):
    return f"{reverse('crm:today')}?hand={entry.lead.pk}"
