"""What a lead's page tells of its past: the path through the stages, and everything that happened, newest first."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinics.moments import moments_of_reader
from crm.activities import BY_HAND
from crm.leaving_out import label_of
from crm.models import ActivityType, LeadActivity, LeadSubmission
from crm.pipeline import UNDO_WITHIN

PAGE_SIZE = 30
KINDS = {
    "calls": (_("Calls"), {ActivityType.PHONE_CALL}),
    "messages": (_("Messages"), {ActivityType.EMAIL, ActivityType.SMS}),
    "notes": (_("Notes"), {ActivityType.NOTE}),
    "visits": (
        _("Visits"),
        {ActivityType.IN_PERSON, ActivityType.CONSULTATION_SCHEDULED, ActivityType.CONSULTATION_COMPLETED},
    ),
    "documents": (_("Documents"), {ActivityType.DOCUMENT_ADDED, ActivityType.DOCUMENT_SENT}),
    "inquiries": (_("Inquiries"), {ActivityType.FORM_SUBMIT}),
    "changes": (
        _("Changes"),
        {
            ActivityType.STAGE_CHANGE,
            ActivityType.ASSIGNMENT_CHANGE,
            ActivityType.TASK_COMPLETED,
            ActivityType.TAG_ADDED,
        },
    ),
}
ICONS = {
    ActivityType.EMAIL: "mail",
    ActivityType.SMS: "sms",
    ActivityType.IN_PERSON: "patients",
    ActivityType.NOTE: "note",
    ActivityType.STAGE_CHANGE: "arrow-right",
    ActivityType.ASSIGNMENT_CHANGE: "user",
    ActivityType.TASK_COMPLETED: "check",
    ActivityType.DOCUMENT_ADDED: "attach",
    ActivityType.DOCUMENT_SENT: "send",
    ActivityType.CONSULTATION_SCHEDULED: "calendar",
    ActivityType.CONSULTATION_COMPLETED: "calendar-check",
    ActivityType.FORM_SUBMIT: "globe",
    ActivityType.TAG_ADDED: "tag",
}
CALL_ICONS = {"VOICEMAIL": "voicemail", "NO_ANSWER": "phone-missed", "WRONG_NUMBER": "phone-missed"}
Channel = LeadSubmission.Channel
CHANNELS = dict(Channel.choices)
MACHINE = {
    ActivityType.STAGE_CHANGE,
    ActivityType.ASSIGNMENT_CHANGE,
    ActivityType.TASK_COMPLETED,
    ActivityType.TAG_ADDED,
}


@dataclass(frozen=True)
class Step:
    """One stage on the path of a lead. `state` is done, skipped, current or ahead."""

    stage: object
    state: str
    entered_at: datetime | None = None
    left_at: datetime | None = None

    @property
    def is_done(self):
        return self.state in ("done", "skipped")

    @property
    def stayed(self):
        """How long the lead stood here before it went on, None if that is not known or it still does."""
        return self.left_at - self.entered_at if self.left_at and self.entered_at else None


def stage_path(lead, stages, changes):
    """The steps of a lead through `stages` (in order), from its standing StageChanges, oldest first.

    Lost is a step only of a lead that is lost; then the way ends there, and what lies ahead stays ahead.
    """
    entered = {stages[0].pk: lead.captured_at} if stages and stages[0].is_default else {}
    left = {}
    for change in changes:
        entered[change.to_stage_id] = change.changed_at
        if change.from_stage_id:
            left[change.from_stage_id] = change.changed_at
    entered[lead.stage_id] = lead.stage_entered_at
    left.pop(lead.stage_id, None)
    on_the_way = [stage for stage in stages if stage.kind != stage.Kind.LOST]
    reached = max((stage.order for stage in on_the_way if stage.pk in entered), default=-1)

    steps = []
    for stage in stages:
        if stage.pk == lead.stage_id:
            state = "current"
        elif stage.kind == stage.Kind.LOST or stage.order > reached:
            state = "ahead"
        else:
            state = "done" if stage.pk in entered else "skipped"
        if stage.kind != stage.Kind.LOST or state == "current":
            steps.append(Step(stage, state, entered.get(stage.pk), left.get(stage.pk)))
    return steps


@dataclass(frozen=True)
class Entry:
    """One line of the timeline; `starts_day` puts the heading of its day before it."""

    activity: LeadActivity
    starts_day: bool

    @property
    def symbol(self):
        if self.activity.type == ActivityType.PHONE_CALL:
            arrow = "phone-in" if self.activity.direction == "INBOUND" else "phone-out"
            return CALL_ICONS.get(self.activity.outcome, arrow)
        return ICONS.get(self.activity.type, "info")

    @property
    def is_by_hand(self):
        return self.activity.type in BY_HAND

    @property
    def inquiry_id(self):
        """Which inquiry from outside this entry tells of, or ""."""
        payload = self.activity.payload
        return (
            payload.get("submission", "") if payload.get("channel") not in (None, Channel.STAFF, Channel.IMPORT) else ""
        )

    @property
    def is_fresh(self):
        """Whether it may still be taken back."""
        return self.is_by_hand and self.activity.created_at > timezone.now() - UNDO_WITHIN

    @cached_property
    def told(self):
        """What the line says, in plain words alone: lines that say the same are drawn once."""
        it, payload = self.activity, self.activity.payload
        is_call, moments = it.type == ActivityType.PHONE_CALL, moments_of_reader()
        return Told(
            type=it.type,
            type_words=str(it.get_type_display()),
            who=it.by.short_name if it.by else "",
            direction=it.direction,
            outcome=str(it.get_outcome_display()) if it.outcome else "",
            minutes=it.duration_minutes,
            notes=it.notes,
            before=str(payload.get("from") or ""),
            after=str(payload.get("to") or ""),
            next_title=str(payload.get("next_title") or ""),
            lost_reason=str(payload.get("lost_reason") or ""),
            title=str(payload.get("title") or ""),
            name=str(payload.get("name") or ""),
            channel=str(payload.get("channel") or ""),
            way=", ".join(map(str, filter(None, (CHANNELS.get(payload.get("channel")), payload.get("form"))))),
            rule=str(payload.get("rule") or ""),
            left_out=tuple(str(label_of(name)) for name in payload.get("left_out") or ()),
            answers=tuple(Answer(str(each["question"]), str(each["answer"])) for each in payload.get("answers") or ()),
            symbol=self.symbol,
            is_missed=is_call and it.outcome == "NO_ANSWER",
            clock=moments.clock(it.occurred_at),
            exact=moments.exact(it.occurred_at),
            at=moments.local(it.occurred_at).isoformat(),
        )

    @property
    def is_note(self):
        return self.activity.type == ActivityType.NOTE

    @property
    def is_machine(self):
        return self.activity.type in MACHINE


class Answer(NamedTuple):
    """An answer to a question of the clinic's own."""

    question: str
    answer: str


