import json

import pytest
from django.urls import reverse

from clinics.models import Clinic
from conftest import last_audit
from crm.models import Lead, ReferringProvider, SourceCategory
from crm.tests.factories import LeadFactory, LeadSourceFactory
from patients.models import Patient
from patients.registration import register_patient

CREATE, FULL = "/leads/new/", "/leads/new/full/"


@pytest.fixture
def ana(coordinator):
    return LeadFactory(
        first_name="Ana", last_name="Vega", phone="+12125550101", email="", email_norm="", assigned_to=coordinator
    )


def test_lead_create_in_the_dialog_stays_and_offers_to_open_and_to_undo(htmx_of, receptionist, coordinator):
    response = htmx_of(receptionist).post(CREATE, {"first_name": "Leo", "key": "k"})

    lead = Lead.objects.get()
    (note,) = json.loads(response["HX-Trigger"])["toast"]
    assert (response.status_code, note["link"]["url"]) == (204, lead.get_absolute_url())
    assert note["undo"] == reverse("crm:lead_withdraw", args=[lead.pk])


def test_lead_withdraw_takes_the_lead_back(client_of, receptionist, coordinator):
    browser = client_of(receptionist)
    browser.post(CREATE, {"first_name": "Leo", "key": "k"})
    response = browser.post(reverse("crm:lead_withdraw", args=[Lead.objects.get().pk]))

    assert (response.status_code, response["Location"]) == (302, "/leads/")
    assert Lead.objects.present().count() == 0


def test_lead_called_again_adds_the_call_to_the_card(htmx_of, receptionist, ana):
    typed = {"phone": "212 555 0101", "email": "ana@example.com", "key": "k"}
    response = htmx_of(receptionist).post(reverse("crm:lead_called_again", args=[ana.pk]), typed)

    ana.refresh_from_db()
    assert (response.status_code, Lead.objects.count(), ana.email) == (204, 1, "ana@example.com")
    assert ana.touchpoints.count() == 1


def test_a_call_on_the_wrong_card_is_undone_from_its_toast_and_begins_a_lead(htmx_of, receptionist, coordinator, ana):
    typed = {"phone": "212 555 0101", "first_name": "Leo", "email": "leo@example.com", "key": "k"}
    added = htmx_of(receptionist).post(reverse("crm:lead_called_again", args=[ana.pk]), typed)
    (note,) = json.loads(added["HX-Trigger"])["toast"]

    colleague = htmx_of(coordinator).post(note["undo"])
    assert json.loads(colleague["HX-Trigger"])["toast"][0]["level"] == "error"
    undone = htmx_of(receptionist).post(note["undo"])
    ana.refresh_from_db()
    (note,) = json.loads(undone["HX-Trigger"])["toast"]
    assert (ana.email, ana.touchpoints.count()) == ("", 0)
    anew = htmx_of(receptionist).get(note["link"]["url"]).content.decode()
    assert [value for value in typed.values() if value != "k" and f'value="{value}"' not in anew] == []


def test_lead_called_again_takes_the_form_with_all_fields_too(client_of, receptionist, ana):
    address = f"{reverse('crm:lead_called_again', args=[ana.pk])}?full=1"
    response = client_of(receptionist).post(address, {"phone": "212 555 0101", "city": "Salem", "key": "k"})

    ana.refresh_from_db()
    assert (response["Location"], ana.city, ana.touchpoints.count()) == (ana.get_absolute_url(), "Salem", 1)


def test_a_relative_of_a_patient_begins_with_what_they_share_and_what_was_typed(htmx_of, clinic, coordinator):
    ines = register_patient(clinic, {"last_name": "Vega", "phone": "+12125550101"}, by=coordinator)
    content = htmx_of(coordinator).get(CREATE, {"with": ines.pk, "first_name": "Leo"}).content.decode()

    assert [text for text in ("(212) 555-0101", 'value="Vega"', 'value="Leo"') if text not in content] == []
    assert last_audit(ines).action == "patients.patient.viewed"


