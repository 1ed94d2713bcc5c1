"""Calls that come in: one entry on the page of whoever calls, which only rises from ringing to what became of it.

News of a call comes more than once and in any order. A number that nobody has here becomes a lead, phone alone; a
caller who does not show one never does. A missed call leaves a task for today.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection as database
from django.utils import timezone
from django.utils.translation import gettext as _

from clinics.audit import SYSTEM, record
from clinics.live import publish
from clinics.webhook_sources import Hopeless, Ignored, Outcome
from crm.activities import add_task
from crm.asking_again import find_same_person
from crm.models import ActivityType, CallOutcome, Direction, LeadActivity, LeadStatus, LeadSubmission
from crm.pipeline import lock_lead
from crm.submissions import write_submission
from crm.understanding import process_submission

MISSED = {"no-answer", "busy", "failed", "canceled"}
OVER = MISSED | {"completed"}
SHORT_SECONDS = 10
CALL_BACK_WITHIN = timedelta(minutes=5)


@dataclass(frozen=True)
class CallNews:
    """What was told of a call: `state` in Twilio's words; `is_of_desk`, of the line put through to the clinic's desk,
    which alone tells whether somebody took the call; `is_question`, whether we were asked what to do with it. `caller`
    is E.164, or "" when it was not shown."""

    call_id: str
    state: str
    is_of_desk: bool
    is_question: bool
    caller: str
    seconds: int | None
    place: str
    moment: datetime

    @property
    def rank(self):
        """How much this news knows: only a higher one changes what was written before."""
        if self.is_of_desk:
            return 4
        if self.state in OVER:
            return 3
        return 2 if self.state == "in-progress" else 1


def note_call(clinic, news, *, connection):
    """Write down what was told of a call on its lead's page; returns an Outcome about the lead.

    Raises Ignored for callers without a number, Hopeless when no lead can be made of the caller.
    """
    if not news.caller:
        raise Ignored(_("The caller did not show a number."))
    _lock_call(clinic, news.call_id)
    activity_id = uuid.uuid5(clinic.pk, news.call_id)
    known = LeadActivity.objects.select_related("lead").filter(pk=activity_id).first()
    if known is None:
        lead = _lead_of(clinic, news, connection)
        known = LeadActivity(
            pk=activity_id,
            lead=lead,
            type=ActivityType.PHONE_CALL,
            direction=Direction.INBOUND,
            occurred_at=news.moment,
        )
    facts = _merged(known.payload, news)
    if facts == known.payload:
        return Outcome(_("Nothing new about this call"), about=known.lead)
    _write(known, facts, connection.settings)
    lead = lock_lead(known.lead)
    is_missed = known.outcome == CallOutcome.NO_ANSWER
    if is_missed:
        _ask_to_call_back(lead, news)
    else:
        _drop_call_back(lead, news)
    if known.outcome == CallOutcome.SPOKE:
        _note_contact(lead, news)
    record(
        "crm.lead.called",
        lead,
        by=SYSTEM,
        metadata={"state": news.state, "outcome": known.outcome, "activity": known.pk},
    )
    publish(f"lead-{lead.pk}", "board")
    return Outcome(_("Missed call") if is_missed else _("Call on the page of the lead"), about=lead)


def note_voicemail(clinic, news, *, event):
    """Take in that a caller left spoken words; returns an Outcome about the lead. Records "crm.lead.left_voicemail".

    Raises Ignored for callers without a number.
    """
    if not news.caller:
        raise Ignored(_("The caller did not show a number."))
    _lock_call(clinic, news.call_id)
    lead = _lead_of(clinic, news, event.connection)
    record("crm.lead.left_voicemail", lead, by=SYSTEM, metadata={"event": event.pk})
    return Outcome(_("A spoken message"), about=lead)


def _merged(known, news):
    """All that is known of a call: the same in whatever order the news came."""
    facts = {"call": news.call_id} | known
    if news.rank > known.get("rank", 0):
        facts |= {"rank": news.rank, "state": news.state, "is_of_desk": news.is_of_desk, "seconds": news.seconds}
    if news.is_question:
        facts["we_answered"] = True
    return facts


def outcome_of(facts, settings):
    """What became of a call, as a CallOutcome, or "" while that is open: missed are those that nobody took, that were
    cut short, or whose caller only heard our words."""
    state, seconds = facts["state"], facts["seconds"]
    if state not in OVER:
        return ""
    is_short = seconds is not None and seconds < int(settings.get("short_seconds", SHORT_SECONDS))
    if state in MISSED or is_short:
        return CallOutcome.NO_ANSWER
    if facts["is_of_desk"]:
        return CallOutcome.SPOKE
    if settings.get("forward_to"):
        return ""  # the desk's own line will say
    return CallOutcome.NO_ANSWER if facts.get("we_answered") else CallOutcome.SPOKE


def _lock_call(clinic, call_id):
    """News of one call stands in line, so that two workers do not make two leads of it."""
    with database.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{clinic.pk}:call:{call_id}"])


def _lead_of(clinic, news, connection):
    """Whoever has this number, somebody who became a patient included; else a new lead, phone alone."""
    lead = find_same_person(clinic, {"phone": news.caller})
    if lead is not None:
        return lead
    chosen = {name: connection.settings.get(name) for name in ("source", "location")}
    submission = write_submission(
        LeadSubmission.Channel.PHONE,
        {"phone": news.caller, "city": news.place.partition(",")[0]},
        idempotency_key=f"call:{news.call_id}",
        context={name: value for name, value in chosen.items() if value},
        received_at=news.moment,
    )
    submission = process_submission(submission)
    if submission.lead is None:
        raise Hopeless(submission.error)
    return submission.lead


def _write(activity, facts, settings):
    """Raise an entry to what is known now; the minutes are begun ones, as on a bill."""
    activity.payload, activity.outcome = facts, outcome_of(facts, settings)
    has_length = activity.outcome == CallOutcome.SPOKE and facts["seconds"] is not None
    activity.duration_minutes = -(-facts["seconds"] // 60) if has_length else None
    activity.save()


def _task_key(news):
    return f"call-{news.call_id}"


def _ask_to_call_back(lead, news):
    if not lead.is_locked:
        due = timezone.now() + CALL_BACK_WITHIN
        add_task(lead, by=SYSTEM, title=_("Missed call: call back"), due_at=due, key=_task_key(news))


def _drop_call_back(lead, news):
    """A call that seemed missed was taken after all: what was to be done about it is not."""
    task_id = uuid.uuid5(lead.pk, _task_key(news))
    lead.tasks.filter(pk=task_id, completed_at=None).delete()


def _note_contact(lead, news):
    """Somebody of the clinic spoke to them: the clock to the first contact stops."""
    if lead.first_contacted_at is None and not lead.is_locked:
        lead.first_contacted_at = news.moment
        lead.status = LeadStatus.ACTIVE if lead.status == LeadStatus.NEW else lead.status
        lead.save(update_fields=["first_contacted_at", "status", "updated_at"])
