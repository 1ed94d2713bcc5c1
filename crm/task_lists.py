"""Which tasks are shown: one's own or everybody's, today's, overdue, to come or done; and what waits for whom."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cached_property

import django_filters
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinics.counting import count_some, in_words
from clinics.filter_fields import FlagFilter, SeveralFilter
from clinics.found_first import FoundFirst
from clinics.models import ClinicUser, Location
from crm.forms.timing import CHOSEN, PRESETS
from crm.models import CallOutcome, Lead, LeadTask, PipelineStage, Recurrence, TaskPriority, TaskType

TODAY, OVERDUE, UPCOMING, DONE = "today", "overdue", "upcoming", "done"
SHOWS = {TODAY: _("Today"), OVERDUE: _("Overdue"), UPCOMING: _("Upcoming"), DONE: _("Done")}
MOST, MOST_OF_A_TAB = 10_000, 1_000  # tasks that are paged, and counted on a tab
MINE, TEAM = "mine", "team"
NOBODY = "nobody"
SNOOZES = [preset for preset in PRESETS if preset[0] != CHOSEN]


def start_of_today():
    """The midnight that began today, where the clinic is."""
    return _midnight(timezone.localdate())


def end_of_today():
    """The midnight that ends today, where the clinic is."""
    day = timezone.localdate() + timedelta(days=1)
    return timezone.make_aware(datetime.combine(day, time.min))


def overdue_tasks(member):
    """What a member (a row or an id) should have done by now; the database says when that is."""
    return LeadTask.objects.of_member(member).of_present_leads().open().filter(due_at__lt=Now())


class TaskFilter(django_filters.FilterSet):
    """The tasks one is looking for: about whom, whose, of which kind, by when."""

    q = django_filters.CharFilter(label=_("Find a lead"), method="by_text")
    who = SeveralFilter(label=_("Whose"), method="by_who")
    type = SeveralFilter(label=_("Kind"))
    priority = SeveralFilter(label=_("Priority"))
    stage = SeveralFilter(label=_("Stage"), method="by_stage")
    location = SeveralFilter(label=_("Location"), method="by_location")
    since = django_filters.DateFilter(label=_("Due from"), method="from_day")
    until = django_filters.DateFilter(label=_("Due until"), method="until_day")
    series = FlagFilter(label=_("Comes back"), method="by_series")

    class Meta:
        model = LeadTask
        fields = []

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.members = list(ClinicUser.objects.active().for_list())
        names = [(str(member.pk), member.display_name) for member in self.members]
        offered = {
            "who": [*names, (NOBODY, _("Nobody yet"))],
            "type": TaskType.choices,
            "priority": TaskPriority.choices,
            "stage": _named(PipelineStage.objects.in_order()),
            "location": _named(Location.objects.order_by("name")),
        }
        for name, choices in offered.items():
            self.filters[name].extra["choices"] = choices
        for name in ("since", "until"):
            self.filters[name].field.widget.input_type = "date"

    @property
    def whose(self):
        return TEAM if self.data.get("whose") == TEAM or self.data.getlist("who") else MINE

    @property
    def show(self):
        return self.data.get("show") if self.data.get("show") in SHOWS else TODAY

    @property
    def is_narrowed(self):
        return any(self.data.get(name) for name in self.filters)

    @cached_property
    def tasks(self):
        """All that the filters leave, of whatever state."""
        self.form.is_valid()
        rows = LeadTask.objects.of_present_leads()
        if self.whose == MINE:
            rows = rows.of_member(self.request.member)
        for name, value in self.form.cleaned_data.items():
            rows = self.filters[name].filter(rows, value)
        return rows

    @property
    def qs(self):
        """The tasks of the tab at hand, in its order."""
        return shown(self.tasks, self.show)

    @property
    def rows(self):
        """The same, to be paged, with what a row of the list shows."""
        return FoundFirst(self.qs, for_rows, MOST)

    @property
    def tabs(self):
        """Each tab as (name, words, how many open tasks it holds, up to "999+"), in one statement."""
        questions = {name: shown(self.tasks, name) for name in (OVERDUE, TODAY, UPCOMING)}
        beside = ClinicUser.objects.filter(pk=self.request.member.pk)
        counts = count_some(questions, most=MOST_OF_A_TAB, beside=beside).get()
        numbers = {name: in_words(number, most=MOST_OF_A_TAB) for name, number in counts.items()}
        return [(name, words, numbers.get(name)) for name, words in SHOWS.items()]

    @property
    def outcomes(self):
        return CallOutcome.choices

    @property
    def snoozes(self):
        return SNOOZES

    def by_text(self, tasks, name, value):
        return tasks.filter(lead__in=Lead.objects.present().found_by(value).values("pk")) if value else tasks

    def by_who(self, tasks, name, value):
        wanted = Q(assigned_to__in=[pk for pk in value if pk != NOBODY])
        return tasks.filter(wanted | Q(assigned_to=None) if NOBODY in value else wanted) if value else tasks

    def by_stage(self, tasks, name, value):
        return tasks.filter(lead__stage__in=value) if value else tasks

    def by_location(self, tasks, name, value):
        return tasks.filter(lead__location__in=value) if value else tasks

    def from_day(self, tasks, name, day):
        return tasks.due_between(_midnight(day), None) if day else tasks

    def until_day(self, tasks, name, day):
        return tasks.due_between(None, _midnight(day + timedelta(days=1))) if day else tasks

    def by_series(self, tasks, name, value):
        return tasks.exclude(recurrence=Recurrence.NEVER) if value else tasks


def shown(tasks, show):
    """Those of a tab: what is due today has what is overdue before it; what was done stands newest first."""
    if show == DONE:
        return tasks.done().order_by("-completed_at", "-pk")
    rows = tasks.open().order_by("due_at", "pk")
    if show == OVERDUE:
        return rows.due_between(None, timezone.now())
    return rows.due_between(None, end_of_today()) if show == TODAY else rows.due_between(end_of_today(), None)


def for_rows(tasks):
    """What a row of the list shows of a task, its lead and its assignee, in one query."""
    return tasks.select_related("lead__stage", "assigned_to__user", "completed_by__user").annotate(
        number=F("lead__phone_e164")
    )


@dataclass(frozen=True)
class Day:
    """One day of the calendar of tasks: the first few, and how many there are in all."""

    date: object
    tasks: list
    count: int
    is_other_month: bool = False

    @property
    def more(self):
        return self.count - len(self.tasks)


def _midnight(day):
    return timezone.make_aware(datetime.combine(day, time.min))


def _named(rows):
    return [(str(pk), name) for pk, name in rows.values_list("pk", "name")]
