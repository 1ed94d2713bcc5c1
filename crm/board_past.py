"""The time machine: the board as it stood at the end of any past day, rewound from what happened since.

A lead stands today where it stands; the first move made (or taken back) after that day tells where it stood then. The
same way the first change of its value since tells what it was worth, and the archive's entries whether it was shown.
Who took care of it is told by the assignments since. Its source, interest and tags are those of today.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import (
    BigIntegerField,
    Case,
    Count,
    DateTimeField,
    Exists,
    F,
    OuterRef,
    Q,
    Subquery,
    Sum,
    UUIDField,
    Value,
    When,
    Window,
)
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, NullIf, RowNumber
from django.utils import timezone

from clinics.models import AuditLog
from crm.board import PAGE, Total, column_with, total_of
from crm.board_order import NEWEST
from crm.cards import PastCardMaker, with_card_fields
from crm.models import Lead, PipelineStage, StageChange

ASSIGNMENT = ("crm.lead.assigned", "crm.lead.assignment_undone")
ARCHIVE = ("crm.lead.archived", "crm.lead.unarchived")


@dataclass(frozen=True)
class PastBoard:
    """The columns of a day, as those of the board, and the total of the open ones."""

    day: date
    columns: tuple
    total: Total

    @property
    def before(self):
        return self.day - timedelta(days=1)

    @property
    def after(self):
        """The next day, or None where it has not ended yet."""
        return self.day + timedelta(days=1) if self.day + timedelta(days=1) < timezone.localdate() else None


def end_of(day):
    """The moment at which a day is over in the clinic's time zone."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))


def board_on(day, clinic, lead_filter):
    """The filtered board as it stood when `day` was over, with exact figures and the first cards of each column."""
    stages = list(PipelineStage.objects.in_order())
    leads = lead_filter.narrow_past(leads_at(end_of(day)))
    place = Window(RowNumber(), partition_by="stage_then", order_by=[F("entered_then").desc(), F("pk").desc()])
    first = leads.annotate(place=place).filter(place__lte=PAGE + 1).values_list("pk", flat=True)
    cards = _cards(list(first), day, clinic, lead_filter, stages)
    totals = totals_of(leads)
    columns = tuple(_column(stage, stages, totals, cards.get(stage.pk, []), page=1) for stage in stages)
    return PastBoard(day, columns, total_of(columns))


def column_on(day, stage, clinic, lead_filter, *, page):
    """A page of one column of that day, counted from 1."""
    stages = list(PipelineStage.objects.in_order())
    leads = lead_filter.narrow_past(leads_at(end_of(day))).filter(stage_then=stage.pk)
    ids = leads.order_by("-entered_then", "-pk").values_list("pk", flat=True)[(page - 1) * PAGE : page * PAGE + 1]
    cards = _cards(list(ids), day, clinic, lead_filter, stages)
    return _column(stage, stages, totals_of(leads), cards.get(stage.pk, []), page=page)


def totals_of(leads):
    """Exact figures of each stage of leads from `leads_at`: {stage_id: {"count", "cents"}}."""
    rows = leads.order_by().values("stage_then").annotate(count=Count("pk"), cents=Coalesce(Sum("value_then"), 0))
    return {row["stage_then"]: row for row in rows}


def leads_at(moment):
    """The leads that the board showed at a moment, with `stage_then`, `entered_then`, `value_then` and `owner_then`."""
    return Lead.objects.filter(shown_at(moment)).annotate(**past_of(moment))


def shown_at(moment):
    """What holds of a lead that the board showed at a moment: it had asked, and was neither deleted nor archived."""
    kept = Q(deleted_at=None) | Q(deleted_at__gte=moment)
    out = Q(archived_at=None) | Q(archived_at__gte=moment)
    return Q(captured_at__lt=moment) & kept & out & ~Q(pk__in=_archived_at(moment))


def past_of(moment):
    """What annotates leads with where they stood at a moment, since when, what they were worth, and whose they were."""
    return {
        "owner_then": Case(
            When(Exists(_assigned(moment)), then=Subquery(_assigned(moment).values("owner")[:1])),
            default=F("assigned_to_id"),
            output_field=UUIDField(),
        ),
        "stage_then": Coalesce(_since(moment).values("stage")[:1], F("stage_id")),
        "entered_then": Case(
            When(Exists(_since(moment)), then=Coalesce(_until(moment).values("changed_at")[:1], F("captured_at"))),
            default=F("stage_entered_at"),
            output_field=DateTimeField(),
        ),
        "value_then": Case(
            When(Exists(_valued(moment)), then=Subquery(_valued(moment).values("cents")[:1])),
            default=F("expected_value_cents"),
            output_field=BigIntegerField(),
        ),
    }


def _since(moment):
    """What moved a lead since, a move or its being taken back, the first of all on top; `stage` is where it stood."""
    moves = StageChange.objects.filter(lead=OuterRef("pk")).filter(Q(changed_at__gte=moment) | Q(undone_at__gte=moment))
    is_move = Q(changed_at__gte=moment)
    moves = moves.annotate(
        at=Case(When(is_move, then=F("changed_at")), default=F("undone_at")),
        stage=Case(When(is_move, then=F("from_stage_id")), default=F("to_stage_id")),
    )
    return moves.order_by("at", "pk")


def _until(moment):
    """The moves that stood at the moment, the last on top."""
    moves = StageChange.objects.filter(lead=OuterRef("pk"), changed_at__lt=moment)
    return moves.filter(Q(undone_at=None) | Q(undone_at__gte=moment)).order_by("-changed_at", "-pk")


def _valued(moment):
    """The changes of a lead's value since, the first of all on top; `cents` is what it was before."""
    changes = AuditLog.objects.about_any(Lead).filter(resource_id=OuterRef("pk"), action="crm.opportunity.set")
    cents = Cast(KeyTextTransform("expected_value_cents", "before"), BigIntegerField())
    return changes.filter(created_at__gte=moment).annotate(cents=cents).order_by("created_at", "id")


def _assigned(moment):
    """The assignments of a lead since, the first of all on top; `owner` is who had it before."""
    changes = AuditLog.objects.about_any(Lead).filter(resource_id=OuterRef("pk"), action__in=ASSIGNMENT)
    owner = Cast(NullIf(KeyTextTransform("assigned_to", "before"), Value("")), UUIDField())
    return changes.filter(created_at__gte=moment).annotate(owner=owner).order_by("created_at", "id")


def _archived_at(moment):
    """The leads that lay in the archive at a moment and were taken out of it since."""
    entries = AuditLog.objects.filter(action__in=ARCHIVE, created_at__lt=moment)
    last = entries.filter(resource_id=OuterRef("resource_id")).order_by("-created_at", "-id").values("action")[:1]
    return entries.annotate(last=Subquery(last)).filter(last=ARCHIVE[0]).values("resource_id")


def _cards(ids, day, clinic, lead_filter, stages):
    by_id = {stage.pk: stage for stage in stages}
    make = PastCardMaker(clinic, lead_filter.names, NEWEST, end_of(day))
    rows = with_card_fields(Lead.objects.filter(pk__in=ids)).annotate(**past_of(end_of(day)))
    cards = {}
    for lead in rows.order_by("-entered_then", "-pk"):
        cards.setdefault(lead.stage_then, []).append(make.card(lead, by_id[lead.stage_then]))
    return cards


def _column(stage, stages, totals, cards, *, page):
    more = str(page + 1) if len(cards) > PAGE else ""
    return column_with(stage, stages, totals.get(stage.pk, {}), cards=tuple(cards[:PAGE]), after=more)
