"""The list of patients: its order, its columns, and the same rows as a file."""

from django.db.models import F, OrderBy
from django.utils.translation import gettext_lazy as _

from patients.models import Patient

# Name of the column -> fields; the id settles what is equal.
SORTS = {
    "name": ("name_key",),
    "segment": ("segment", "name_key"),
    "priority": ("contact_priority_score",),
    "risk": ("churn_risk_score",),
    "last_visit": ("last_visit_at",),
    "visits": ("visit_count",),
    "added": ("created_at",),
}
USUAL_SORT = "name"
HEADER = [
    _("First name"), _("Last name"), _("Phone"), _("E-mail"), _("Segment"), _("Contact priority"), _("Risk of leaving"),
    _("Location"), _("Provider"), _("First visit"), _("Last visit"), _("Visits"), _("Next appointment"),
    _("External id"),
]  # fmt: skip


def sort_asked(query):
    """The column that ?sort= names, a minus before it for the other way round; the usual one if there is no such."""
    asked = query.get("sort", "")
    return asked if asked.removeprefix("-") in SORTS else USUAL_SORT


def in_order(patients, sort):
    """Sort patients; what is not known comes last, whichever way."""
    descending = sort.startswith("-")
    fields = [
        OrderBy(F(name), descending=descending, nulls_last=True if name in NULLABLE else None)
        for name in SORTS[sort.removeprefix("-")]
    ]
    return patients.order_by(*fields, "-pk" if descending else "pk")


NULLABLE = {field.name for field in Patient._meta.concrete_fields if field.null}


def csv_rows(patients):
    """A row of the file for each patient, asked from the database as it is sent."""
    for patient in patients.for_list().with_next_appointment().iterator(chunk_size=500):
        yield [
            patient.first_name,
            patient.last_name,
            patient.phone_e164 or patient.phone,
            patient.email,
            patient.get_segment_display(),
            patient.get_contact_priority_display(),
            patient.get_churn_risk_level_display(),
            patient.location or "",
            patient.provider or "",
            patient.first_visit_at,
            patient.last_visit_at,
            patient.visit_count,
            patient.next_appointment_at,
            patient.external_id or "",
        ]
