"""Telling a member of staff something in the app: the bell, its count, and the list behind it; by e-mail if wanted."""

from datetime import timedelta

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinics.background import wake
from clinics.live import publish
from clinics.models import StaffNotification

AWAY_AFTER = timedelta(minutes=15)


class Copies(models.TextChoices):
    """When a notice is also sent by e-mail: `ClinicUser.notification_preferences["email"]`."""

    NEVER = "never", _("Never")
    AWAY = "away", _("When I have not been here for 15 minutes")
    ALWAYS = "always", _("Always")


def language_of(member):
    """The language to write to a member in: the one they chose, otherwise their clinic's."""
    return member.user.language or member.clinic.language


class Reminders(models.TextChoices):
    """How somebody is reminded of their tasks: `ClinicUser.notification_preferences["reminders"]`."""

    LIKE_ALL = "like_all", _("As with all notices")
    EMAIL = "email", _("Here, and always by e-mail")


def notify(member, kind, text, *, url="", always_by_mail=False):
    """Leave a notice for one member: their bell shows it at once, a mail follows if they want one. Returns it.

    Make `text` in the language_of(member), whoever caused it. `always_by_mail` is for a kind of which they want more.
    """
    notice = StaffNotification.objects.create(member=member, kind=kind, text=text[:255], url=url)
    publish(f"bell-{member.pk}")
    if always_by_mail or wants_copy(member):
        wake("clinics.tasks.mail_notification", notice.pk)
    return notice


def wants_copy(member):
    """Tell whether a member asked to hear by e-mail at a moment like this."""
    wish = member.notification_preferences.get("email", Copies.NEVER)
    is_away = member.last_seen_at is None or member.last_seen_at < timezone.now() - AWAY_AFTER
    return wish == Copies.ALWAYS or (wish == Copies.AWAY and is_away)


def wants_reminders_by_mail(member):
    """Tell whether a member asked to be reminded of each task by e-mail too."""
    return member.notification_preferences.get("reminders") == Reminders.EMAIL


@transaction.atomic
def read_notifications(member, *, notice=None):
    """Mark a member's notices as read, all of them or one; returns how many were new."""
    notices = StaffNotification.objects.of(member).unread()
    if notice is not None:
        notices = notices.filter(pk=notice.pk)
    count = notices.order_by().update(read_at=timezone.now())
    if count:
        publish(f"bell-{member.pk}")
    return count
