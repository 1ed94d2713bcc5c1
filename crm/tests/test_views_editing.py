import json
import re

import pytest
from django.urls import reverse

from clinics.models import Clinic
from crm.editing import edit_lead, set_opportunity
from crm.forms.editing import LeadEditForm
from crm.models import Lead, Opportunity
from crm.pipeline import move_lead
from crm.tests.factories import LeadFactory, TagFactory
from patients.registration import register_patient


@pytest.fixture
def lead(clinic, coordinator):
    return LeadFactory(assigned_to=coordinator, first_name="Ana", city="Boston")


def at(name, *args):
    return reverse(f"crm:{name}", args=[getattr(arg, "pk", arg) for arg in args])


def form_of(lead, clinic, **changes):
    """What a browser sends that opened the edit form of `lead` now."""
    form = LeadEditForm(lead=lead, clinic=clinic)
    sent = {name: form[name].value() for name in form.fields}
    sent["seen"] = json.dumps(form.initial["seen"])
    return {name: value for name, value in sent.items() if value is not None} | changes


def toast_of(response):
    return json.loads(response["HX-Trigger"])["toast"][0]


def test_lead_edit_shows_what_is_known(client_of, coordinator, lead):
    response = client_of(coordinator).get(at("lead_edit", lead))

    assert response.status_code == 200
    assert 'value="Boston"' in response.content.decode()


def test_lead_edit_saves_and_goes_back(client_of, clinic, coordinator, lead):
    response = client_of(coordinator).post(at("lead_edit", lead), form_of(lead, clinic, city="Lynn"))

    lead.refresh_from_db()
    assert (response.status_code, lead.city, lead.version) == (302, "Lynn", 2)


def test_lead_edit_refuses_and_keeps_what_was_typed(client_of, clinic, coordinator, lead):
    sent = form_of(lead, clinic, city="Lynn", email="no address", patient_dob="2999-01-01")
    response = client_of(coordinator).post(at("lead_edit", lead), sent)

    content = response.content.decode()
    assert response.status_code == 422
    assert 'value="Lynn"' in content
    assert "A birth date cannot be in the future." in content


def test_lead_edit_over_a_newer_one_shows_both_and_saves_what_is_chosen(client_of, clinic, coordinator, owner, lead):
    opened = form_of(lead, clinic)
    edit_lead(lead, {"city": "Salem", "preferred_time": "after six"}, version=1, by=owner)
    browser = client_of(coordinator)

    clash = browser.post(at("lead_edit", lead), opened | {"city": "Lynn", "postal_code": "01901"})
    content = clash.content.decode()
    assert clash.status_code == 409
    assert all(words in content for words in ("Salem", "Lynn", "after six", "01901", "Olga Vasquez"))
    lead.refresh_from_db()
    assert lead.city == "Salem"

    chosen = {"take_city": "mine", "take_preferred_time": "theirs", "take_postal_code": "mine"}
    sent = form_of(Lead.objects.get(pk=lead.pk), clinic) | {"city": "Lynn", "postal_code": "01901", **chosen}
    saved = browser.post(at("lead_edit", lead), sent | {"preferred_time": ""})
    lead.refresh_from_db()
    assert saved.status_code == 302
    assert (lead.city, lead.postal_code, lead.preferred_time) == ("Lynn", "01901", "after six")


def test_lead_edit_hides_and_refuses_private_fields(client_of, clinic, coordinator, lead):
    Clinic.objects.filter(pk=clinic.pk).update(lead_privacy=Clinic.LeadPrivacy.MINIMAL)
    clinic.refresh_from_db()
    browser = client_of(coordinator)

    assert 'name="last_name"' not in browser.get(at("lead_edit", lead)).content.decode()
    response = browser.post(at("lead_edit", lead), form_of(lead, clinic) | {"last_name": "Vega"})
    assert response.status_code == 422
    assert "last name" in response.content.decode()


def test_lead_edit_of_a_locked_lead_is_refused(client_of, owner, lead, stages):
    move_lead(lead, stages["treatment_started"], by=owner)

    response = client_of(owner).get(at("lead_edit", lead))
    assert response.status_code == 409
    assert "has become a patient" in response.content.decode()


def test_lead_assign_and_undo(htmx_of, owner, coordinator, lead):
    browser = htmx_of(owner)
    response = browser.post(at("lead_assign", lead), {"coordinator": owner.pk})
    lead.refresh_from_db()
    assert lead.assigned_to == owner

    browser.post(toast_of(response)["undo"])
    lead.refresh_from_db()
    assert lead.assigned_to == coordinator


