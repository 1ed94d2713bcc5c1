"""Everything that is kept of one lead, as the law lets the person ask for it: facts for machines, a table for people,
and their documents, in one file."""

import io
import json
import zipfile

from django.core.files.storage import default_storage
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from clinics.audit import record
from clinics.csv_export import csv_lines
from clinics.templatetags.ui import money
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
    known = facts_of_lead(lead)
    for tell in hooks("TELL"):
        known |= tell(lead)
    return known


def facts_of_lead(lead):
    """The lead and all rows about it in this room, as plain facts by name."""
    known = {"lead": _facts(lead)}
    opportunity = getattr(lead, "opportunity", None)
    known["expected"] = _facts(opportunity) if opportunity else None
    for name, (relation, moment) in HANGING.items():
        known[name] = [_facts(row) for row in getattr(lead, relation).order_by(moment, "pk")]
    known["tags"] = list(lead.tag_links.order_by("tag__name").values_list("tag__name", flat=True))
    known["documents"] = [row.name for row in lead.documents.present().for_list()]
    return known


def _facts(row):
    """The columns of a row by name; what only finds or locks it is left out."""
    fields = [field for field in row._meta.concrete_fields if field.name not in OF_NOBODY]
    return {field.name: getattr(row, field.attname) for field in fields}


def dossier_rows(lead, known):
    """The same for people: a line for each fact of the lead, then for whatever happened, in the order of time.

    `known` is what the rooms above keep, as what_is_kept tells it.
    """
    for field in Lead._meta.concrete_fields:
        value = getattr(lead, field.name)
        if field.editable and field.name not in OF_NOBODY and value not in (None, "", [], {}):
            yield [_("Lead"), "", capfirst(field.verbose_name), _as_read(lead, field, value)]
    for link in lead.tag_links.select_related("tag").order_by("tag__name"):
        yield [_("Tag"), "", link.tag, ""]
    yield from sorted([*_happened(lead), *_said(known)], key=lambda row: row[1])


def _as_read(lead, field, value):
    """A value of the lead as its page shows it: the words of a choice, of several, or money."""
    if field.name.endswith("_cents"):
        return money(value)
    if isinstance(value, list):
        labels = dict(getattr(field.base_field, "flatchoices", ()))
        return ", ".join(str(labels.get(each, each)) for each in value)
    choice = getattr(lead, f"get_{field.name}_display", None)
    return choice() if choice else value


def _happened(lead):
    for row in lead.touchpoints.select_related("source"):
        yield [_("Touch"), row.occurred_at, row.source or "", row.landing_page]
    for row in lead.activities.all():
        yield [row.get_type_display(), row.occurred_at, row.get_outcome_display(), row.notes]
    for row in lead.tasks.all():
        yield [_("Task"), row.due_at, row.title, row.description]
    for row in lead.stage_changes.select_related("from_stage", "to_stage"):
        yield [_("Stage"), row.changed_at, row.to_stage, row.from_stage or ""]
    for row in lead.assignment_changes.select_related("to_member__user"):
        yield [_("Coordinator"), row.changed_at, row.to_member or "", row.get_how_display()]
    for row in lead.submissions.all():
        yield [_("Inquiry"), row.received_at, row.get_channel_display(), _in_words(row.payload)]
    for row in lead.kpi_events.all():
        yield [_("Event"), row.occurred_at, row.get_kind_display(), money(row.value_cents) if row.value_cents else ""]
    for row in lead.documents.present().for_list():
        yield [_("Document"), row.created_at, row.name, ""]


def _said(known):
    for row in known.get("messages", ()):
        yield [_("Message"), row["happened_at"], f"{row['channel']} {row['direction']}", row["text"]]
    for row in known.get("consents", ()):
        yield [_("Consent"), row["decided_at"], f"{row['channel']} {row['purpose']}", row["state"]]


def _in_words(payload):
    """What an inquiry said, in one line: "name: Ana; phone: 555"."""
    if not isinstance(payload, dict):
        return str(payload or "")
    return "; ".join(f"{name}: {value}" for name, value in payload.items() if value not in (None, "", [], {}))
