"""What waits in the inbox, written to those who want it each morning: how many and since when, and nobody's name."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Min, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from clinics.access import may
from clinics.mail import absolute, mail_later
from clinics.models import ClinicUser
from clinics.notifications import Digests, language_of
from inbox.models import UnifiedConversation

MORNING = 8  # from this hour on, by the clock of the clinic
SENT_ON = "digest_sent_on"


@dataclass(frozen=True)
class Waiting:
    """How many conversations of a member wait or were not read, how many late, and since when the first waits."""

    count: int
    late: int
    since: datetime | None


def send_digests(clinic):
    """Write to every member who wants it and for whom something waits, once a day; returns how many were written to."""
    today = timezone.localtime(timezone=clinic.zone)
    if today.hour < MORNING:
        return 0
    wanted = ClinicUser.objects.active().filter(notification_preferences__digest=Digests.DAILY)
    members = [member for member in wanted.select_related("user", "clinic") if may(member, "inbox:reply")]
    return sum(_send(member, today.date().isoformat()) for member in members if not member.is_out_of_office)


def waiting_for(member):
    """What waits for a member, as Waiting."""
    now = timezone.now()
    rows = UnifiedConversation.objects.awake(now).filter(assigned_to=member).needing_somebody()
    late = Q(answer_due_at__lt=now)
    return Waiting(**rows.aggregate(count=Count("pk"), late=Count("pk", filter=late), since=Min("waiting_since")))


@transaction.atomic
def _send(member, today):
    """Claim today's word to a member and write it after the commit, so that two workers write once."""
    member = ClinicUser.objects.select_for_update(of=("self",)).select_related("user", "clinic").get(pk=member.pk)
    if member.notification_preferences.get(SENT_ON) == today:
        return False
    member.notification_preferences = member.notification_preferences | {SENT_ON: today}
    member.save(update_fields=["notification_preferences", "updated_at"])
    waiting = waiting_for(member)
    if not waiting.count:
        return False
    mail_later(
        "inbox_digest",
        member.user.email,
        subject=format_lazy("{clinic}: {words}", clinic=member.clinic.name, words=_("what waits in your inbox")),
        language=language_of(member),
        clinic_name=member.clinic.name,
        waiting=waiting,
        button_url=absolute(f"{reverse('inbox:inbox')}?box=mine"),
        button_label=_("Open the inbox"),
        preferences_url=absolute(reverse("clinics:profile")),
    )
    return True
