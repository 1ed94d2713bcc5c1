"""The columns that the list of leads can show: each with its words, its order and its cell in a file."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from crm.models import ListLayout, TreatmentInterest

SIZES = (25, 50, 100)


@dataclass(frozen=True)
class Column:
    """`key` names it in addresses and templates; `cells` are what a file shows of a lead under each of `header`."""

    key: str
    label: str
    cells: Callable
    header: tuple = ()
    is_figure: bool = False
    is_sorted: bool = True

    @property
    def headings(self):
        return self.header or (self.label,)


def _phone(lead, _task, _tags):
    return [lead.phone_e164 or lead.phone]


def _value(lead, _task, _tags):
    return [f"{lead.expected_value_cents / 100:.2f}" if lead.expected_value_cents else ""]


def _interests(lead, _task, _tags):
    return [", ".join(str(TreatmentInterest(value).label) for value in lead.treatment_interest)]


def _next(_lead, task, _tags):
    return [task.title if task else "", task.due_at if task else ""]


NAME = Column(
    "name", _("Name"), lambda lead, _t, _g: [lead.first_name, lead.last_name], (_("First name"), _("Last name"))
)
COLUMNS = [
    NAME,
    Column("stage", _("Stage"), lambda lead, _t, _g: [lead.stage.name]),
    Column("phone", _("Phone"), _phone),
    Column("next", _("Next step"), _next, (_("Next step"), _("Due"))),
    Column("coordinator", _("Coordinator"), lambda lead, _t, _g: [lead.assigned_to and lead.assigned_to.display_name]),
    Column("source", _("Source"), lambda lead, _t, _g: [lead.source.name]),
    Column("value", _("Expected"), _value, (_("Expected value"),), is_figure=True),
    Column(
        "since", _("In stage"), lambda lead, _t, _g: [lead.stage_entered_at], (_("In stage since"),), is_figure=True
    ),
    Column("captured", _("Asked"), lambda lead, _t, _g: [lead.captured_at], (_("First asked"),), is_figure=True),
    Column("email", _("E-mail"), lambda lead, _t, _g: [lead.email]),
    Column("status", _("Status"), lambda lead, _t, _g: [lead.get_status_display()]),
    Column("interest", _("Interest"), _interests, is_sorted=False),
    Column("tags", _("Tags"), lambda _l, _t, tags: [", ".join(tags)], is_sorted=False),
    Column("location", _("Location"), lambda lead, _t, _g: [lead.location and lead.location.name]),
    Column("patient", _("For"), lambda lead, _t, _g: [lead.patient_name], is_sorted=False),
    Column("lost_reason", _("Lost because"), lambda lead, _t, _g: [lead.get_lost_reason_display()]),
    Column("campaign", _("Campaign"), lambda lead, _t, _g: [lead.source_campaign], is_sorted=False),
    Column("city", _("City"), lambda lead, _t, _g: [lead.city], is_sorted=False),
    Column("contacted", _("First contact"), lambda lead, _t, _g: [lead.first_contacted_at], is_sorted=False),
    Column("external_id", _("External id"), lambda lead, _t, _g: [lead.external_id], is_sorted=False),
]
BY_KEY = {column.key: column for column in COLUMNS}
USUAL = ["stage", "phone", "next", "coordinator", "source", "value", "since", "captured"]


@dataclass(frozen=True)
class Layout:
    """The columns of a list in order, the name always first, and how many rows a page has."""

    columns: tuple[Column, ...]
    size: int

    @property
    def keys(self):
        return [column.key for column in self.columns]

    def shows(self, key):
        return any(column.key == key for column in self.columns)


def layout_of(member):
    """The list as a member has arranged it, or as it usually is."""
    kept = ListLayout.objects.filter(member=member).first()
    return Layout(columns_of(kept.columns if kept else USUAL), kept.size if kept else SIZES[1])


def columns_of(keys):
    """The columns of some keys; a key that is not known any more is passed over."""
    others = dict.fromkeys(key for key in keys if key in BY_KEY and key != NAME.key)
    return (NAME, *(BY_KEY[key] for key in others))


@transaction.atomic
def arrange_list(member, *, columns, size):
    """Keep which columns a member wants to see, in which order, and how many rows a page. Returns the ListLayout."""
    keys = [column.key for column in columns_of(columns)[1:]]
    layout, _is_new = ListLayout.objects.update_or_create(
        member=member, defaults={"columns": keys, "size": size if size in SIZES else SIZES[1]}
    )
    return layout


def size_asked(query, layout):
    """How many rows the page at hand has: what its address says, or else what the member has chosen."""
    wanted = query.get("size", "")
    return int(wanted) if wanted.isdigit() and int(wanted) in SIZES else layout.size


def every_column():
    """The list with all its columns, for a file that leaves nothing out."""
    return Layout(columns_of(BY_KEY), SIZES[1])
