"""The few figures on top of a report, each beside what it was in the period before."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from clinics.templatetags.ui import count, money, percent
from crm.figures.sheets import minutes, times, units


@dataclass(frozen=True)
class Stat:
    """`change` is in words ("" where nothing is compared), `direction` up, down or "", `is_good` None if neither."""

    label: str
    value: str
    note: str
    change: str = ""
    direction: str = ""
    is_good: bool | None = None


def stats_of(reading):
    """[Stat] of a Reading: the key figures of its leads."""
    before, now = reading.compared, reading
    shows = now.consultations.total
    accepted = now.acceptance
    return [
        _stat(_("New leads"), now, before, lambda each: each.total.leads, count, _relative, note=_before(before)),
        _stat(
            _("First human answer"), now, before, lambda each: each.response and each.response.p50, minutes, _minutes,
            is_good_up=False, note=_("half within, day and night"),
        ),
        _stat(
            _("Came to consultation"), now, before, lambda each: each.consultations.total.show_rate, percent, _points,
            note=_("%(came)s of %(due)s") % {"came": count(shows.came), "due": count(shows.due)},
        ),
        _stat(
            _("Accepted treatment"), now, before, lambda each: _rate(each.acceptance), percent, _points,
            note=_("%(came)s of %(due)s") % {"came": count(accepted[0]), "due": count(accepted[1])} if accepted else "",
        ),
        _stat(
            _("Started"), now, before, lambda each: each.total.converted, count, _relative,
            note=_("%(share)s of leads") % {"share": percent(now.total.conversion_rate)},
        ),
        _stat(
            _("Collected"), now, before, lambda each: each.revenue.total, _whole_money, _relative,
            note=_("from %(n)s who started") % {"n": count(now.total.converted)},
        ),
        _stat(
            _("Cost per patient"), now, before, lambda each: each.cost_per_acquisition_cents, _whole_money, _relative,
            is_good_up=False, note=_return_of(now),
        ),
        _stat(
            _("Cost per lead"), now, before, lambda each: each.cost_per_lead_cents, money, _relative,
            is_good_up=False, note=_spent(now),
        ),
    ]  # fmt: skip


def _stat(label, now, before, ask, write, compare, *, is_good_up=True, note=""):
    value, earlier = ask(now), ask(before) if before else None
    written = "—" if value is None else write(value)
    if value is None or earlier is None or value == earlier:
        return Stat(label, written, note)
    is_up = value > earlier
    return Stat(label, written, note, compare(value, earlier), "up" if is_up else "down", is_up == is_good_up)


def _whole_money(cents):
    return units(cents / 100)


def _return_of(reading):
    """What came back of what was spent; nothing where nothing was spent."""
    share = reading.return_on_spend
    return "" if share is None else _("return %(share)s") % {"share": times(share)}


def _spent(reading):
    return _("%(money)s spent") % {"money": _whole_money(reading.costs.total)} if reading.costs.total else ""


def _before(before):
    return _("%(n)s before") % {"n": count(before.total.leads)} if before else ""


def _rate(found):
    return found[0] / found[1] if found and found[1] else None


def _relative(value, earlier):
    return percent(abs(value - earlier) / earlier) if earlier else _("new")


def _points(value, earlier):
    return _("%(n)s pts") % {"n": round(abs(value - earlier) * 100)}


def _minutes(value, earlier):
    return minutes(abs(value - earlier), like=max(value, earlier))
