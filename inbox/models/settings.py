from datetime import time

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinics.models import ClinicForeignKey, ClinicModel, ClinicUser, ScopedManager
from inbox.models.choices import Channel

FIRST_REMINDERS = [
    (0, _("Never")),
    (24, _("1 day before")),
    (48, _("2 days before")),
    (72, _("3 days before")),
    (168, _("1 week before")),
]
SECOND_REMINDERS = [(0, _("Never")), (1, _("1 hour before")), (2, _("2 hours before")), (4, _("4 hours before"))]


class InboxSettingsQuerySet(models.QuerySet):
    def reminding(self):
        """Those by which people are reminded of their appointments."""
        return self.exclude(remind_hours_before=0, remind_again_hours_before=0)


class InboxSettings(ClinicModel):
    """How a clinic sends and answers: quiet hours, how often at most, what becomes of strangers, the emergency stop."""

    quiet_from = models.TimeField(_("quiet from"), default=time(21))
    quiet_until = models.TimeField(_("quiet until"), default=time(8))
    most_a_day = models.PositiveSmallIntegerField(_("messages to one person a day, at most"), default=4)
    most_a_week = models.PositiveSmallIntegerField(_("messages to one person a week, at most"), default=10)
    stopped_at = models.DateTimeField(null=True)
    stopped_by = ClinicForeignKey(ClinicUser, on_delete=models.SET_NULL, null=True, related_name="+")
    stop_reason = models.CharField(max_length=200, blank=True, default="")

    answer_within_minutes = models.PositiveSmallIntegerField(_("first answer within, minutes"), default=60)
    makes_leads = models.BooleanField(_("a stranger who writes becomes a lead"), default=False)
    assigns_to_owner = models.BooleanField(_("a message goes to the coordinator of the lead"), default=True)
    assigns_in_turn = models.BooleanField(_("messages of others go to the team in turn"), default=False)
    missed_call_text = models.CharField(_("text after a missed call"), max_length=320, blank=True, default="")
    remind_hours_before = models.PositiveSmallIntegerField(
        _("remind of appointments"), choices=FIRST_REMINDERS, default=0
    )
    remind_again_hours_before = models.PositiveSmallIntegerField(
        _("remind once more"), choices=SECOND_REMINDERS, default=0
    )
    asks_satisfaction = models.BooleanField(_("ask how content they are when it is resolved"), default=False)

    satisfaction_every_days = models.PositiveSmallIntegerField(_("ask the same person again after, days"), default=30)

    objects = ScopedManager.of(InboxSettingsQuerySet)

    class Meta:
        verbose_name = _("settings of the inbox")
        verbose_name_plural = _("settings of the inbox")
        constraints = [
            models.UniqueConstraint(fields=["clinic"], name="inbox_settings_one_a_clinic"),
            models.CheckConstraint(condition=Q(satisfaction_every_days__gt=0), name="inbox_asks_now_and_then"),
            models.CheckConstraint(condition=Q(answer_within_minutes__gt=0), name="inbox_answers_in_some_time"),
        ]


class CannedReplyQuerySet(models.QuerySet):
    def usable_by(self, member):
        """Those in use: everybody's, and the member's own."""
        return self.known_to(member).filter(is_active=True).order_by("shortcut", "pk")

    def known_to(self, member):
        """The same, those included that were taken out of use."""
        return self.filter(Q(owner=None) | Q(owner=member))


class CannedReply(ClinicModel):
    """An answer that is given often, inserted by its shortcut; with merge fields as {first_name}."""

    shortcut = models.SlugField(_("shortcut"), max_length=40, db_index=False)
    title = models.CharField(_("title"), max_length=80)
    subject = models.CharField(_("subject"), max_length=200, blank=True, default="")
    text = models.TextField(_("text"))
    owner = ClinicForeignKey(
        ClinicUser, on_delete=models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("only for")
    )
    is_active = models.BooleanField(_("in use"), default=True)
    used_count = models.PositiveIntegerField(default=0)

    objects = ScopedManager.of(CannedReplyQuerySet)

    class Meta:
        verbose_name = _("canned reply")
        verbose_name_plural = _("canned replies")
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "shortcut"], condition=Q(owner=None), name="canned_reply_shortcut_once"
            ),
            models.UniqueConstraint(
                fields=["clinic", "owner", "shortcut"], condition=Q(owner__isnull=False), name="canned_reply_own_once"
            ),
        ]

    def __str__(self):
        return self.title


class ApprovedTemplateQuerySet(models.QuerySet):
    def in_use(self):
        return self.filter(is_active=True)


class ApprovedTemplate(ClinicModel):
    """A text that WhatsApp has approved: outside of the 24 hours after their last word nothing else may be sent."""

    channel = models.CharField(max_length=20, choices=Channel, default=Channel.WHATSAPP)
    name = models.CharField(_("name"), max_length=120)
    language = models.CharField(max_length=12, default="en")
    text = models.TextField(_("text"))  # with {{1}}, {{2}} as the carrier has them
    external_id = models.CharField(_("id at the carrier"), max_length=120)
    is_active = models.BooleanField(_("in use"), default=True)

    objects = ScopedManager.of(ApprovedTemplateQuerySet)

    class Meta:
        verbose_name = _("approved template")
        verbose_name_plural = _("approved templates")
        constraints = [
            models.UniqueConstraint(fields=["clinic", "channel", "name", "language"], name="approved_template_once")
        ]

    def __str__(self):
        return self.name
