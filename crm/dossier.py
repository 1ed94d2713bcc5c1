"""Everything that is kept of one lead, as the law lets the person ask for it: facts for machines, a table for people,
and their documents, in one file."""

import io
import json
import zipfile

from django.core.files.storage import default_storage
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import gettext as _

from clinics.audit import record
from clinics.csv_export import csv_lines
from crm.forgetting import hooks
from crm.models import Lead

OF_NOBODY = {"clinic", "version", "name_key", "phone_e164", "phone_alt_e164", "email_norm", "hand_place", "lost_from"}
# What hangs on a lead, by the name under which it is told, in the order of time.
HANGING = {
    "touches": ("touchpoints", "occurred_at"),
    "activities": ("activities", "occurred_at"),
    "tasks": ("tasks", "due_at"),
    "moves": ("stage_changes", "changed_at"),
    "coordinators": ("assignment_changes", "created_at"),
    "inquiries": ("submissions", "received_at"),
    "rules": ("follow_up_runs", "created_at"),
    "key_figures": ("kpi_events", "occurred_at"),
}


def hand_out(lead, *, by):
    """The bytes of a ZIP with lead.json, lead.csv and the lead's documents. Records "crm.lead.handed_out"."""
    known, packed = what_is_kept(lead), io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("lead.json", json.dumps(known, cls=DjangoJSONEncoder, indent=2, ensure_ascii=False))
        header = [_("Kind"), _("When"), _("What"), _("Value")]
        file.writestr("lead.csv", "".join(csv_lines(header, dossier_rows(lead, known))))
        for number, document in enumerate(lead.documents.present().exclude(stored_as=""), start=1):
            with default_storage.open(document.stored_as) as content:
                file.writestr(f"documents/{number} {document.name}", content.read())
    record("crm.lead.handed_out", lead, by=by)
    return packed.getvalue()


def what_is_kept(lead):
    """The lead and all rows about it, what the rooms above keep included, as plain facts by name."""
    known = {"lead": _facts(lead)}
    opportunity = getattr(lead, "opportunity", None)
    known["expected"] = _facts(opportunity) if opportunity else None
    for name, (relation, moment) in HANGING.items():
        known[name] = [_facts(row) for row in getattr(lead, relation).order_by(moment, "pk")]
    known["tags"] = list(lead.tag_links.order_by("tag__name").values_list("tag__name", flat=True))
    known["documents"] = [row.name for row in lead.documents.present().for_list()]
    for tell in hooks("TELL"):
        known |= tell(lead)
    return known


def _facts(row):
    """The columns of a row by name; what only finds or locks it is left out."""
    fields = [field for field in row._meta.concrete_fields if field.name not in OF_NOBODY]
    return {field.name: getattr(row, field.attname) for field in fields}


def dossier_rows(lead, known):
    """The same for people: one line for each fact of the lead, then for whatever happened, in the order of time."""
    for field in Lead._meta.concrete_fields:
        value = getattr(lead, field.name)
        if field.editable and field.name not in OF_NOBODY and value not in (None, "", [], {}):
            choice = getattr(lead, f"get_{field.name}_display", None)
            yield [_("Lead"), "", field.verbose_name, choice() if choice else value]
    for touch in lead.touchpoints.select_related("source").order_by("occurred_at"):
        yield [_("Touch"), touch.occurred_at, touch.source or "", touch.landing_page]
    for row in lead.activities.order_by("occurred_at"):
        yield [row.get_type_display(), row.occurred_at, row.get_outcome_display(), row.notes]
    for row in lead.tasks.order_by("due_at"):
        yield [_("Task"), row.due_at, row.title, row.description]
    for row in lead.documents.present().for_list():
        yield [_("Document"), row.created_at, row.name, ""]
    for row in known.get("messages", ()):
        yield [_("Message"), row["happened_at"], f"{row['channel']} {row['direction']}", row["text"]]
    for row in known.get("consents", ()):
        yield [_("Consent"), row["decided_at"], f"{row['channel']} {row['purpose']}", row["state"]]
