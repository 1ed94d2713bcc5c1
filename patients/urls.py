from django.urls import path

from patients.views import money, patient
from patients.views import patients as patients_views

app_name = "patients"

patients = [
    path("patients/", patients_views.patient_list, name="patient_list"),
    path("patients/new/", patients_views.patient_create, name="patient_create"),
    path("patients/new/matches/", patients_views.patient_matches, name="patient_matches"),
    path("patients/export/", patients_views.patient_csv, name="patient_csv"),
    path("patients/<uuid:pk>/", patient.patient_detail, name="patient_detail"),
    path("patients/<uuid:pk>/edit/", patient.patient_edit, name="patient_edit"),
    path("patients/<uuid:pk>/delete/", patient.patient_delete, name="patient_delete"),
    path("patients/<uuid:pk>/restore/", patient.patient_restore, name="patient_restore"),
    path("patients/<uuid:pk>/erase/", patient.patient_erase, name="patient_erase"),
    path("patients/<uuid:pk>/file/", patient.patient_file, name="patient_file"),
    path("patients/<uuid:pk>/audit/", patient.patient_audit, name="patient_audit"),
    path("patients/<uuid:pk>/payments/new/", money.payment_create, name="payment_create"),
    path("patients/<uuid:pk>/visits/new/", money.visit_create, name="visit_create"),
]

urlpatterns = [*patients]
