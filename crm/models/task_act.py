from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinics.models import ClinicForeignKey, ScopedManager
from clinics.models.base import clinic_index
from clinics.models.bulk import ActOnMany, RowOfAct, RowOfActQuerySet
from crm.models.task import LeadTask


class TaskAct(ActOnMany):
    """One thing done to several tasks at once."""

    class Kind(models.TextChoices):
        COMPLETE = "COMPLETE", _("Complete")
        SNOOZE = "SNOOZE", _("Put off")
        ASSIGN = "ASSIGN", _("Assign")

    kind = models.CharField(max_length=9, choices=Kind)

    class Meta:
        verbose_name = _("act on several tasks")
        verbose_name_plural = _("acts on several tasks")
        indexes = [clinic_index("-id", name="task_act_newest_first")]

    def get_absolute_url(self):
        return reverse("crm:task_list")


class TaskActRowQuerySet(RowOfActQuerySet):
    def for_list(self):
        return self.select_related("task__lead").order_by("place")


class TaskActRow(RowOfAct):
    """What became of one task in an act on several."""

    act = ClinicForeignKey(TaskAct, on_delete=models.CASCADE, related_name="tasks")
    task = ClinicForeignKey(LeadTask, on_delete=models.CASCADE, related_name="+")

    objects = ScopedManager.of(TaskActRowQuerySet)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["clinic", "act", "task"], name="task_act_once_a_task")]

    def __str__(self):
        return f"{self.task_id}: {self.outcome}"
