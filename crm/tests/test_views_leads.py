import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinics.models import AuditLog, Clinic, Role
from clinics.tests.factories import ClinicUserFactory
from conftest import next_door
from crm.models import Lead, LeadSubmission, LostReason
from crm.pipeline import move_lead
from crm.tests.factories import LeadActivityFactory, LeadFactory, LeadTaskFactory

CREATE = reverse("crm:lead_create")
# Savepoints and settings that a test's own transaction needs, and the notes on the session, written once a minute.
NOT_ON_THE_PAGE = re.compile(r"SAVEPOINT|current_setting|last_seen_at|UPDATE .django_session")


@pytest.fixture
def lead(clinic, coordinator):
    return LeadFactory(assigned_to=coordinator, first_name="Ana", last_name="Vega")


def views_of(lead):
    return AuditLog.objects.about(lead).filter(action="crm.lead.viewed").count()


def test_lead_detail_shows_the_lead_and_records_the_showing(client_of, coordinator, lead):
    response = client_of(coordinator).get(lead.get_absolute_url())

    assert response.status_code == 200
    assert "Ana Vega" in response.content.decode()
    assert views_of(lead) == 1


def test_lead_detail_drawn_again_is_the_same_showing(client_of, htmx_of, coordinator, lead):
    client_of(coordinator).get(lead.get_absolute_url())
    response = htmx_of(coordinator).get(lead.get_absolute_url())

    assert "<html" not in response.content.decode()
    assert 'id="lead-timeline"' in response.content.decode()
    assert views_of(lead) == 1


def test_lead_detail_asked_for_in_parts_only_is_a_showing(htmx_of, coordinator, lead):
    htmx_of(coordinator).get(lead.get_absolute_url())

    assert views_of(lead) == 1


def test_lead_detail_is_a_404_for_a_stranger(client_of, stranger, lead):
    assert client_of(stranger).get(lead.get_absolute_url()).status_code == 404


def test_lead_detail_is_a_403_for_marketing(client_of, marketer, lead):
    assert client_of(marketer).get(lead.get_absolute_url()).status_code == 403


def test_lead_detail_of_a_deleted_lead_is_a_404(client_of, coordinator, lead):
    Lead.objects.filter(pk=lead.pk).update(deleted_at=lead.captured_at)

    assert client_of(coordinator).get(lead.get_absolute_url()).status_code == 404


def test_lead_detail_costs_the_same_with_more_on_it(client_of, coordinator, clinic):
    def statements(rows):
        lead = LeadFactory(assigned_to=coordinator, phone="+12125559999")
        for _row in range(rows):
            LeadActivityFactory(lead=lead, by=coordinator)
            LeadTaskFactory(lead=lead, assigned_to=coordinator)
            LeadFactory(phone="+12125559999")
        browser = client_of(coordinator)
        browser.get(lead.get_absolute_url())
        with CaptureQueriesContext(connection) as queries:
            browser.get(lead.get_absolute_url())
        return [query["sql"] for query in queries if not NOT_ON_THE_PAGE.search(query["sql"])]

    one, three = statements(1), statements(3)
    assert len(one) == len(three)
    assert len(three) <= 20, "\n".join(sql[:120] for sql in three)


def test_lead_detail_of_a_converted_lead_offers_no_change(client_of, owner, lead, stages):
    move_lead(lead, stages["treatment_started"], by=owner)

    content = client_of(owner).get(lead.get_absolute_url()).content.decode()
    assert "This lead has become a patient." in content
    assert "lead-log" not in content


def test_lead_detail_of_a_lost_lead_says_why_and_lets_an_admin_reopen_it(client_of, owner, coordinator, lead, stages):
    move_lead(lead, stages["lost"], by=owner, lost_reason=LostReason.RELOCATED)

    reopen = reverse("crm:lead_reopen", args=[lead.pk])
    by_owner = client_of(owner).get(lead.get_absolute_url()).content.decode()
    by_coordinator = client_of(coordinator).get(lead.get_absolute_url()).content.decode()
    assert "moved away" in by_owner
    assert (reopen in by_owner, reopen in by_coordinator) == (True, False)


def test_lead_create_saves_and_goes_to_the_lead(client_of, receptionist, coordinator):
    response = client_of(receptionist).post(CREATE, {"phone": "(212) 555-0101", "first_name": "Ana", "key": "k"})

    lead = Lead.objects.get()
    assert (response.status_code, response["Location"]) == (302, lead.get_absolute_url())
    assert (lead.assigned_to, lead.created_by) == (coordinator, receptionist)


