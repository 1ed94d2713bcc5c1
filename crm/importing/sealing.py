"""What an import changed on a lead, for its undo: the fields that are encrypted on a lead are encrypted there, too."""

from clinics.encryption import CannotUnseal, Sealed, seal, unseal
from crm.intake import SEALED
from crm.models import Lead, LeadImportRow

UNKNOWN = object()  # nothing is like it: what cannot be opened any more is left as it is


def seal_changes(lead, changes):
    """{field: [before, after]} as it is kept beside the row of a file."""
    return {
        name: [_sealed(lead, name, value) for value in change] if name in SEALED else change
        for name, change in changes.items()
    }


def open_changes(lead, changes):
    """The same as it was."""
    return {
        name: [_opened(lead, name, token) for token in change] if name in SEALED else change
        for name, change in changes.items()
    }


def _sealed(lead, name, value):
    return seal(str(value), _binding(lead, name)).token if value else ""


def _opened(lead, name, token):
    field = Lead._meta.get_field(name)
    try:
        return field.to_python(unseal(Sealed(token), _binding(lead, name))) if token else field.get_default()
    except CannotUnseal:
        return UNKNOWN


def _binding(lead, name):
    return (LeadImportRow._meta.db_table, "changes", name, str(lead.pk), str(lead.clinic_id))
