"""The columns that the list of patients can show: each with its words, its order and its cell in a file."""

from django.utils.translation import gettext_lazy as _

from clinics.list_columns import Catalogue, Column
from clinics.models import SavedView


def _names(row):
    return [row.patient.first_name, row.patient.last_name]


def _of(name):
    """The cell of a fact of the patient; what only a name stands for is said in words."""
    in_words = f"get_{name}_display"

    def cells(row):
        patient = row.patient
        return [getattr(patient, in_words)() if hasattr(patient, in_words) else getattr(patient, name)]

    return cells


def _risk(row):
    return [row.patient.get_churn_risk_level_display(), row.patient.churn_risk_score]


COLUMNS = (
    Column("name", _("Name"), _names, (_("First name"), _("Last name"))),
    Column("segment", _("Segment"), _of("segment")),
    Column("priority", _("Priority"), _of("contact_priority"), (_("Contact priority"),)),
    Column("risk", _("Risk of leaving"), _risk, (_("Risk of leaving"), _("Risk of leaving, score"))),
    Column("phone", _("Phone"), lambda row: [row.patient.phone_e164 or row.patient.phone]),
    Column("next", _("Next appointment"), lambda row: [row.next_at]),
    Column("last_visit", _("Last visit"), _of("last_visit_at"), is_figure=True),
    Column("visits", _("Visits"), _of("visit_count"), is_figure=True),
    Column("provider", _("Provider"), _of("provider")),
    Column("location", _("Location"), _of("location")),
    Column("email", _("E-mail"), _of("email")),
    Column("tags", _("Tags"), lambda row: [", ".join(row.tags)], is_sorted=False),
    Column("channel", _("Prefers"), _of("preferred_channel"), is_sorted=False),
    Column("language", _("Speaks"), _of("preferred_language"), is_sorted=False),
    Column("due", _("Due again"), _of("recall_due_on"), is_figure=True),
    Column("first_visit", _("First visit"), _of("first_visit_at"), is_figure=True),
    Column("added", _("Added"), _of("created_at"), is_figure=True),
    Column("city", _("City"), _of("city"), is_sorted=False),
    Column("external_id", _("External id"), _of("external_id"), is_sorted=False),
    Column("silent", _("Do not contact"), _of("do_not_contact"), is_sorted=False),
)
PATIENTS = Catalogue(
    SavedView.Layout.PATIENTS,
    COLUMNS,
    ("segment", "priority", "risk", "phone", "next", "last_visit", "visits", "provider", "location"),
)
