"""What comes in, kept before it is understood; and what people decide about the part that could not be taken in.

Keeping is one short write: whoever calls answers at once, and `crm.understanding` makes leads of it afterwards.
"""

import hashlib

from django.db import transaction
from django.utils import timezone

from clinics.audit import plain, record
from clinics.background import wake_for_all
from clinics.live import publish
from crm.models import LeadSubmission
from crm.rules import AlreadyTakenIn, NotSetAside

Status = LeadSubmission.Status
INQUIRIES = "inquiries"  # the topic of the list of inquiries, and of its count in the navigation


def keep_submission(channel, payload, *, idempotency_key="", context=None, **facts):
    """Keep an inquiry exactly as it came, sealed, and wake a worker for it; returns the LeadSubmission.

    `payload` is what JSON can hold; `context` says through which door it came (rows are kept as ids); `facts` are
    other fields: `received_at`, `due_at`, `form`. The same `idempotency_key` of a channel twice, even at the same
    moment, keeps the first alone and returns that.
    """
    kept = write_submission(channel, payload, idempotency_key=idempotency_key, context=context, **facts)
    wake_for_all("crm.tasks.process_submissions")
    return kept


def leave_submission(channel, payload, *, idempotency_key, **facts):
    """Keep an inquiry as keep_submission does, for whoever need not know which row it has become; returns nothing."""
    row = build_submission(channel, payload, idempotency_key=idempotency_key, **facts)
    LeadSubmission.objects.bulk_create([row], ignore_conflicts=True)
    wake_for_all("crm.tasks.process_submissions")


def write_submission(channel, payload, *, idempotency_key="", context=None, **facts):
    """Keep an inquiry without waking anybody, for callers who take it in themselves within the same transaction."""
    row = build_submission(channel, payload, idempotency_key=idempotency_key, context=context, **facts)
    LeadSubmission.objects.bulk_create([row], ignore_conflicts=bool(idempotency_key))
    return LeadSubmission.objects.get(idempotency_key=row.idempotency_key) if idempotency_key else row


def build_submission(channel, payload, *, idempotency_key="", context=None, **facts):
    """An inquiry as it is kept, unsaved."""
    now = timezone.now()
    return LeadSubmission(
        channel=channel,
        payload=payload,
        context=plain(context or {}),
        idempotency_key=key_of(channel, idempotency_key),
        **{"received_at": now, "due_at": now} | facts,
    )


def write_submissions(rows):
    """Keep many built inquiries, each with a key; returns in order the ids under which they are kept, now or before."""
    LeadSubmission.objects.bulk_create(rows, ignore_conflicts=True)
    keys = [row.idempotency_key for row in rows]
    kept = dict(LeadSubmission.objects.filter(idempotency_key__in=keys).values_list("idempotency_key", "pk"))
    return [kept[key] for key in keys]


def key_of(channel, idempotency_key):
    """The key as it is stored: of its channel, and no longer than its column, whatever an outside system sends."""
    if not idempotency_key:
        return None
    return hashlib.sha256(f"{channel}:{idempotency_key}".encode()).hexdigest()


def lock_submission(submission):
    return (
        LeadSubmission.objects.select_for_update(of=("self",))
        .select_related("clinic", "lead", "form")
        .get(pk=submission.pk)
    )


@transaction.atomic
def replay_submission(submission, *, by, corrections=None):
    """Send an inquiry through again from the start, with what somebody corrected (Lead field -> value) in mind.

    Corrections stand beside what came, which is never changed; an empty value leaves a field out. Records
    "crm.submission.replayed". Raises AlreadyTakenIn.
    """
    submission = lock_submission(submission)
    if submission.status == Status.PROCESSED:
        raise AlreadyTakenIn
    before = {"status": submission.status, "reason": submission.reason}
    if corrections is not None:
        submission.corrections = (submission.corrections or {}) | plain(corrections)
    submission.status, submission.reason, submission.error = Status.RECEIVED, "", ""
    submission.attempts, submission.due_at = 0, timezone.now()
    submission.save(update_fields=["status", "reason", "error", "attempts", "due_at", "corrections", "updated_at"])
    record("crm.submission.replayed", submission, by=by, before=before, after={"corrected": sorted(corrections or {})})
    publish(INQUIRIES)
    wake_for_all("crm.tasks.process_submissions")
    return submission


@transaction.atomic
def replay_submissions(submissions, *, by):
    """Send many through again, whatever each waits for; returns how many. Each is on record; see replay_submission."""
    found = list(submissions.to_replay().select_for_update(of=("self",)).order_by("pk"))
    for submission in found:
        replay_submission(submission, by=by)
    return len(found)


@transaction.atomic
def ignore_submission(submission, *, by):
    """Set an inquiry aside that is none; returns it. It stays, and can be taken back at any time.

    Records "crm.submission.ignored". Raises AlreadyTakenIn.
    """
    submission = lock_submission(submission)
    if submission.status == Status.PROCESSED:
        raise AlreadyTakenIn
    if submission.status == Status.IGNORED:
        return submission
    before = {"status": submission.status}
    submission.status = Status.IGNORED
    submission.save(update_fields=["status", "updated_at"])
    record("crm.submission.ignored", submission, by=by, before=before)
    publish(INQUIRIES)
    return submission


@transaction.atomic
def restore_submission(submission, *, by):
    """Take back that an inquiry was set aside: it waits again for the reason it had. Records "crm.submission.restored".

    One that had no reason is sent through. Raises NotSetAside.
    """
    submission = lock_submission(submission)
    if submission.status != Status.IGNORED:
        raise NotSetAside
    submission.status = Status.FAILED if submission.reason else Status.RECEIVED
    submission.due_at = timezone.now()
    submission.save(update_fields=["status", "due_at", "updated_at"])
    record("crm.submission.restored", submission, by=by, after={"status": submission.status})
    publish(INQUIRIES)
    wake_for_all("crm.tasks.process_submissions")
    return submission


def failed_submissions():
    """The inquiries that wait for a person of the open clinic."""
    return LeadSubmission.objects.failed()
