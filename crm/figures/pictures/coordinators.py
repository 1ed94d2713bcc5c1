from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinics.chart_marks import Bar, Legend, Whisker
from clinics.charts import bars, whiskers
from clinics.templatetags.ui import count, percent
from crm.figures.people import FEWEST, differ
from crm.figures.picture import Picture
from crm.figures.sheets import Column, Sheet, minutes, whole


def name_of(person):
    return person.member.display_name if person.member else _("Nobody")


def draw_rates(reading):
    """What each coordinator converts, with its interval, beside what the clinic converts of such leads."""
    people, title = reading.people, _("Who turns leads into starts?")
    rows = [
        Whisker(
            name_of(person),
            person.rate if person.has_enough else None,
            person.low,
            person.high,
            note=ngettext("%(n)s lead", "%(n)s leads", person.leads) % {"n": count(person.leads)},
            remark="" if person.has_enough else _("too few leads to compare"),
            mark=person.expected,
            mark_label=_("%(share)s expected of these leads") % {"share": percent(person.expected)}
            if person.expected is not None
            else "",
        )
        for person in people
        if person.member
    ]
    whole = reading.total.conversion_rate
    plot = whiskers(
        rows,
        title=title,
        write=percent,
        reference=whole,
        reference_label=_("clinic %(share)s") % {"share": percent(whole)} if whole is not None else "",
    )
    columns = (
        Column(_("Coordinator"), "text"),
        Column(_("Leads")),
        Column(_("Started"), is_aside=True),
        Column(_("Rate"), "share"),
        Column(_("At least"), "share"),
        Column(_("At most"), "share"),
        Column(_("Expected of these leads"), "share"),
        Column(_("Contacted"), "share", is_aside=True),
        Column(_("First answer"), "minutes"),
        Column(_("Days to convert"), "days", is_aside=True),
        Column(_("Collected"), "money", is_aside=True),
    )
    table = tuple(
        (
            name_of(person),
            person.leads,
            person.converted,
            person.rate,
            person.low,
            person.high,
            person.expected,
            person.contacted_share,
            person.minutes,
            person.days,
            person.collected_cents,
        )
        for person in people
    )
    foot = _("The line: nine times in ten the true rate lies within. Compared from %(n)s leads on.") % {"n": FEWEST}
    return Picture(
        "coordinators",
        title,
        _answer(people),
        plot,
        Sheet(columns, table),
        foot=foot,
        legend=(Legend(_("rate"), "1"), Legend(_("what the clinic converts of such leads"), "3")),
        explains=("coordinator_rate", "interval", "expected", "response_time"),
    )


def _answer(people):
    sure = [person for person in people if person.member and person.has_enough]
    if len(sure) < 2:
        return _("Too few leads in these days to compare coordinators.")
    if not differ(people):
        return _("The intervals overlap: these days show no real difference between coordinators.")
    best = max(sure, key=lambda person: person.low)
    worst = min(sure, key=lambda person: person.high)
    words = _(
        "%(best)s converts more than %(worst)s, by more than chance. Look at the expected rates before you judge."
    )
    return words % {"best": name_of(best), "worst": name_of(worst)}


def draw_workload(reading):
    """How many open leads each has today, of how many they can take, and what is overdue."""
    people, title = [person for person in reading.people if person.member], _("Who has how much to do?")
    loads = [(person, reading.load[person.member.pk]) for person in people]
    loads = [(person, load, load.share_of(person.member.capacity)) for person, load in loads]
    loads.sort(key=lambda each: -each[1].open)
    rows = [
        Bar(name_of(person), load.open, note=_load(person), series="1" if (share or 0) > 1 else "muted")
        for person, load, share in loads
    ]
    columns = (
        Column(_("Coordinator"), "text"),
        Column(_("Open leads")),
        Column(_("Capacity")),
        Column(_("Load"), "share"),
        Column(_("Overdue tasks")),
        Column(_("New in these days")),
    )
    table = tuple(
        (name_of(person), load.open, person.member.capacity, share, load.overdue, person.leads)
        for person, load, share in loads
    )
    over = [name_of(person) for person, _of_them, share in loads if (share or 0) > 1]
    answer = _("Over capacity: %(names)s.") % {"names": ", ".join(over)} if over else _("Nobody is over capacity.")
    return Picture(
        "workload", title, answer, bars(rows, title=title, write=whole), Sheet(columns, table),
        foot=_("As of now, whatever the period."), explains=("workload",),
    )  # fmt: skip


def _load(person):
    if not person.member.capacity:
        return ""
    return _("of %(n)s") % {"n": count(person.member.capacity)}


def draw_response(reading):
    """Minutes until somebody of the clinic first spoke or wrote to a lead, half of them."""
    people = [person for person in reading.people if person.member and person.minutes is not None]
    people, title = sorted(people, key=lambda person: person.minutes), _("Who answers how fast?")
    rows = [Bar(name_of(person), person.minutes, note=percent(person.contacted_share)) for person in people]
    columns = (Column(_("Coordinator"), "text"), Column(_("Half within"), "minutes"), Column(_("Contacted"), "share"))
    table = tuple((name_of(person), person.minutes, person.contacted_share) for person in people)
    spread = reading.response
    answer = ""
    if spread:
        words = _("Half of all are answered within %(half)s, nine of ten within %(most)s.")
        answer = words % {"half": minutes(spread.p50), "most": minutes(spread.p90)}
    return Picture(
        "response", title, answer, bars(rows, title=title, write=minutes), Sheet(columns, table),
        foot=_("Day and night, of those who were contacted; on the right how many were."), explains=("response_time",),
    )  # fmt: skip
