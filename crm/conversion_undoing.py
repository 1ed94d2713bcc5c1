"""Taking a conversion back within a day: the lead is open again, and patients made by it go unless they have a life."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from clinics.audit import record
from clinics.live import publish
from crm.models.conversion import UNDO_WITHIN
from crm.pipeline import lock_lead, undo_move
from crm.rules import ConversionTooOld, NothingToUndo
from patients.editing import delete_patient
from patients.models import Appointment, Patient
from patients.scheduling import lock_appointment, tell, touch


@transaction.atomic
def undo_conversion(conversion, *, by):
    """Make a lead again what it was before its conversion; returns [(patient, why)] of those whom it made and who stay.

    A patient made by it is put away, unless something has happened on them since: a visit, an appointment, a payment,
    a change. That only clinic admins may is the permission "lead:reopen". Records "crm.lead.conversion_undone". Raises
    ConversionTooOld after a day, NothingToUndo if the lead has no conversion any more.
    """
    lead = lock_lead(conversion.lead)
    conversion = lead.conversions.standing().select_for_update().filter(pk=conversion.pk).first()
    if conversion is None:
        raise NothingToUndo
    if conversion.converted_at < timezone.now() - UNDO_WITHIN:
        raise ConversionTooOld

    conversion.undone_at = timezone.now()
    conversion.save(update_fields=["undone_at", "updated_at"])
    _take_back_consultation(lead, conversion, by=by)
    kept, removed = [], []
    for person in conversion.people.filter(was_created=True).select_related("patient").order_by("pays", "pk"):
        reason = what_has_happened(person)
        if reason:
            kept.append((person.patient, reason))
        else:
            removed.append(delete_patient(person.patient, by=by))
    lead.converted_to_patient = None
    lead.save(update_fields=["converted_to_patient", "updated_at"])
    change = lead.stage_changes.standing().order_by("-changed_at").first()
    if change is not None and change.to_stage_id == lead.stage_id:
        undo_move(change, by=by, within=UNDO_WITHIN)
    record(
        "crm.lead.conversion_undone",
        lead,
        by=by,
        before={"patients": [str(patient.pk) for patient in removed]},
        after={"kept": [str(patient.pk) for patient, _reason in kept]},
    )
    publish("board", f"lead-{lead.pk}")
    return kept


def what_has_happened(person):
    """Why a patient made by a conversion cannot simply go again, in words; nothing if they can."""
    patient = person.patient
    reasons = [
        (patient.visits.exists(), _("has visits")),
        (patient.appointments.exists(), _("has appointments")),
        (patient.payments.exists(), _("has payments")),
        (Patient.objects.present().filter(responsible_party=patient).exists(), _("pays for others")),
        (patient.version != person.created_version, _("was changed")),
    ]
    return next((words for is_so, words in reasons if is_so), "")


def _take_back_consultation(lead, conversion, *, by):
    """The consultation of the lead is again known by name and number alone."""
    mine = Appointment.objects.filter(pk=lead.consultation_id, patient__in=conversion.people.values("patient"))
    if not mine.exists():
        return
    appointment = lock_appointment(lead.consultation)
    if not (appointment.contact_name or appointment.contact_phone):
        return
    appointment.patient = None
    touch(appointment, by=by)
    appointment.save(update_fields=["patient", "version", "updated_by", "updated_at"])
    tell(appointment)