@pytest.mark.parametrize("chosen", ["receptionist", "nobody"])
def test_lead_assign_refuses_who_may_not_own_leads(htmx_of, owner, coordinator, receptionist, lead, chosen):
    pk = receptionist.pk if chosen == "receptionist" else "nobody"

    assert htmx_of(owner).post(at("lead_assign", lead), {"coordinator": pk}).status_code == 422


def test_lead_assign_without_script_goes_back(client_of, owner, lead):
    response = client_of(owner).post(at("lead_assign", lead), {"coordinator": owner.pk})

    assert (response.status_code, response["Location"]) == (302, lead.get_absolute_url())


def test_lead_opportunity_opens_saves_and_closes(htmx_of, coordinator, lead):
    browser = htmx_of(coordinator)
    assert "<html" not in browser.get(at("lead_opportunity", lead)).content.decode()

    response = browser.post(at("lead_opportunity", lead), {"expected_value": "1250.50"})
    lead.refresh_from_db()
    assert lead.expected_value_cents == 125050
    assert "dialog:close" in response["HX-Trigger"]


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"expected_value": "much"}, 422),
        ({}, 422),
        ({"expected_value": "0"}, 409),
        ({"expected_value": "10", "expected_date": "2020-01-01"}, 409),
    ],
)
def test_lead_opportunity_refuses(htmx_of, coordinator, lead, sent, status):
    assert htmx_of(coordinator).post(at("lead_opportunity", lead), sent).status_code == status


def test_lead_tags_on_and_off_with_undo(htmx_of, coordinator, lead):
    browser, tag = htmx_of(coordinator), TagFactory(name="Evenings")
    on = browser.post(at("lead_tags", lead), {"tag": tag.pk})
    assert lead.tag_links.count() == 1

    browser.post(toast_of(on)["undo"])
    assert lead.tag_links.count() == 0

    browser.post(at("lead_tag_add", lead, tag))
    off = browser.post(at("lead_tag_remove", lead, tag))
    assert (lead.tag_links.count(), toast_of(off)["undo"]) == (0, at("lead_tag_add", lead, tag))


def test_lead_tags_refuses_a_tag_of_no_clinic(htmx_of, coordinator, lead):
    assert htmx_of(coordinator).post(at("lead_tags", lead), {"tag": lead.pk}).status_code == 422


@pytest.mark.parametrize("view", ["lead_edit", "lead_assign", "lead_opportunity", "lead_tags"])
def test_strangers_and_viewers_are_turned_away(client_of, stranger, viewer, lead, view):
    assert client_of(stranger).post(at(view, lead), {}).status_code == 404
    assert client_of(viewer).post(at(view, lead), {}).status_code == 403


def test_lead_assign_is_not_for_the_front_desk(client_of, receptionist, lead):
    assert client_of(receptionist).post(at("lead_assign", lead), {}).status_code == 403


@pytest.mark.parametrize(("field", "begins"), [("email", True), ("password", False)])
def test_lead_edit_begins_at_the_field_that_was_asked_for(client_of, coordinator, lead, field, begins):
    content = client_of(coordinator).get(at("lead_edit", lead), {"field": field}).content.decode()

    assert ("autofocus" in content) is begins


def field(name, lead):
    return reverse("crm:lead_field", args=[lead.pk, name])


def opened(page, lead, name):
    """The hidden marks of a form as it was opened."""
    form = page.get(field(name, lead)).context["form"]
    return {"version": form["version"].value(), "seen": json.dumps(form.initial["seen"])}


def test_one_fact_is_edited_in_its_place(htmx_of, coordinator, lead):
    page = htmx_of(coordinator)
    response = page.post(field("phone", lead), opened(page, lead, "phone") | {"phone": "(212) 555-0142"})

    lead.refresh_from_db()
    assert (response.status_code, lead.phone_e164) == (200, "+12125550142")
    assert 'id="lead-contact"' in response.content.decode()


def test_a_fact_that_somebody_changed_meanwhile_shows_both_versions(htmx_of, coordinator, owner, lead):
    page = htmx_of(coordinator)
    marks = opened(page, lead, "email")
    edit_lead(lead, {"email": "hers@example.com"}, version=lead.version, by=owner)

    response = page.post(field("email", lead), marks | {"email": "mine@example.com"})
    shown = response.content.decode()
    assert response.status_code == 409
    assert "hers@example.com" in shown and "mine@example.com" in shown

    version = re.search(r'name="version" value="(\d+)"', shown)[1]
    again = {"version": version, "seen": "{}", "email": "mine@example.com"}
    page.post(field("email", lead), again | {"take_email": "mine"})
    lead.refresh_from_db()
    assert lead.email == "mine@example.com"


