from django.shortcuts import redirect
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from clinics.access import may, staff_page
from clinics.csv_export import csv_stream
from clinics.forms.keyed import new_key
from clinics.models import SavedView
from clinics.pages import page, paginate
from clinics.view_bar import view_bar
from crm.exporting import record_export
from crm.task_calendar import MONTH, WEEK, read_weeks, step_from
from crm.task_lists import DONE, TEAM, TaskFilter
from crm.task_table import HEADER, csv_rows


@require_GET
@staff_page("task:read")
def task_list(request):
    """What is to be done: one's own tasks or the team's, today's, overdue, to come, or done; by views with a name."""
    bar = view_bar(request, SavedView.Layout.TASKS)
    if bar.opens_with and not request.htmx:
        return redirect(bar.opens_with)
    task_filter = TaskFilter(request.GET, request=request)
    tasks = paginate(request, task_filter.rows)
    context = {
        "bar": bar,
        "filter": task_filter,
        "tabs": task_filter.tabs,
        "show": task_filter.show,
        "is_done": task_filter.show == DONE,
        "whose": task_filter.whose,
        "is_team": task_filter.whose == TEAM,
        "page": tasks,
        "key": new_key(),
        "workers": [member for member in task_filter.members if may(member, "task:update")],
    }
    return page(request, "crm/task_list.html", context, part="tasks")


@require_GET
@staff_page("lead:export")
def task_csv(request):
    """The tab as it is shown, as a file; that it was taken is on record."""
    tasks = TaskFilter(request.GET, request=request).qs
    record_export(request.GET.urlencode(), tasks.count(), by=request.member)
    name = _("tasks %(day)s.csv") % {"day": timezone.localdate().isoformat()}
    return csv_stream(name, [str(words) for words in HEADER], csv_rows(tasks))


@require_GET
@staff_page("task:read")
def task_calendar(request):
    """Open tasks by the day on which they are due, a week or a month."""
    task_filter = TaskFilter(request.GET, request=request)
    view = MONTH if request.GET.get("view") == MONTH else WEEK
    today = timezone.localdate()
    try:
        day = parse_date(request.GET.get("on", "")) or today
    except ValueError:
        day = today
    context = {
        "filter": task_filter,
        "whose": task_filter.whose,
        "is_team": task_filter.whose == TEAM,
        "weeks": read_weeks(task_filter.tasks, day, view),
        "view": view,
        "is_month": view == MONTH,
        "day": day,
        "today": today,
        "earlier": step_from(day, view, -1),
        "later": step_from(day, view, 1),
    }
    return page(request, "crm/task_calendar.html", context, part="task-calendar")
