"""What carriers tell about messages of ours: kept as it came, applied if it says more than what is known."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models import OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from clinics.audit import SYSTEM, record
from clinics.live import publish
from clinics.writing import update_rows
from inbox.models import DeliveryReport, Direction, MessageStatus, UnifiedMessage
from inbox.patience import EARLY_REPORTS_KEPT, TRY_AGAIN, next_pause
from inbox.reasons import PASSING
from inbox.refusals import end_unsent, learn_from_refusal

SALT = "inbox.report"
# How much a word of a carrier says: it is applied only if it says more. The first of two that contradict stays, but
# that they have read it proves that it arrived.
RANK = {
    MessageStatus.SENT: 1,
    MessageStatus.DELIVERED: 4,
    MessageStatus.FAILED: 4,
    MessageStatus.READ: 5,
}

REPORTED = [
    "external_message_id", "status", "status_rank", "status_at", "sent_at", "fence", "lease_until", "not_before",
    "reason", "reason_detail", "updated_at",
]  # fmt: skip


@dataclass(frozen=True)
class Report:
    """What a carrier tells of one message: `status` is SENT, DELIVERED, READ or FAILED (with a reason of ours).

    `word` and `error_code` are the carrier's own. `key` is the id of our message, if the carrier gives back what
    `report_url` told it: then it is found also before we know the carrier's id.
    """

    external_id: str
    status: str
    word: str = ""
    reason: str = ""
    error_code: str = ""
    detail: str = ""
    key: str = ""
    told_at: datetime | None = None
    payload: dict = field(default_factory=dict)


def report_url(message, account):
    """The public address at which a carrier tells of one message; "" for an account that none calls.

    It names the message and proves that we named it, so that a word of the carrier is understood whatever was lost.
    """
    if account.connection is None:
        return ""
    proof = signing.Signer(salt=SALT).signature(str(message.pk))
    return f"{settings.BASE_URL.rstrip('/')}{account.connection.get_path()}?o={message.pk}&t={proof}"


def key_in(query):
    """The id of our message that stands in the query of a call to a report_url; "" if it was not made by us."""
    key, proof = query.get("o", ""), query.get("t", "")
    is_ours = key and constant_time_compare(signing.Signer(salt=SALT).signature(key), proof)
    return key if is_ours else ""


@transaction.atomic
def take_report(account, report):
    """Keep what a carrier tells of a message and apply it; returns the UnifiedMessage, or None if it is not known yet.

    A word told twice is one. What is told too early is applied as soon as the message is known (apply_early_reports).
    """
    message = _find(account, report)
    told = DeliveryReport.objects.filter(
        account=account,
        external_message_id=report.external_id[:255],
        status=report.status,
        error_code=report.error_code[:40],
    )
    if told.exists():
        return message
    _kept(account, message, report).save(force_insert=True)
    if message is not None:
        apply_report(message, report)
    return message


@transaction.atomic
def take_reports(account, reports):
    """As take_report, for many words none of which is a refusal, in a few statements; returns the message of each."""
    by_key, by_id = _find_all(account, reports)
    ids = {report.external_id[:255] for report in reports}
    rows = DeliveryReport.objects.filter(account=account, external_message_id__in=ids)
    told = set(rows.values_list("external_message_id", "status", "error_code"))
    kept, changed, about = [], {}, []
    for report in reports:
        message = by_key.get(report.key) or by_id.get(report.external_id[:255])
        about.append(message)
        word = (report.external_id[:255], report.status, report.error_code[:40])
        if word in told:
            continue
        told.add(word)
        kept.append(_kept(account, message, report))
        if message is not None and _says_more(message, report):
            _become(message, report)
            changed[message.pk] = message
            by_id.setdefault(message.external_message_id, message)
    DeliveryReport.objects.bulk_create(kept)
    update_rows(list(changed.values()), REPORTED)
    publish(*sorted({f"conversation-{message.conversation_id}" for message in changed.values()}))
    return about


def _kept(account, message, report):
    return DeliveryReport(
        account=account,
        message=message,
        external_message_id=report.external_id[:255],
        status=report.status,
        error_code=report.error_code[:40],
        payload={"word": report.word, "reason": report.reason, "detail": report.detail} | report.payload,
        told_at=report.told_at or timezone.now(),
    )


def apply_early_reports(message):
    """Apply what was told of a (locked) message before its id at the carrier was known."""
    if not message.external_message_id or not message.account_id:
        return
    early = DeliveryReport.objects.filter(
        account_id=message.account_id, external_message_id=message.external_message_id, message=None
    )
    for row in early.select_for_update(of=("self",)).order_by("told_at", "pk"):
        row.message = message
        row.save(update_fields=["message", "updated_at"])
        facts = {name: row.payload.get(name, "") for name in ("word", "reason", "detail")}
        report = Report(row.external_message_id, row.status, error_code=row.error_code, told_at=row.told_at, **facts)
        apply_report(message, report)


def apply_reports_before(messages):
    """Apply what was told of some messages of ours before their ids at the carrier were known; one question for all."""
    known = {message.external_message_id: message.pk for message in messages if message.external_message_id}
    early = DeliveryReport.objects.filter(external_message_id__in=list(known), message=None)
    for external_id in sorted(set(early.values_list("external_message_id", flat=True))):
        apply_early_reports(UnifiedMessage.objects.select_for_update(of=("self",)).get(pk=known[external_id]))


def apply_late_matches():
    """Apply what was told in the very moment in which its message learnt its id, so that neither saw the other."""
    mine = UnifiedMessage.objects.filter(
        account=OuterRef("account"), external_message_id=OuterRef("external_message_id"), direction=Direction.OUTBOUND
    )
    fresh = DeliveryReport.objects.filter(message=None, created_at__gt=timezone.now() - EARLY_REPORTS_KEPT)
    missed = fresh.annotate(found=Subquery(mine.values("pk")[:1])).filter(found__isnull=False)
    for message_id in sorted(set(missed.values_list("found", flat=True)[:100])):
        apply_early_reports(UnifiedMessage.objects.select_for_update(of=("self",)).get(pk=message_id))


def apply_report(message, report):
    """Let a (locked) message be what its carrier says it is, if that is more than was known."""
    if not _says_more(message, report):
        return
    if report.status == MessageStatus.FAILED:
        learn_from_refusal(message, report.reason, detail=report.detail)
        if _try_again(message, report):
            return
    _become(message, report)
    message.save()
    if report.status == MessageStatus.FAILED:
        end_unsent(message)
        record("inbox.message.failed", message, by=SYSTEM, metadata={"reason": message.reason})
    publish(f"conversation-{message.conversation_id}")


def _says_more(message, report):
    is_of_an_earlier_try = report.external_id in message.metadata.get("earlier_ids", [])
    return RANK.get(report.status, 0) > message.status_rank and not is_of_an_earlier_try


def _become(message, report):
    now = timezone.now()
    message.external_message_id = message.external_message_id or report.external_id[:255] or None
    message.status, message.status_rank = report.status, RANK[report.status]
    message.status_at = report.told_at or now
    message.sent_at = message.sent_at or report.told_at or now
    message.fence = message.lease_until = message.not_before = None
    is_failed = report.status == MessageStatus.FAILED
    message.reason = (report.reason or "not_delivered") if is_failed else ""
    message.reason_detail = _detail(report) if is_failed else ""


def _try_again(message, report):
    """A message that the carrier proves not to have delivered, for a reason that passes, is planned once more."""
    pause = next_pause(TRY_AGAIN, message.tries + 2) if report.reason in PASSING else None
    if pause is None or (message.expires_at and timezone.now() + pause > message.expires_at):
        return False
    earlier = [*message.metadata.get("earlier_ids", []), report.external_id]
    message.metadata = message.metadata | {"earlier_ids": earlier}
    message.status, message.status_rank, message.external_message_id = MessageStatus.PENDING, 0, None
    message.fence = message.lease_until = message.handed_over_at = None
    message.not_before = timezone.now() + max(pause, timedelta(minutes=15))
    message.reason, message.reason_detail = report.reason, _detail(report)
    message.save()
    publish(f"conversation-{message.conversation_id}")
    return True


def _detail(report):
    return " ".join(filter(None, (report.error_code, report.detail)))[:300]


def _find(account, report):
    """The message of ours that a report is about, locked."""
    ours = UnifiedMessage.objects.select_for_update(of=("self",)).filter(direction=Direction.OUTBOUND, account=account)
    if report.key:
        found = ours.filter(pk=report.key).first()
        if found is not None:
            return found
    return ours.filter(external_message_id=report.external_id[:255]).first()


def _find_all(account, reports):
    """The messages of ours that some reports are about, locked: {our key: message}, {the carrier's id: message}."""
    keys, ids = {report.key for report in reports} - {""}, {report.external_id[:255] for report in reports}
    ours = UnifiedMessage.objects.filter(direction=Direction.OUTBOUND, account=account)
    about = Q(pk__in=keys) | Q(external_message_id__in=ids)
    rows = list(ours.filter(about).select_for_update(of=("self",)).order_by("pk"))
    return {str(row.pk): row for row in rows}, {row.external_message_id: row for row in rows if row.external_message_id}