def test_lead_called_again_is_a_404_for_the_clinic_next_door(htmx_of, stranger, ana):
    assert htmx_of(stranger).post(reverse("crm:lead_called_again", args=[ana.pk]), {}).status_code == 404


def test_lead_create_adds_the_doctor_who_sent_them(htmx_of, coordinator):
    source = LeadSourceFactory(category=SourceCategory.DOCTOR_REFERRAL)
    htmx_of(coordinator).post(CREATE, {"first_name": "Leo", "source": source.pk, "referrer": "Dr. Noor", "key": "k"})

    assert Lead.objects.get().referring_provider == ReferringProvider.objects.get(name="Dr. Noor")


def test_lead_referrers_names_who_fits(htmx_of, coordinator):
    ReferringProvider.objects.create(name="Dr. Noor Haddad", practice="Smile Kids")
    source = LeadSourceFactory(category=SourceCategory.DOCTOR_REFERRAL)
    asked = {"source": source.pk, "referrer": "noor"}

    content = htmx_of(coordinator).get(reverse("crm:lead_referrers"), asked).content.decode()
    assert "Smile Kids" in content


def test_lead_matches_shows_patients_and_households(htmx_of, coordinator, ana):
    Patient.objects.create(first_name="Ines", last_name="Vega", phone_e164="+12125550101", name_key="ines vega")
    typed = {"phone": "212 555 0101", "first_name": "Leo", "last_name": "Vega"}

    content = htmx_of(coordinator).get(reverse("crm:lead_matches"), typed).content.decode()
    assert "Ines Vega" in content
    assert content.count("another first name: same household") == 2


def test_a_misspelt_patient_is_shown_and_asked_about_before_the_lead_is_saved(htmx_of, clinic, coordinator):
    values = {"first_name": "Robert", "last_name": "Kowalski", "phone": "+12125550199"}
    robert = register_patient(clinic, values, by=coordinator)
    typed = {"first_name": "Bob", "last_name": "Kowlaski", "phone": "212 555 0107", "key": "k"}

    assert "Robert Kowalski" in htmx_of(coordinator).get(reverse("crm:lead_matches"), typed).content.decode()
    asked = htmx_of(coordinator).post(CREATE, typed)
    assert (asked.status_code, Lead.objects.count()) == (409, 0)
    assert htmx_of(coordinator).post(CREATE, typed | {"seen": str(robert.pk)}).status_code == 204


def test_lead_create_full_keeps_all_that_was_typed(client_of, coordinator):
    sent = {"first_name": "Leo", "city": "Chicago", "postal_code": "60601", "patient_dob": "2012-03-04", "key": "k"}
    response = client_of(coordinator).post(FULL, sent)

    lead = Lead.objects.get()
    assert response["Location"] == lead.get_absolute_url()
    assert (lead.city, str(lead.patient_dob)) == ("Chicago", "2012-03-04")


def test_lead_create_full_asks_about_whoever_has_the_number(client_of, coordinator, ana):
    sent = {"first_name": "Leo", "phone": "212 555 0101", "key": "k"}

    assert client_of(coordinator).post(FULL, sent).status_code == 409
    assert client_of(coordinator).post(FULL, sent | {"seen": str(ana.pk)}).status_code == 302


@pytest.mark.parametrize("path", [CREATE, FULL])
def test_new_leads_keep_no_private_fields_where_privacy_is_minimal(client_of, clinic, coordinator, path):
    Clinic.objects.filter(pk=clinic.pk).update(lead_privacy=Clinic.LeadPrivacy.MINIMAL)

    shown = client_of(coordinator).get(path).content.decode()
    refused = client_of(coordinator).post(path, {"first_name": "Leo", "patient_dob": "2012-03-04", "notes": "asthma"})
    assert [name for name in ("last_name", "patient_dob", "insurance_carrier") if f'name="{name}"' in shown] == []
    assert (refused.status_code, Lead.objects.count()) == (422, 0)
    assert "2 things keep this from being saved" in refused.content.decode()
