"""What can be done to many patients at once: each act goes through the verb of one, and leaves what takes it back."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinics.bulk import Act, NothingToChange
from patients.editing import delete_patient, edit_patient, lock_patient, restore_patient
from patients.models import Channel, ContactPriority, PatientAct
from patients.rules import NothingToUndo, PatientIsGone
from patients.tagging import tag_patient, untag_patient

Kind = PatientAct.Kind


def _tag(patient, facts, *, by):
    if not tag_patient(patient, facts["tag"], by=by):
        raise NothingToChange
    return facts["tag"].pk


def _untag(patient, facts, *, by):
    if not untag_patient(patient, facts["tag"], by=by):
        raise NothingToChange
    return facts["tag"].pk


def _delete(patient, _facts, *, by):
    if lock_patient(patient).deleted_at:
        raise PatientIsGone
    return delete_patient(patient, by=by).pk


def _sets(column, wanted):
    """The pair (do, undo) of an act that writes one column; `wanted(facts)` is what is written.

    The trace is what stood there before. It is put back unless somebody has changed the column since.
    """

    @transaction.atomic
    def do(patient, facts, *, by):
        patient = lock_patient(patient)
        if patient.deleted_at:
            raise PatientIsGone
        if getattr(patient, column) == wanted(facts):
            raise NothingToChange
        before = getattr(patient, column)
        edit_patient(patient, {column: wanted(facts)}, version=patient.version, by=by)
        return "" if before is None else str(before)

    @transaction.atomic
    def undo(patient, trace, facts, *, by):
        patient = lock_patient(patient)
        if patient.deleted_at or getattr(patient, column) != wanted(facts):
            raise NothingToUndo
        before = patient._meta.get_field(column).to_python(trace) if trace else _nothing(patient, column)
        edit_patient(patient, {column: before}, version=patient.version, by=by)

    return do, undo


def _nothing(patient, column):
    return None if patient._meta.get_field(column).null else ""


def _links(column):
    """The same for a column that names another row: the trace is the id of the one before."""
    wanted = column.removesuffix("_id")
    return _sets(column, lambda facts: facts[wanted].pk)


def _priority_in_words(facts):
    return ContactPriority(facts["contact_priority"])


ACTS = {
    Kind.TAG: Act(
        _tag,
        lambda patient, _t, facts, *, by: _untag(patient, facts, by=by),
        _("Tag with %(aim)s"),
        "patient:update",
        "tag",
    ),
    Kind.UNTAG: Act(
        _untag,
        lambda patient, _t, facts, *, by: _tag(patient, facts, by=by),
        _("Take off the tag %(aim)s"),
        "patient:update",
        "tag",
    ),
    Kind.PRIORITY: Act(*_sets("contact_priority", _priority_in_words), _("Set the contact priority"), "patient:update"),
    Kind.CHANNEL: Act(
        *_sets("preferred_channel", lambda facts: Channel(facts["preferred_channel"])),
        _("Set the preferred channel"),
        "patient:update",
    ),
    Kind.LOCATION: Act(*_links("location_id"), _("Move to %(aim)s"), "patient:update", "location"),
    Kind.PROVIDER: Act(*_links("provider_id"), _("Give to %(aim)s"), "patient:update", "provider"),
    Kind.SILENCE: Act(*_sets("do_not_contact", lambda facts: True), _("Do not contact"), "patient:update"),
    Kind.UNSILENCE: Act(*_sets("do_not_contact", lambda facts: False), _("May be contacted"), "patient:update"),
    Kind.DELETE: Act(
        _delete, lambda patient, _t, _f, *, by: restore_patient(patient, by=by), _("Delete"), "patient:delete"
    ),
}
