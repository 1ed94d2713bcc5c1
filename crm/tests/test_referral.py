"""Who sent somebody, said or corrected afterwards on the page of the lead."""

import json

import pytest
from django.urls import reverse

from crm.editing import edit_lead
from crm.forms.editing import LeadEditForm
from crm.models import Lead, ReferringProvider, SourceCategory
from crm.tests.factories import LeadFactory, LeadSourceFactory
from patients.tests.factories import PatientFactory


@pytest.fixture
def lead(clinic, coordinator):
    return LeadFactory(assigned_to=coordinator, first_name="Ana")


def at(name, lead, *args):
    return reverse(f"crm:{name}", args=[lead.pk, *args])


def form_of(lead, clinic, **changes):
    """What a browser sends that opened the edit form of `lead` now."""
    form = LeadEditForm(lead=lead, clinic=clinic)
    sent = {name: form[name].value() for name in form.fields}
    sent["seen"] = json.dumps(form.initial["seen"])
    return {name: value for name, value in sent.items() if value is not None} | changes


def test_who_sent_them_is_named_and_changed_on_the_page_of_a_lead(htmx_of, coordinator, lead):
    doctor, friend, ad = (
        LeadSourceFactory(category=category)
        for category in (SourceCategory.DOCTOR_REFERRAL, SourceCategory.PATIENT_REFERRAL, SourceCategory.WEB_PAID)
    )
    noor = PatientFactory(first_name="Noor", last_name="Haddad")
    page = htmx_of(coordinator)

    def say(source, referrer, **more):
        lead.refresh_from_db()
        detail = {"source_detail": lead.source_detail}
        sent = form_of(lead, lead.clinic) | detail | {"source": source.pk, "referrer": referrer} | more
        assert page.post(at("lead_field", lead, "source"), sent).status_code == 200
        lead.refresh_from_db()
        return str(lead.referring_provider or ""), lead.referring_patient, lead.source_detail

    assert say(doctor, "Dr. Vega") == ("Dr. Vega", None, "Dr. Vega")
    assert say(doctor, "Dr. Stone") == ("Dr. Stone", None, "Dr. Stone")
    assert say(doctor, "Dr. Stone", source_detail="by letter") == ("Dr. Stone", None, "by letter")
    assert say(friend, "Noor Haddad", referrer_id=noor.pk) == ("", noor, "by letter")
    assert say(friend, "Aunt Rosa", source_detail="") == ("", None, "Aunt Rosa")
    assert say(friend, "Noor Haddad", referrer_id=noor.pk)[1] == noor
    assert say(ad, "Noor Haddad", source_detail="Noor Haddad") == ("", None, "")


def test_another_word_on_who_sent_them_meanwhile_shows_both(client_of, clinic, coordinator, owner, lead):
    source = LeadSourceFactory(category=SourceCategory.DOCTOR_REFERRAL)
    vega, stone = (ReferringProvider.objects.create(name=name) for name in ("Dr. Vega", "Dr. Stone"))
    edit_lead(lead, {"source": source, "referring_provider": vega}, version=lead.version, by=owner)
    sent = form_of(Lead.objects.get(pk=lead.pk), clinic, referrer="Dr. Noor")
    lead.refresh_from_db()
    edit_lead(lead, {"referring_provider": stone}, version=lead.version, by=owner)

    browser = client_of(coordinator)
    clash = browser.post(at("lead_edit", lead), sent)
    assert clash.status_code == 409
    assert all(words in clash.content.decode() for words in ("Dr. Stone", "Dr. Noor", 'name="take_referrer"'))
    now = form_of(Lead.objects.get(pk=lead.pk), clinic, referrer="Dr. Noor")
    browser.post(at("lead_edit", lead), now | {"take_referrer": "theirs"})
    lead.refresh_from_db()
    assert lead.referring_provider == stone
    browser.post(at("lead_edit", lead), now | {"take_referrer": "mine"})
    lead.refresh_from_db()
    assert lead.referring_provider.name == "Dr. Noor"
