"""Open tasks by the day on which they are due: a week or a month, a few of each day and the number of all."""

from datetime import datetime, time, timedelta

from django.db.models import Count, F, Window
from django.db.models.functions import RowNumber, TruncDate
from django.utils import timezone

from crm.models import LeadTask
from crm.task_lists import Day

WEEK, MONTH = "week", "month"
A_DAY = {WEEK: 20, MONTH: 4}


def days_of(day, view):
    """The days that a calendar shows around a day, whole weeks from Monday on."""
    first = day.replace(day=1) if view == MONTH else day
    monday = first - timedelta(days=first.weekday())
    if view == WEEK:
        return [monday + timedelta(days=number) for number in range(7)]
    after = (first + timedelta(days=32)).replace(day=1)
    weeks = -(-(after - monday).days // 7)
    return [monday + timedelta(days=number) for number in range(7 * weeks)]


def step_from(day, view, direction):
    """The day that lies a week or a month further on (1) or back (-1)."""
    if view == WEEK:
        return day + timedelta(days=7 * direction)
    first = day.replace(day=1)
    return (first + timedelta(days=32)).replace(day=1) if direction > 0 else (first - timedelta(days=1)).replace(day=1)


def read_weeks(tasks, day, view):
    """The weeks of the calendar, each a list of Days; three statements, however many tasks there are."""
    days = days_of(day, view)
    start, end = (_midnight(days[0]), _midnight(days[-1] + timedelta(days=1)))
    due = tasks.open().due_between(start, end).annotate(day=TruncDate("due_at"))
    counts = dict(due.order_by().values_list("day").annotate(number=Count("pk")))
    place = Window(RowNumber(), partition_by=[F("day")], order_by=["due_at", "pk"])
    first = due.annotate(place=place).filter(place__lte=A_DAY[view])
    # Found by id before their leads are joined: otherwise each task of the month brings its lead along.
    ids = list(first.order_by().values_list("pk", flat=True))
    by_day = {}
    for task in LeadTask.objects.filter(pk__in=ids).annotate(day=TruncDate("due_at")).for_list():
        by_day.setdefault(task.day, []).append(task)
    cells = [
        Day(each, by_day.get(each, []), counts.get(each, 0), view == MONTH and each.month != day.month) for each in days
    ]
    return [cells[number : number + 7] for number in range(0, len(cells), 7)]


def _midnight(day):
    return timezone.make_aware(datetime.combine(day, time.min))
