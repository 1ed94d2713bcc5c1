"""The figures of speed to lead as pictures, with the table behind each."""

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinics.charts import Bar, Column, Figure, Table, bars, columns

TABLES = ("coordinators", "sources", "hours")
QUESTIONS = {
    "coordinators": gettext_lazy("Who answers new leads in time?"),
    "sources": gettext_lazy("From where do those come who are answered in time?"),
    "hours": gettext_lazy("At which hour is nobody quick?"),
}
FIRST = {
    "coordinators": gettext_lazy("Coordinator"),
    "sources": gettext_lazy("Source"),
    "hours": gettext_lazy("Asked at"),
}
MOST_BARS = 12


def figures_of(groups, query):
    """A Figure for each of TABLES; `query` is that of the page, for the links to the files."""
    return [_figure(name, list(group), query) for name, group in zip(TABLES, groups, strict=True)]


def header(name):
    """The head of a table of these figures."""
    return [
        str(FIRST[name]), _("Leads"), _("In time"), _("Late"), _("Still waiting"), _("Share in time"),
        _("Median minutes"), _("Automatic replies"),
    ]  # fmt: skip


def csv_rows(group):
    """The rows of a group under that head, as plain figures."""
    for speed in group:
        share = None if speed.share is None else f"{speed.share:.3f}"
        minutes = None if speed.median_minutes is None else f"{speed.median_minutes:.1f}"
        yield [speed.label, speed.leads, speed.in_time, speed.late, speed.waiting, share, minutes, speed.automatic]


def _figure(name, group, query):
    due = [speed for speed in group if speed.in_time + speed.late]
    question = str(QUESTIONS[name])
    draw = columns if name == "hours" else bars
    shown = group if name == "hours" else due[:MOST_BARS]
    rows = [Bar(speed.label, speed.share, _note(speed)) for speed in shown] if due else []
    wanted = QueryDict(query, mutable=True)
    wanted["table"], wanted["format"] = name, "csv"
    return Figure(
        key=f"speed-{name}",
        question=question,
        answer=_answer(name, due),
        plot=draw(rows, title=question, write=_percent),
        table=Table(_columns(name), tuple(_cells(speed) for speed in group)),
        csv_url=f"?{wanted.urlencode()}",
    )


def _answer(name, due):
    """The best and the worst in a sentence; nothing to compare says nothing."""
    if len(due) < 2:
        return ""
    best, worst = max(due, key=lambda speed: speed.share), min(due, key=lambda speed: speed.share)
    if best.share == worst.share:
        return _("All alike: %(share)s in time.") % {"share": _percent(best.share)}
    facts = {"best": best.label, "most": _percent(best.share), "worst": worst.label, "least": _percent(worst.share)}
    if name == "hours":
        return _("Most often in time at %(best)s (%(most)s), least often at %(worst)s (%(least)s).") % facts
    return _("Most often %(best)s (%(most)s), least often %(worst)s (%(least)s).") % facts


def _note(speed):
    return _("%(in_time)s of %(due)s") % {"in_time": speed.in_time, "due": speed.in_time + speed.late}


def _columns(name):
    first, *others = header(name)
    return (Column(first, is_number=False), *(Column(label) for label in others))


def _cells(speed):
    share = "—" if speed.share is None else _percent(speed.share)
    minutes = "—" if speed.median_minutes is None else f"{speed.median_minutes:.1f}"
    counts = (str(each) for each in (speed.leads, speed.in_time, speed.late, speed.waiting))
    return (speed.label, *counts, share, minutes, str(speed.automatic))


def _percent(share):
    return f"{100 * share:.0f}%"
