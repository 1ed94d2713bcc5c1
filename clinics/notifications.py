"""Telling a member of staff something in the app: the bell, its count, and the list behind it; by e-mail if wanted."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clinics.background import wake
from clinics.live import publish
from clinics.models import StaffNotification

AWAY_AFTER = timedelta(minutes=15)
JUST_NOW = timedelta(minutes=2)


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
    SMS = "sms", _("Here, and always by text message")


class InBrowser(models.TextChoices):
    """What the browser itself shows of a notice: `ClinicUser.notification_preferences["browser"]`."""

    NEVER = "never", _("Nothing")
    PLAIN = "plain", _("Only that there is something new")
    FULL = "full", _("What the notice says, with the name")


class Digests(models.TextChoices):
    """Whether somebody is written of what waits for them: `ClinicUser.notification_preferences["digest"]`."""

    NEVER = "never", _("Never")
    DAILY = "daily", _("Every morning, if conversations wait for me")


@dataclass(frozen=True)
class BrowserNews:
    """What a browser shows by itself of the newest notice: no more of it than its reader wants."""

    id: str
    words: str
    url: str


def news_for_browser(member):
    """The newest notice that a member has not read, if it has just come and they want it shown; else None."""
    wish = member.notification_preferences.get("browser", InBrowser.NEVER)
    if wish == InBrowser.NEVER:
        return None
    fresh = StaffNotification.objects.of(member).unread().filter(created_at__gt=timezone.now() - JUST_NOW)
    notice = fresh.first()
    if notice is None:
        return None
    words = notice.text if wish == InBrowser.FULL else gettext("There is something new for you.")
    return BrowserNews(str(notice.pk), words, reverse("clinics:notification_list"))


def notify(member, kind, text, *, url="", always_by_mail=False):
    """Leave a notice for one member: their bell shows it at once, a mail follows if they want one. Returns it.

    Make `text` in the language_of(member), whoever caused it. `always_by_mail` is for a kind of which they want more.
    """
    notice = StaffNotification.objects.create(member=member, kind=kind, text=text[:255], url=url)
    publish(f"bell-{member.pk}")
    if always_by_mail or wants_copy(member):
        wake("clinics.tasks.mail_notification", notice.pk)
    return notice


def notify_instead(member, kind, text, *, instead_of, url):
    """Leave a notice that takes the place of an unread one about the same page, of the kinds `instead_of`.

    Where one stands its words change, and no second mail goes; otherwise it is left as notify does. Returns it.
    """
    notice = StaffNotification.objects.of(member).unread().about(url, instead_of).select_for_update().first()
    if notice is None:
        return notify(member, kind, text, url=url)
    notice.kind, notice.text = kind, text[:255]
    notice.save(update_fields=["kind", "text", "updated_at"])
    publish(f"bell-{member.pk}")
    return notice


def wants_copy(member):
    """Tell whether a member asked to hear by e-mail at a moment like this."""
    wish = member.notification_preferences.get("email", Copies.NEVER)
    is_away = member.last_seen_at is None or member.last_seen_at < timezone.now() - AWAY_AFTER
    return wish == Copies.ALWAYS or (wish == Copies.AWAY and is_away)


def wants_reminders_by_mail(member):
    """Tell whether a member asked to be reminded of each task by e-mail too."""
    return member.notification_preferences.get("reminders") == Reminders.EMAIL


def wants_reminders_by_text(member):
    """Tell whether a member asked to be reminded of each task by text message too, and has said where."""
    return member.notification_preferences.get("reminders") == Reminders.SMS and bool(member.phone_e164)


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


def forget_notices(people):
    """Take away what the bell told of some people ({address of their page: name}), also where it led to a list."""
    told = models.Q(url__in=list(people))
    for name in set(people.values()):
        if " " in name:  # a first name alone may be anybody's
            told |= models.Q(text__contains=name)
    StaffNotification.objects.filter(told).delete()
