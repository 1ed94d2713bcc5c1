"""The rows that stand in the addresses of patients and the schedule: name of the page -> model."""

from patients.models import Patient

ROWS = {
    "patients:patient_audit": Patient,
    "patients:patient_delete": Patient,
    "patients:patient_detail": Patient,
    "patients:patient_edit": Patient,
    "patients:patient_erase": Patient,
    "patients:patient_file": Patient,
    "patients:patient_restore": Patient,
    "patients:payment_create": Patient,
    "patients:visit_create": Patient,
}
