from crm.demo.volume import fill_clinic
from crm.models import Lead
from patients.models import Patient


def test_fill_clinic_draws_as_many_people_as_were_asked_for(clinic):
    fill_clinic(clinic, 30, patients=20)

    assert (Lead.objects.count(), Patient.objects.count()) == (30, 20)
