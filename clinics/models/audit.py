import uuid

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinics.models.base import ClinicForeignKey, ClinicModel, ScopedManager, clinic_index
from clinics.models.staff import ClinicUser


class AuditLogQuerySet(models.QuerySet):
    def about(self, instance):
        """What happened to one row, newest first."""
        return self.filter(resource_type=instance._meta.label_lower, resource_id=instance.pk).order_by("-id")

    def of_doing(self, action, member):
        """What a member did of one kind."""
        return self.filter(action=action, actor=member)

    def about_any(self, *models):
        return self.filter(resource_type__in=[model._meta.label_lower for model in models])

    def since(self, moment):
        """What was written down at or after a moment: the ids tell, and their index finds it."""
        return self.filter(id__gte=uuid.UUID(int=max(0, int(moment.timestamp() * 1000)) << 80))

    def changes(self, *, but=()):
        """What changed something, not what was only looked at; `but` names actions that do not count."""
        return self.exclude(action__endswith=".viewed").exclude(action__in=but)

    def for_list(self):
        return self.select_related("actor__user").order_by("-id")


class AuditLog(ClinicModel):
    """What somebody did or saw. Append-only: the database refuses to change or delete a row."""

    actor = ClinicForeignKey(ClinicUser, on_delete=models.DO_NOTHING, null=True, related_name="+")
    action = models.CharField(_("what"), max_length=80)
    resource_type = models.CharField(_("kind"), max_length=60)
    resource_id = models.UUIDField(_("row"), null=True)
    before = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    after = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    metadata = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    ip_address = models.GenericIPAddressField(null=True)
    request_id = models.CharField(max_length=36, blank=True, default="")

    objects = ScopedManager.of(AuditLogQuerySet)

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit log")
        indexes = [
            clinic_index("resource_type", "resource_id", "-id", name="audit_of_a_row"),
            clinic_index("action", "-id", name="audit_of_an_action"),
            clinic_index("actor", "-id", name="audit_of_a_person"),
            clinic_index("-id", name="audit_newest_first"),
        ]

    def __str__(self):
        return self.action


class ReactionQuerySet(models.QuerySet):
    def waiting(self):
        return self.filter(status__in=[Reaction.Status.PENDING, Reaction.Status.FAILED])

    def due(self, moment):
        return self.waiting().filter(due_at__lte=moment).order_by("due_at")


class Reaction(ClinicModel):
    """One task that an event asks for: the outbox between a change and what others do about it."""

    class Status(models.TextChoices):
        PENDING = "PENDING", _("Waiting")
        DONE = "DONE", _("Done")
        FAILED = "FAILED", _("Failed, will be tried again")
        DEAD = "DEAD", _("Given up")

    event = ClinicForeignKey(AuditLog, on_delete=models.CASCADE, related_name="reactions")
    handler = models.CharField(_("task"), max_length=120)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PENDING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    due_at = models.DateTimeField(_("next try"))
    error = models.CharField(_("error"), max_length=200, blank=True, default="")

    objects = ScopedManager.of(ReactionQuerySet)

    class Meta:
        verbose_name = _("reaction")
        verbose_name_plural = _("reactions")
        constraints = [models.UniqueConstraint(fields=["clinic", "event", "handler"], name="reaction_once_an_event")]
        indexes = [
            clinic_index(
                "due_at",
                name="reaction_due",
                condition=models.Q(status__in=["PENDING", "FAILED"]),
            )
        ]

    def __str__(self):
        return self.handler
