"""Changing what is known of a patient, deleting and bringing back, and erasing for good."""

from django.db import transaction
from django.utils import timezone

from clinics.audit import record
from clinics.documents.removing import remove_files
from clinics.exporting import withdraw_files
from clinics.live import publish
from clinics.notifications import forget_notices
from clinics.personal_values import forget_all_personal, forget_personal
from patients.duplicates.indexing import index_patient
from patients.emr.forgetting import forget_patient
from patients.exporting import KIND as EXPORT
from patients.models import Appointment, EmrFile, Patient, Visit, WaitlistEntry
from patients.originals import remove_emr_originals
from patients.payment_files.forgetting import forget_files
from patients.registration import FOUND_BY, REACHED_BY, check_external_id, check_patient, normalise
from patients.rules import NameNotTyped, PatientIsBooked, PatientIsErased, SomebodyWasFaster
from patients.waitlist import forget_waiting

SEALED = {"date_of_birth"}
CONTACT = {"contact_name": "", "contact_phone": "", "contact_email": ""}
WAITING = {"contact_name": "", "contact_phone": ""}


@transaction.atomic
def edit_patient(patient, values, *, version, by):
    """Change fields of a patient (name -> value) if nobody else has since `version`; returns the patient.

    Records "patients.patient.edited" with what changed; sealed fields are named without their values. Raises
    SomebodyWasFaster with the newer patient, NobodyNamed, BornInTheFuture, KnownInTheEmr, PaysForSelf.
    """
    patient = lock_patient(patient)
    changed = {name: value for name, value in values.items() if getattr(patient, name) != value}
    if not changed:
        return patient
    if patient.version != version:
        raise SomebodyWasFaster(patient)
    before = {name: _shown(name, getattr(patient, name)) for name in changed}
    for name, value in changed.items():
        setattr(patient, name, value)
    check_patient({name: getattr(patient, name) for name in (*REACHED_BY, "date_of_birth")})
    check_external_id(patient)
    normalise(patient, region=patient.clinic.phone_region)
    _save(patient, *changed, *FOUND_BY, by=by)
    index_patient(patient)

    after = {name: _shown(name, value) for name, value in changed.items()}
    record("patients.patient.edited", patient, by=by, before=before, after=after)
    tell(patient)
    return patient


def _shown(name, value):
    return "•••" if name in SEALED and value else value


def lock_patient(patient):
    """The row as it stands, locked. Raises PatientIsErased."""
    patient = Patient.objects.select_for_update(of=("self",)).for_page().get(pk=patient.pk)
    if patient.erased_at:
        raise PatientIsErased
    return patient


@transaction.atomic
def delete_patient(patient, *, by):
    """Put a patient away; restore_patient brings them back. Records "patients.patient.deleted".

    Raises PatientIsBooked while appointments lie ahead: nobody would know who comes.
    """
    patient = lock_patient(patient)
    if patient.deleted_at:
        return patient
    if Appointment.objects.standing().of_patient(patient).filter(ends_at__gt=timezone.now()).exists():
        raise PatientIsBooked
    patient.deleted_at = timezone.now()
    _save(patient, "deleted_at", by=by)
    index_patient(patient)
    record("patients.patient.deleted", patient, by=by)
    tell(patient)
    return patient


@transaction.atomic
def restore_patient(patient, *, by):
    """Bring a deleted patient back. Records "patients.patient.restored". Raises PatientIsErased."""
    patient = lock_patient(patient)
    if patient.deleted_at:
        patient.deleted_at = None
        _save(patient, "deleted_at", by=by)
        index_patient(patient)
        record("patients.patient.restored", patient, by=by)
        tell(patient)
    return patient


@transaction.atomic
def erase_patient(patient, *, typed_name, by):
    """Erase who somebody is, for good; what is left are visits, dates and amounts of nobody.

    `typed_name` must be the patient's name as it is shown. Records "patients.patient.erased" with how many rows were
    emptied. Raises NameNotTyped, PatientIsErased, PatientIsBooked.
    """
    patient = lock_patient(patient)
    if " ".join(typed_name.split()) != " ".join(patient.display_name.split()):
        raise NameNotTyped
    appointments = Appointment.objects.of_patient(patient)
    if appointments.standing().filter(ends_at__gt=timezone.now()).exists():
        raise PatientIsBooked
    files = forget_files(patient) + withdraw_files(EXPORT) + remove_emr_originals(EmrFile.objects.all())
    forget_all_personal(Appointment, list(appointments.values_list("pk", flat=True)))
    forget_notices({patient.get_absolute_url(): patient.display_name})
    numbers = (patient.phone, patient.phone_e164, patient.phone_alt, patient.phone_alt_e164)
    waiting = forget_waiting(patient.display_name, numbers)
    _empty(patient, by=by)
    for merge in patient.merges.select_related("merged"):
        _empty(merge.merged, by=by)
        merge.before = merge.after = {}
        merge.save(update_fields=["before", "after", "updated_at"])
    emptied = {
        "appointments": appointments.update(notes="", cancellation_note="", external_appointment_id=None, **CONTACT),
        "visits": Visit.objects.filter(patient=patient).update(notes="", external_visit_id=None),
        "payments": patient.payments.update(note="", external_id=None),
        "waiting": waiting + WaitlistEntry.objects.filter(patient=patient).update(note="", **WAITING),
        "consents": patient.consents.update(address="", wording=""),
        "emr_records": forget_patient(patient),
        "documents": _remove_documents(patient),
        "files": files,
    }
    record("patients.patient.erased", patient, by=by, metadata=emptied)
    tell(patient)
    return patient


def _remove_documents(patient):
    """Take the documents of a patient away, their files once the transaction stands; returns how many there were."""
    documents = list(patient.documents.all())
    patient.documents.all().delete()
    remove_files(*(document.stored_as for document in documents))
    return len(documents)


def _empty(patient, *, by):
    """Empty all that tells who somebody was, also what the audit log says of it."""
    for name in Patient.PERSONAL:
        setattr(patient, name, "")
    patient.date_of_birth = patient.external_id = patient.household = patient.responsible_party = None
    patient.contact_priority_factors = []
    patient.deleted_at = patient.erased_at = timezone.now()
    patient.version += 1
    patient.updated_by = by
    patient.save()
    index_patient(patient)
    patient.tag_links.all().delete()
    forget_personal(patient)


def _save(patient, *fields, by):
    patient.version += 1
    patient.updated_by = by
    patient.save(update_fields=[*fields, "version", "updated_by", "updated_at"])


def tell(patient):
    publish("patients", f"patient-{patient.pk}")
