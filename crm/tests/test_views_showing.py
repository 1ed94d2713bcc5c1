import pytest

from clinics.models import AuditLog
from crm.tests.factories import LeadFactory
from patients.tests.factories import PatientFactory

SHARED = "+12125550101"


@pytest.fixture
def lead(clinic, coordinator):
    return LeadFactory(
        assigned_to=coordinator, first_name="Ana", last_name="Vega", phone=SHARED, patient_first_name="Maya"
    )


def test_the_household_names_who_pays_who_is_treated_and_patients_beside(client_of, coordinator, lead):
    PatientFactory(first_name="Tunde", phone=SHARED)
    PatientFactory(first_name="Somebody", last_name="Else")

    shown = client_of(coordinator).get(lead.get_absolute_url()).content.decode()
    assert "asks, and pays" in shown and "Maya" in shown and "Tunde" in shown
    assert "Somebody Else" not in shown


def test_the_same_name_on_the_same_phone_is_asked_about_and_a_sibling_is_not(client_of, coordinator, lead):
    LeadFactory(first_name="Lucia", last_name="Vega", phone=SHARED)
    page = client_of(coordinator)
    assert "The same person?" not in page.get(lead.get_absolute_url()).content.decode()

    LeadFactory(first_name="Ána", last_name="Vega", phone=SHARED)
    assert "The same person?" in page.get(lead.get_absolute_url()).content.decode()


def test_whoever_has_many_leads_before_them_is_on_record_once_an_hour_and_no_name_they_look_for(client_of, coordinator):
    browser = client_of(coordinator)
    for address in ("/pipeline/", "/pipeline/", "/leads/?q=Vega", "/leads/?q=Moss"):
        browser.get(address)

    entries = AuditLog.objects.filter(action="crm.lead.listed", actor=coordinator).order_by("pk")
    assert [entry.metadata["page"] for entry in entries] == ["board", "lead_list"]
    assert "Vega" not in str(entries[1].metadata)
