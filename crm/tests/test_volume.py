from crm.demo.volume import fill_clinic, fill_patients
from crm.models import Lead
from patients.models import Patient


def test_fill_clinic_and_fill_patients_draw_as_many_people_as_were_asked_for(clinic):
    fill_clinic(clinic, 30)
    fill_patients(clinic, 20)

    assert (Lead.objects.count(), Patient.objects.count()) == (30, 20)
