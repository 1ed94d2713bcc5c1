"""One person, two clinics, two tabs."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from clinics.models import Invitation, Role
from clinics.tenancy import SESSION_KEY
from clinics.tests.factories import PASSWORD, ClinicUserFactory
from conftest import next_door

INVITE = {"email": "noor@example.com", "role": Role.VIEWER}


@pytest.fixture
def elsewhere(owner, other_clinic):
    """The owner's other membership: clinic admin next door."""
    with next_door(other_clinic):
        return ClinicUserFactory(user=owner.user, role=Role.CLINIC_ADMIN)


def invite_from(clinic, client, **headers):
    return client.post(reverse("clinics:member_invite"), INVITE | {"_clinic": str(clinic.pk)}, headers=headers)


def test_stale_form_writes_nothing(clinic, owner, elsewhere, client_of):
    response = invite_from(clinic, client_of(elsewhere))

    assert response.status_code == 409
    assert "Uptown Smiles" in response.content.decode()
    assert Invitation.objects.count() == 0
    with next_door(elsewhere.clinic):
        assert Invitation.objects.count() == 0


def test_stale_part_is_not_drawn_with_the_other_clinics_rows(clinic, elsewhere, htmx_of):
    response = htmx_of(elsewhere).get(reverse("clinics:member_list"), headers={"x-clinic": str(clinic.pk)})

    assert (response.status_code, response["HX-Redirect"]) == (409, "/")


def test_form_of_the_clinic_at_hand_passes(clinic, owner, elsewhere, client_of):
    assert invite_from(clinic, client_of(owner), **{"x-clinic": str(clinic.pk)}).status_code == 302


def test_form_without_script_dies_with_the_switch(clinic, owner, elsewhere):
    client = Client(enforce_csrf_checks=True)

    def token():
        return re.search(r'csrfmiddlewaretoken" value="(\w+)"', client.get("/account/login/").content.decode())[1]

    client.post("/account/login/", {"login": owner.user.email, "password": PASSWORD, "csrfmiddlewaretoken": token()})
    session = client.session
    session[SESSION_KEY] = str(clinic.pk)
    session.save()
    page = client.get("/profile/").content.decode()
    stale = re.search(r'csrfmiddlewaretoken" value="(\w+)"', page)[1]
    client.post(reverse("clinics:clinic_switch"), {"clinic": str(elsewhere.clinic_id), "csrfmiddlewaretoken": stale})
    assert client.session[SESSION_KEY] == str(elsewhere.clinic_id)

    response = client.post(reverse("clinics:member_invite"), INVITE | {"csrfmiddlewaretoken": stale})

    assert response.status_code == 403
    assert "out of date" in response.content.decode()


def test_switch_to_a_clinic_where_one_does_not_work_is_unknown(owner, other_clinic, client_of):
    response = client_of(owner).post(reverse("clinics:clinic_switch"), {"clinic": str(other_clinic.pk)})

    assert response.status_code == 404