def test_lead_create_sent_twice_makes_one_lead(client_of, coordinator):
    browser = client_of(coordinator)
    for _press in range(2):
        browser.post(CREATE, {"first_name": "Ana", "key": "k"})

    assert Lead.objects.count() == LeadSubmission.objects.count() == 1


def test_lead_create_opens_in_the_dialog(htmx_of, coordinator):
    content = htmx_of(coordinator).get(CREATE).content.decode()

    assert "<html" not in content
    assert "How did you hear about us?" in content


def test_lead_create_can_stay_for_the_next_call(htmx_of, coordinator):
    response = htmx_of(coordinator).post(CREATE, {"first_name": "Ana", "again": "1"})

    assert response.status_code == 200
    assert "is saved" in response["HX-Trigger"]
    assert 'value="Ana"' not in response.content.decode()


@pytest.mark.parametrize("sent", [{}, {"first_name": "Ana", "email": "no address"}])
def test_lead_create_refuses_and_keeps_what_was_typed(htmx_of, coordinator, sent):
    response = htmx_of(coordinator).post(CREATE, sent)

    assert response.status_code == 422
    assert sent.get("first_name", "") in response.content.decode()
    assert Lead.objects.count() == 0


def test_lead_create_warns_of_somebody_with_the_same_number_first(htmx_of, coordinator, lead):
    sent = {"first_name": "Leo", "phone": lead.phone, "key": "k"}
    first = htmx_of(coordinator).post(CREATE, sent)
    second = htmx_of(coordinator).post(CREATE, sent | {"seen": str(lead.pk)})

    assert (first.status_code, second.status_code) == (409, 204)
    assert "Ana Vega" in first.content.decode()
    assert "dialog:close" in second["HX-Trigger"]
    assert Lead.objects.filter(first_name="Leo").count() == 1


def test_lead_create_asks_for_first_names_only_where_privacy_is_minimal(client_of, clinic, coordinator):
    Clinic.objects.filter(pk=clinic.pk).update(lead_privacy=Clinic.LeadPrivacy.MINIMAL)

    shown = client_of(coordinator).get(CREATE).content.decode()
    refused = client_of(coordinator).post(CREATE, {"first_name": "Ana", "last_name": "Vega"})

    assert 'name="last_name"' not in shown
    assert refused.status_code == 422
    assert "last name" in refused.content.decode()
    assert Lead.objects.count() == 0


def test_lead_create_beside_somebody_takes_over_what_they_share(client_of, coordinator, lead):
    content = client_of(coordinator).get(CREATE, {"with": lead.pk}).content.decode()

    assert lead.email in content
    assert f'name="seen" value="{lead.pk}"' in content


def test_lead_create_beside_a_stranger_shows_nothing_of_them(client_of, coordinator, other_clinic):
    with next_door(other_clinic):
        theirs = LeadFactory(email="secret@example.com")

    content = client_of(coordinator).get(CREATE, {"with": theirs.pk}).content.decode()
    assert "secret@example.com" not in content


def test_lead_create_is_a_403_for_a_doctor(client_of, doctor):
    assert client_of(doctor).get(CREATE).status_code == 403


def test_lead_matches_shows_who_has_the_number(htmx_of, coordinator, lead):
    content = htmx_of(coordinator).get(reverse("crm:lead_matches"), {"phone": lead.phone}).content.decode()

    assert "Ana Vega" in content


def test_lead_audit_tells_who_saw_the_lead(client_of, owner, coordinator, lead):
    client_of(coordinator).get(lead.get_absolute_url())

    response = client_of(owner).get(reverse("crm:lead_audit", args=[lead.pk]), {"only": "views"})
    assert "Renata Vasquez" in response.content.decode()
    assert "Looked at it" in response.content.decode()


def test_lead_audit_is_a_403_for_a_coordinator(client_of, coordinator, lead):
    assert client_of(coordinator).get(reverse("crm:lead_audit", args=[lead.pk])).status_code == 403


def test_lead_audit_is_a_404_for_the_admin_next_door(client_of, other_clinic, lead):
    with next_door(other_clinic):
        admin = ClinicUserFactory(role=Role.CLINIC_ADMIN)

    assert client_of(admin).get(reverse("crm:lead_audit", args=[lead.pk])).status_code == 404


def test_lead_create_without_script_comes_back_empty_for_the_next_call(client_of, coordinator):
    response = client_of(coordinator).post(CREATE, {"first_name": "Ana", "again": "1"})

    assert (response.status_code, response["Location"]) == (302, CREATE)
