"""Everything that is kept of one patient, as the law lets them ask for it."""

import json

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.module_loading import import_string
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from patients.models import Patient

DOSSIER_HEADER = [_("Kind"), _("When"), _("What"), _("Status"), _("Amount"), _("Notes")]
OF_NOBODY = {"clinic", "version", "name_key", "phone_e164", "phone_alt_e164", "email_norm", "birth_digest"}


def dossier(patient):
    """The patient and all rows about them, what the rooms above keep included, as a JSON text."""
    known = {
        "patient": _facts(patient),
        "appointments": [_facts(row) for row in patient.appointments.in_order()],
        "visits": [_facts(row) for row in patient.visits.order_by("visit_date")],
        "payments": [_facts(row) for row in patient.payments.order_by("paid_on")],
        "documents": [row.name for row in patient.documents.present().for_list()],
        "consents": [_facts(row) for row in patient.consents.order_by("decided_at")],
        "segments": [_facts(row) for row in patient.segment_changes.order_by("changed_at")],
    }
    for tell in _hooks("TELL"):
        known |= tell(patient)
    return json.dumps(known, cls=DjangoJSONEncoder, indent=2, ensure_ascii=False)


def _hooks(name):
    """What the rooms above tell of a patient: the functions that config/kept_of_patients.py lists under a name."""
    return [import_string(path) for path in import_string(f"{settings.KEPT_OF_PATIENTS}.{name}")]


def _facts(row):
    """The columns of a row by name; what only finds or locks it is left out."""
    fields = [field for field in row._meta.concrete_fields if field.name not in OF_NOBODY]
    return {field.name: getattr(row, field.attname) for field in fields}


def dossier_rows(patient):
    """The same for people: one line for each fact of the patient, then for whatever is kept of them."""
    for field in Patient._meta.concrete_fields:
        value = getattr(patient, field.name)
        if field.editable and field.name not in OF_NOBODY and value not in (None, "", []):
            choice = getattr(patient, f"get_{field.name}_display", None)
            yield [_("Patient"), "", capfirst(field.verbose_name), "", "", choice() if choice else value]
    for row in patient.appointments.for_list().in_order():
        yield [_("Appointment"), row.starts_at, row.type or "", row.get_status_display(), "", row.notes]
    for row in patient.visits.order_by("visit_date"):
        yield [_("Visit"), row.visit_date, row.visit_type, "", _amount(row.revenue_cents), row.notes]
    for row in patient.payments.order_by("paid_on"):
        yield [row.get_kind_display(), row.paid_on, row.get_method_display(), "", _amount(row.signed_cents), row.note]
    for row in patient.documents.present().for_list():
        yield [_("Document"), row.created_at, row.name, "", "", ""]
    for row in patient.consents.order_by("decided_at"):
        said = _("agrees") if row.is_given else _("says no")
        yield [
            _("Consent"),
            row.decided_at,
            f"{row.get_channel_display()}: {row.get_purpose_display()}",
            said,
            "",
            row.wording,
        ]
    for lines in _hooks("LINES"):
        yield from lines(patient)


def _amount(cents):
    return "" if cents is None else f"{cents / 100:.2f}"
