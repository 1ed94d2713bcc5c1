from django.db import models
from django.db.models import Count, Exists, OuterRef, Subquery
from django.db.models.functions import JSONObject
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinics.models import ClinicForeignKey, ClinicModel, ClinicUser, ScopedManager
from clinics.models.base import clinic_index
from crm.models.choices import Recurrence, TaskPriority, TaskStatus, TaskType
from crm.models.lead import Lead
from crm.models.pipeline import TaskTemplate

OPEN_TASK = (TaskStatus.PENDING, TaskStatus.IN_PROGRESS, TaskStatus.OVERDUE)
# What a conversation settles, whatever the task was called.
SETTLED_BY_TALK = (TaskType.CALL, TaskType.FOLLOW_UP, TaskType.CONSULTATION_CONFIRM)


class LeadTaskQuerySet(models.QuerySet):
    def open(self):
        return self.filter(status__in=OPEN_TASK)

    def open_or_known(self, title, pk):
        """The open tasks of this title, and the one with this id, whatever has become of it."""
        return self.filter(models.Q(title=title, status__in=OPEN_TASK) | models.Q(pk=pk))

    def of_present_leads(self):
        """Tasks of leads that were not deleted; asked this way round, few leads are read, and not all others."""
        return self.exclude(Exists(Lead.objects.filter(pk=OuterRef("lead_id"), deleted_at__isnull=False)))

    def of_deleted_leads(self):
        return self.filter(lead__deleted_at__isnull=False)

    def overdue(self):
        return self.open().filter(due_at__lt=timezone.now())

    def count_by_member(self):
        """How many each member of staff has: {member_id or None: count}."""
        return dict(self.order_by().values_list("assigned_to_id").annotate(number=models.Count("pk")))

    def next_of_outer_lead(self):
        """The next open task of the lead of the query around it, as a column: {"title", "due_at"}, or None."""
        tasks = self.open().filter(lead=OuterRef("pk")).order_by("due_at", "pk")
        return Subquery(tasks.values(task=JSONObject(title="title", due_at="due_at"))[:1])

    def of_member(self, member):
        return self.filter(assigned_to=member)

    def due_between(self, start, end):
        """Tasks whose moment lies in [start, end); None leaves a side open."""
        rows = self.filter(due_at__gte=start) if start else self
        return rows.filter(due_at__lt=end) if end else rows

    def count_with_overdue(self):
        """(how many there are, how many of them should have been done by now), in one statement."""
        late = models.Q(due_at__lt=timezone.now())
        counted = self.aggregate(all=models.Count("pk"), late=models.Count("pk", filter=late))
        return counted["all"], counted["late"]

    def talks_due_before(self, moment):
        """Open tasks due before a moment that a conversation settles, the first due first."""
        return self.open().filter(due_at__lt=moment, type__in=SETTLED_BY_TALK).order_by("due_at", "pk")

    def done(self):
        return self.filter(status=TaskStatus.COMPLETED)

    def to_remind(self, moment):
        """Open tasks whose reminder is due and was not given."""
        return self.open().filter(reminder_at__lte=moment, reminded_at=None).order_by("reminder_at", "pk")

    def late_since(self, priority, moment):
        """Open tasks of a priority that should have been done before a moment, and that nobody was told of."""
        late = self.open().filter(escalated_at=None, due_at__lt=moment, priority=priority)
        return late.order_by("due_at", "pk")

    def count_by_owner(self):
        """How many tasks each member of staff has: {member_id or None: count}."""
        return dict(self.order_by().values_list("assigned_to_id").annotate(number=Count("pk")))

    def for_list(self):
        return self.select_related("lead", "assigned_to__user").order_by("due_at", "pk")


class LeadTask(ClinicModel):
    """Something to be done about a lead, by somebody, by a certain time."""

    lead = ClinicForeignKey(Lead, on_delete=models.CASCADE, related_name="tasks")
    title = models.CharField(_("title"), max_length=200)
    description = models.TextField(_("description"), blank=True, default="")
    type = models.CharField(_("type"), max_length=30, choices=TaskType, default=TaskType.CALL)
    priority = models.CharField(_("priority"), max_length=10, choices=TaskPriority, default=TaskPriority.NORMAL)
    assigned_to = ClinicForeignKey(ClinicUser, on_delete=models.SET_NULL, null=True, related_name="tasks")
    due_at = models.DateTimeField(_("due"))
    reminder_at = models.DateTimeField(_("remind at"), null=True, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)
    escalated_at = models.DateTimeField(null=True, blank=True)
    recurrence = models.CharField(
        _("comes back"), max_length=12, choices=Recurrence, blank=True, default=Recurrence.NEVER
    )
    template = ClinicForeignKey(TaskTemplate, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    status = models.CharField(_("status"), max_length=12, choices=TaskStatus, default=TaskStatus.PENDING)
    completed_at = models.DateTimeField(null=True, blank=True)
    completed_by = ClinicForeignKey(ClinicUser, on_delete=models.SET_NULL, null=True, related_name="+")

    objects = ScopedManager.of(LeadTaskQuerySet)

    class Meta:
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        indexes = [
            clinic_index(
                "lead",
                "due_at",
                name="task_next_of_a_lead",
                condition=models.Q(status__in=["PENDING", "IN_PROGRESS", "OVERDUE"]),
            ),
            clinic_index("assigned_to", "status", "due_at", name="task_of_a_member"),
            clinic_index("status", "due_at", name="task_due"),
            clinic_index(
                "reminder_at",
                name="task_to_remind",
                condition=models.Q(
                    status__in=["PENDING", "IN_PROGRESS", "OVERDUE"], reminder_at__isnull=False, reminded_at=None
                ),
            ),
            clinic_index(
                "priority",
                "due_at",
                name="task_not_escalated",
                condition=models.Q(status__in=["PENDING", "IN_PROGRESS", "OVERDUE"], escalated_at=None),
            ),
            clinic_index("-completed_at", name="task_done", condition=models.Q(status="COMPLETED")),
        ]

    def __str__(self):
        return self.title

    @property
    def is_open(self):
        return self.status in OPEN_TASK

    @property
    def is_overdue(self):
        return self.is_open and self.due_at < timezone.now()

    @property
    def is_settled_by_talk(self):
        return self.type in SETTLED_BY_TALK
