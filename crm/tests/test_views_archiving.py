import json

from django.urls import reverse

from crm.models import LeadStatus
from crm.tests.factories import LeadFactory


def test_archiving_offers_undo_and_undo_brings_it_back(htmx_of, coordinator):
    lead = LeadFactory(assigned_to=coordinator)
    page = htmx_of(coordinator)

    response = page.post(reverse("crm:lead_archive", args=[lead.pk]))
    lead.refresh_from_db()
    assert lead.status == LeadStatus.ARCHIVED
    assert "This lead is archived." in response.content.decode()

    page.post(json.loads(response["HX-Trigger"])["toast"][0]["undo"])
    lead.refresh_from_db()
    assert lead.status == LeadStatus.NEW


def test_archiving_without_script_goes_back_to_the_lead(client_of, coordinator):
    lead = LeadFactory(assigned_to=coordinator)

    response = client_of(coordinator).post(reverse("crm:lead_archive", args=[lead.pk]))

    assert (response.status_code, response["Location"]) == (302, lead.get_absolute_url())


def test_a_viewer_may_not_archive_and_a_stranger_finds_nothing(client_of, viewer, stranger):
    address = reverse("crm:lead_archive", args=[LeadFactory().pk])

    assert client_of(viewer).post(address).status_code == 403
    assert client_of(stranger).post(address).status_code == 404
