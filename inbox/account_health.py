"""How the channel accounts are going: what went and failed in a day, what waits; and what does harm is stopped."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, F, Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from clinics.models import ClinicUser, StaffNotification
from clinics.notifications import language_of, notify
from inbox.models import ChannelAccount, MessageStatus, UnifiedMessage
from inbox.models.message import ON_ITS_WAY

DAY, WEEK = timedelta(days=1), timedelta(days=7)
ENOUGH, WORST = 10, 0.5  # messages, and the share of them that failed, from which an account is stopped
WENT = (MessageStatus.SENT, MessageStatus.DELIVERED, MessageStatus.READ)


@dataclass(frozen=True)
class Health:
    """Figures of one account: messages that went and that failed in the last 24 hours, and those on their way."""

    went: int = 0
    failed: int = 0
    waiting: int = 0

    @property
    def failure_rate(self):
        """The share that failed, 0 to 1; None while nothing went."""
        tried = self.went + self.failed
        return self.failed / tried if tried else None


def health_of(accounts, *, since_trouble=False):
    """The Health of some accounts by their ids, in one statement; `since_trouble`: of what came after their last."""
    since = timezone.now() - DAY
    after = Q(account__last_error_at=None) | Q(happened_at__gt=F("account__last_error_at"))
    rows = (
        UnifiedMessage.objects.outbound()
        .filter(after if since_trouble else Q())
        .filter(account__in=[account.pk for account in accounts])
        .filter(Q(happened_at__gte=since) | Q(status__in=ON_ITS_WAY))
        .values("account")
        .annotate(
            went=Count("pk", filter=Q(status__in=WENT, happened_at__gte=since)),
            failed=Count("pk", filter=Q(status=MessageStatus.FAILED, happened_at__gte=since)),
            waiting=Count("pk", filter=Q(status__in=ON_ITS_WAY)),
        )
    )
    found = {row["account"]: Health(row["went"], row["failed"], row["waiting"]) for row in rows}
    return {account.pk: found.get(account.pk, Health()) for account in accounts}


def look_at_accounts():
    """Block accounts of the open clinic whose access has ended or whose messages mostly fail, and say so; warn a week
    before an access ends."""
    accounts = list(ChannelAccount.objects.active().filter(blocked_reason="").select_for_update(of=("self",)))
    health, now = health_of(accounts, since_trouble=True), timezone.now()
    for account in accounts:
        reason, ends = _harm_in(health[account.pk], account, now), account.token_expires_at
        if reason:
            account.blocked_reason, account.last_error, account.last_error_at = reason, reason, now
            account.save(update_fields=["blocked_reason", "last_error", "last_error_at", "updated_at"])
            _tell(account, _blocked_words)
        elif ends and ends < now + WEEK:
            _tell(account, _ending_words)


def _harm_in(health, account, now):
    if account.token_expires_at and account.token_expires_at <= now:
        return _("The access has ended. Put in a new token.")
    is_enough = health.went + health.failed >= ENOUGH
    if is_enough and health.failure_rate >= WORST:
        share = round(100 * health.failure_rate)
        return _("%(share)s %% of the messages of a day have failed. Test the account, then let it go on.") % {
            "share": share
        }
    return ""


def _blocked_words(account):
    return _("%(name)s is stopped: %(why)s") % {"name": account.label, "why": account.blocked_reason}


def _ending_words(account):
    return _("The access of %(name)s ends in a few days") % {"name": account.label}


def _tell(account, words):
    """A notice to every clinic admin, once a day for each account."""
    url = account.get_absolute_url()
    if StaffNotification.objects.filter(kind="account", url=url, created_at__gt=timezone.now() - DAY).exists():
        return
    for admin in ClinicUser.objects.admins().select_related("user", "clinic"):
        with translation.override(language_of(admin)):
            notify(admin, "account", words(account), url=url)
