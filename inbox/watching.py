"""Whether the sender keeps up: what waits and why, for a page, and a word to the admins when something is stuck."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Exists, Min, OuterRef, Q
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import ngettext

from clinics.models import ClinicUser, Role, StaffNotification
from clinics.notifications import language_of, notify
from inbox.models import ChannelAccount, InboxSettings, MessageStatus, UnifiedMessage
from inbox.patience import STUCK_AFTER
from inbox.reasons import REASONS

SAY_AGAIN_AFTER = timedelta(hours=6)
WAITING = (MessageStatus.PLANNED, MessageStatus.PENDING)


@dataclass(frozen=True)
class Waiting:
    """How many messages wait for one reason, in words, and since when the first of them."""

    text: str
    count: int
    since: object


def what_waits():
    """Everything on its way and not gone, counted by its reason; the most first."""
    counted = (
        UnifiedMessage.objects.on_its_way()
        .values("status", "reason")
        .annotate(n=Count("pk"), since=Min("created_at"))
        .order_by("-n")
    )
    return [Waiting(_words(row), row["n"], row["since"]) for row in counted]


def _words(row):
    if row["reason"] in REASONS:
        return str(REASONS[row["reason"]])
    return str(MessageStatus(row["status"]).label)


def doubtful_messages():
    """Messages of which a person has to say whether they went."""
    doubtful = UnifiedMessage.objects.filter(status=MessageStatus.UNKNOWN, not_before=None)
    return doubtful.select_related("conversation", "account").order_by("-handed_over_at", "-pk")


def stuck(now):
    """What is stuck, as [(kind, how many)]: accounts that do not move, barred accounts, doubts, and work left lying."""
    late = now - STUCK_AFTER
    rules = InboxSettings.objects.first()
    found = [
        ("doubtful", doubtful_messages().filter(handed_over_at__lt=late).count()),
        ("left", UnifiedMessage.objects.filter(status=MessageStatus.SENDING, lease_until__lt=late).count()),
    ]
    if rules is None or rules.stopped_at is None:
        waiting = UnifiedMessage.objects.filter(account=OuterRef("pk"), status__in=WAITING, not_before__lt=late)
        accounts = ChannelAccount.objects.active().filter(Exists(waiting))
        still = Q(last_out_at=None) | Q(last_out_at__lt=late)
        rests = Q(resting_until__gt=now)
        found += [
            ("barred", accounts.exclude(blocked_reason="").count()),
            ("still", accounts.filter(still, blocked_reason="").exclude(rests).count()),
        ]
    return [(kind, count) for kind, count in found if count]


def watch_outbox():
    """Tell the clinic's admins what is stuck, each kind at most every six hours; returns the kinds that were told."""
    now, told = timezone.now(), []
    for kind, count in stuck(now):
        notices = StaffNotification.objects.filter(kind=f"sending_{kind}", created_at__gt=now - SAY_AGAIN_AFTER)
        if notices.exists():
            continue
        for admin in ClinicUser.objects.active().filter(role=Role.CLINIC_ADMIN).select_related("user", "clinic"):
            with translation.override(language_of(admin)):
                notify(admin, f"sending_{kind}", _alarm(kind, count), url=reverse("inbox:sending"))
        told.append(kind)
    return told


def _alarm(kind, count):
    words = {
        "doubtful": ngettext(
            "Nobody knows whether %(n)s message went. Somebody has to decide.",
            "Nobody knows whether %(n)s messages went. Somebody has to decide.",
            count,
        ),
        "left": ngettext("%(n)s message was left lying half-way.", "%(n)s messages were left lying half-way.", count),
        "barred": ngettext(
            "Messages wait for %(n)s blocked account.", "Messages wait for %(n)s blocked accounts.", count
        ),
        "still": ngettext(
            "Messages wait for %(n)s account that sends nothing.",
            "Messages wait for %(n)s accounts that send nothing.",
            count,
        ),
    }
    return words[kind] % {"n": count}