def test_another_fact_that_changed_meanwhile_is_no_conflict(htmx_of, coordinator, owner, lead):
    page = htmx_of(coordinator)
    marks = opened(page, lead, "email")
    edit_lead(lead, {"city": "Cicero"}, version=lead.version, by=owner)

    assert page.post(field("email", lead), marks | {"email": "mine@example.com"}).status_code == 200


def test_a_fact_is_refused_in_its_place(htmx_of, coordinator, lead):
    page = htmx_of(coordinator)
    response = page.post(field("email", lead), opened(page, lead, "email") | {"email": "no address"})

    assert response.status_code == 422
    assert "<html" not in response.content.decode()


def test_a_minimal_clinic_has_no_place_for_what_it_does_not_keep(htmx_of, coordinator, clinic, lead):
    clinic.lead_privacy = "MINIMAL"
    clinic.save()
    page = htmx_of(coordinator)

    assert page.get(field("insurance", lead)).status_code == 404
    assert "last_name" not in page.get(field("name", lead)).content.decode()
    sent = opened(page, lead, "name") | {"first_name": "Ana", "last_name": "Vega"}
    assert page.post(field("name", lead), sent).status_code == 422


def test_a_place_that_there_is_not_is_not_found(htmx_of, coordinator, lead):
    assert htmx_of(coordinator).get(field("status", lead)).status_code == 404


def test_a_deal_that_somebody_changed_meanwhile_is_shown_and_kept(htmx_of, coordinator, owner, lead):
    page = htmx_of(coordinator)
    address = reverse("crm:lead_opportunity", args=[lead.pk])
    seen = json.dumps(page.get(address).context["form"].initial["seen"])
    set_opportunity(lead, by=owner, expected_value_cents=900_000)

    response = page.post(address, {"expected_value": "4500", "seen": seen})
    assert response.status_code == 409
    assert "9,000" in response.content.decode() and "4500" in response.content.decode()
    assert lead.opportunity.expected_value_cents == 900_000

    page.post(address, {"expected_value": "4500", "seen": response.context["form"]["seen"].value()})
    assert Opportunity.objects.get(lead=lead).expected_value_cents == 450_000


def test_lead_edit_asks_before_it_takes_the_number_of_somebody_else(client_of, coordinator, lead):
    other = LeadFactory(first_name="Ana", last_name="Vega", phone="+12125550199")
    browser, page = client_of(coordinator), reverse("crm:lead_edit", args=[lead.pk])
    sent = {"version": lead.version, "first_name": "Ana", "source": lead.source_id, "phone": "(212) 555-0199"}
    sent |= {"preferred_contact": "PHONE", "patient_relationship": "SELF"}

    asked = browser.post(page, sent)
    saved = browser.post(page, sent | {"shown": str(other.pk)})
    assert (asked.status_code, saved.status_code) == (409, 302)
    assert f'name="shown" value="{other.pk}"' in asked.content.decode()


def test_lead_field_shows_whoever_has_the_new_number_before_it_is_saved(htmx_of, clinic, coordinator, lead):
    known = LeadFactory(first_name="Luis", last_name="Ortega", phone="+12125550177", email="ana@example.com")
    patient = register_patient(clinic, {"first_name": "Mia", "email": "mia@example.com"}, by=coordinator)
    page, at_phone, at_email = htmx_of(coordinator), at("lead_field", lead, "phone"), at("lead_field", lead, "email")

    asked = page.post(at_phone, form_of(lead, clinic, phone="212 555 0177"))
    assert (asked.status_code, "Luis Ortega" in asked.content.decode()) == (409, True)
    assert f'name="shown" value="{known.pk}"' in asked.content.decode()
    assert page.post(at_phone, form_of(lead, clinic, phone="212 555 0177", shown=known.pk)).status_code == 200

    lead.refresh_from_db()
    assert lead.phone_e164 == "+12125550177"
    again = page.post(at_email, form_of(lead, clinic, email="mia@example.com"))
    assert (again.status_code, "Mia" in again.content.decode()) == (409, True)
    assert page.post(at_email, form_of(lead, clinic, email="mia@example.com", shown=patient.pk)).status_code == 200
    lead.refresh_from_db()
    assert page.post(at("lead_field", lead, "notes"), form_of(lead, clinic, notes="Tuesdays")).status_code == 200
