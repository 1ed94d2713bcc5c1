"""In which order a column shows its cards; the address keeps it, and each card has a place in it.

A place is a whole number: the key of the order, larger the higher the card stands. Together with the lead's id it is
exact, so that a column goes on below any card without counting those above.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db.models import DateTimeField, F, OuterRef, Subquery, Value
from django.db.models.fields.tuple_lookups import TupleGreaterThan, TupleLessThan
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from crm.models import LeadTask

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
# Where a lead without a next step stands in time: after everything that was ever planned, and exact in a script.
NEVER = datetime(2200, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class BoardOrder:
    """One way to order a column: `field` of the lead (or what `key` makes of it), `descending` or not."""

    name: str
    label: str
    field: str
    descending: bool = True
    instead: object = None  # where a lead without a value stands
    is_moment: bool = True

    @property
    def key(self):
        """The key in the database, never NULL."""
        if self.field == "next_task":
            tasks = LeadTask.objects.open().filter(lead=OuterRef("pk")).order_by("due_at", "pk")
            never = Value(NEVER, output_field=DateTimeField())
            return Coalesce(Subquery(tasks.values("due_at")[:1]), never)
        return F(self.field) if self.instead is None else Coalesce(self.field, self.instead)

    def top_first(self, leads):
        """The leads in this order, those with the same key by who came last."""
        if self.descending:
            return leads.order_by(self.key.desc(), "-pk")
        return leads.order_by(self.key.asc(), "pk")

    def below(self, leads, place):
        """The leads under a place. Raises ValueError for a text that is none."""
        number, lead_id = read_place(place)
        key = self._moment(number if self.descending else -number) if self.is_moment else number
        if self.field == "stage_entered_at":  # the bare column is what the index knows
            column = self.field
        else:
            column, leads = "board_key", leads.alias(board_key=self.key)
        compare = TupleLessThan if self.descending else TupleGreaterThan
        return leads.filter(compare((F(column), F("id")), (key, lead_id)))

    def number_of(self, lead):
        """The place of a lead of `with_card_fields` as a number; of a moment, its microseconds."""
        value = getattr(lead, self.field)
        if self.field == "next_task" and value:
            value = datetime.fromisoformat(value["due_at"])
        if self is BY_HAND:
            value = value or lead.stage_entered_at
        if self.is_moment:
            value = ((value or NEVER) - EPOCH) // MICROSECOND
        elif value is None:
            value = self.instead
        return value if self.descending else -value

    def place_of(self, lead):
        """The place of a lead as it stands in an address."""
        return f"{self.number_of(lead)}-{lead.pk.hex}"

    def _moment(self, number):
        try:
            return EPOCH + timedelta(microseconds=number)
        except OverflowError as error:
            raise ValueError(number) from error


NEWEST = BoardOrder("newest", _("Newest"), "stage_entered_at")
# A card that nobody has put anywhere stands where it would stand among the newest.
BY_HAND = BoardOrder("hand", _("By hand"), "hand_place", instead=F("stage_entered_at"))
ORDERS = [
    NEWEST,
    BoardOrder("longest", _("Longest in the stage"), "stage_entered_at", descending=False),
    BoardOrder("next", _("Next step"), "next_task", descending=False),
    BoardOrder("value", _("Value"), "expected_value_cents", instead=0, is_moment=False),
    BoardOrder("score", _("Score"), "score", instead=-1, is_moment=False),
    BY_HAND,
]


def order_asked(query):
    """The order that an address asks for, or the usual one: who came to the stage last stands on top."""
    wanted = query.get("sort", "")
    return next((order for order in ORDERS if order.name == wanted), NEWEST)


def read_place(text):
    """The number and the id of a place; raises ValueError for anything that is none, or too large to be one."""
    number, _dash, lead_id = text.rpartition("-")
    number, lead_id = int(number), UUID(lead_id)
    if abs(number) >= 2**63:
        raise ValueError(text)
    return number, lead_id