class Told(NamedTuple):
    """One line of the timeline in words; `before` and `after` are what somebody or something changed from and to."""

    type: str
    type_words: str
    who: str
    direction: str
    outcome: str
    minutes: int | None
    notes: str
    before: str
    after: str
    next_title: str
    lost_reason: str
    title: str
    name: str
    channel: str
    way: str  # by which an inquiry came: its channel, and the form if there is one
    rule: str  # by which a lead got another coordinator
    left_out: tuple  # what an inquiry said and this clinic does not keep
    answers: tuple
    symbol: str
    is_missed: bool
    clock: str
    exact: str
    at: str  # the moment in ISO form


@dataclass(frozen=True)
class Timeline:
    """One page of what happened; `counts` are (kind, words, number) of the kinds there are, `older` is the last id."""

    entries: list
    counts: list
    kind: str
    text: str
    total: int
    shown: int
    older: str


def read_timeline(lead, *, kind="", text="", after=""):
    """One page of a lead's timeline, newest first: entries of `kind` (a key of KINDS, or all) older than id `after`.

    With `text` only those in whose words it stands; then `total` counts these.
    """
    kind = kind if kind in KINDS else ""
    by_type = dict(lead.activities.order_by().values_list("type").annotate(count=Count("pk")))
    counts = [(name, words, sum(by_type.get(t, 0) for t in types)) for name, (words, types) in KINDS.items()]
    total = sum(by_type.values()) if not kind else next(n for name, _words, n in counts if name == kind)

    rows = lead.activities.for_timeline()
    if kind:
        rows = rows.filter(type__in=KINDS[kind][1])
    if text:
        rows = rows.with_words(text)
        total = rows.order_by().values("pk").count()
    last = _entry_of(lead, after)
    if last is not None:
        rows = rows.filter(Q(occurred_at__lt=last.occurred_at) | Q(occurred_at=last.occurred_at, pk__lt=last.pk))
    found = list(rows[: PAGE_SIZE + 1])
    page = found[:PAGE_SIZE]
    return Timeline(
        entries=_by_day(page, since=last),
        counts=[("", _("All"), sum(by_type.values())), *(row for row in counts if row[2])],
        kind=kind,
        text=text,
        total=total,
        shown=len(page),
        older=str(page[-1].pk) if len(found) > PAGE_SIZE else "",
    )


def _entry_of(lead, text):
    try:
        return lead.activities.filter(pk=UUID(text)).first() if text else None
    except ValueError:
        return None


def _by_day(activities, *, since):
    local = moments_of_reader().local
    day = local(since.occurred_at).date() if since else None
    entries = []
    for activity in activities:
        before, day = day, local(activity.occurred_at).date()
        entries.append(Entry(activity, day != before))
    return entries
