"""The columns that the list of leads can show: each with its words, its order and its cell in a file."""

from django.utils.translation import gettext_lazy as _

from clinics.list_columns import Catalogue, Column
from clinics.models import SavedView
from crm.asked_questions import asked_questions
from crm.models import LeadStatus, LostReason


def _phone(lead, _task, _tags):
    return [lead.phone_e164 or lead.phone]


def _value(lead, _task, _tags):
    return [f"{lead.expected_value_cents / 100:.2f}" if lead.expected_value_cents else ""]


def _interests(lead, _task, _tags):
    return [", ".join(map(str, lead.interests))]


def _status(lead, _task, _tags):
    return [LeadStatus(lead.status).label]


def _lost_reason(lead, _task, _tags):
    return [LostReason(lead.lost_reason).label if lead.lost_reason else ""]


def _next(_lead, task, _tags):
    return [task.title if task else "", task.due_at if task else ""]


NAME = Column(
    "name", _("Name"), lambda lead, _t, _g: [lead.first_name, lead.last_name], (_("First name"), _("Last name"))
)
COLUMNS = [
    NAME,
    Column("stage", _("Stage"), lambda lead, _t, _g: [lead.stage]),
    Column("phone", _("Phone"), _phone),
    Column("next", _("Next step"), _next, (_("Next step"), _("Due"))),
    Column("coordinator", _("Coordinator"), lambda lead, _t, _g: [lead.owner_name]),
    Column("source", _("Source"), lambda lead, _t, _g: [lead.source]),
    Column("value", _("Expected"), _value, (_("Expected value"),), is_figure=True),
    Column(
        "since", _("In stage"), lambda lead, _t, _g: [lead.stage_entered_at], (_("In stage since"),), is_figure=True
    ),
    Column("captured", _("Asked"), lambda lead, _t, _g: [lead.captured_at], (_("First asked"),), is_figure=True),
    Column("email", _("E-mail"), lambda lead, _t, _g: [lead.email]),
    Column("status", _("Status"), _status),
    Column("interest", _("Interest"), _interests, is_sorted=False),
    Column("tags", _("Tags"), lambda _l, _t, tags: [", ".join(tags)], is_sorted=False),
    Column("location", _("Location"), lambda lead, _t, _g: [lead.location]),
    Column("patient", _("For"), lambda lead, _t, _g: [lead.patient_name], is_sorted=False),
    Column("lost_reason", _("Lost because"), _lost_reason),
    Column("campaign", _("Campaign"), lambda lead, _t, _g: [lead.source_campaign], is_sorted=False),
    Column("city", _("City"), lambda lead, _t, _g: [lead.city], is_sorted=False),
    Column("contacted", _("First contact"), lambda lead, _t, _g: [lead.first_contacted_at], is_sorted=False),
    Column("external_id", _("External id"), lambda lead, _t, _g: [lead.external_id], is_sorted=False),
]
LEADS = Catalogue(
    SavedView.Layout.LIST,
    tuple(COLUMNS),
    ("stage", "phone", "next", "coordinator", "source", "value", "since", "captured"),
)


def with_answers(questions):
    """The same with a column for each question of the clinic's own (AskedQuestions by name)."""
    answers = tuple(_answer_column(question) for question in questions.values())
    return Catalogue(LEADS.layout, (*LEADS.columns, *answers), LEADS.usual) if answers else LEADS


def columns_of(clinic):
    """Every column that the list of leads of the open clinic can show."""
    return with_answers(asked_questions(clinic))


def _answer_column(question):
    return Column(question.name, question.label, lambda lead, _t, _g: [lead.answer_to(question.name)], is_sorted=False)
