import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinics.invitations import invite_member
from clinics.models import ClinicUser, Invitation, Role
from conftest import member_of

LIST = reverse("clinics:member_list")


def url(name, row):
    return reverse(f"clinics:{name}", args=[row.pk])


def test_member_list_shows_people_and_invitations(owner, coordinator, client_of):
    invite_member("noor@example.com", role=Role.FRONT_DESK, location=None, by=owner)

    page = client_of(owner).get(LIST).content.decode()

    assert "Renata Vasquez" in page
    assert "noor@example.com" in page


def test_member_list_asks_as_much_for_one_as_for_three(owner, client_of):
    client = client_of(owner)
    client.get(LIST)
    with CaptureQueriesContext(connection) as one:
        client.get(LIST)
    for name in ("Ada", "Bo"):
        member_of(Role.VIEWER, name)
        invite_member(f"{name}@example.com", role=Role.VIEWER, location=None, by=owner)
    with CaptureQueriesContext(connection) as three:
        client.get(LIST)

    assert len(three) == len(one)


@pytest.mark.parametrize("who", ["coordinator", "receptionist", "doctor", "marketer", "viewer"])
def test_staff_pages_are_for_clinic_admins(request, who, owner, client_of):
    member = request.getfixturevalue(who)
    client = client_of(member)

    for path in (LIST, reverse("clinics:member_invite"), url("member_edit", owner)):
        assert client.get(path).status_code == 403
    assert client.post(url("member_edit", member), {"role": Role.CLINIC_ADMIN}).status_code == 403
    assert (
        client.post(reverse("clinics:member_invite"), {"email": "a@b.com", "role": "CLINIC_ADMIN"}).status_code == 403
    )
    assert ClinicUser.objects.get(pk=member.pk).role == member.role


def test_member_of_another_clinic_is_unknown(owner, stranger, client_of):
    client = client_of(owner)

    for name in ("member_edit", "member_deactivate", "member_reactivate"):
        assert client.post(url(name, stranger), {"role": Role.VIEWER}).status_code == 404


def test_member_invite_redirects_without_script(owner, client_of):
    response = client_of(owner).post(
        reverse("clinics:member_invite"), {"email": "Noor@example.com", "role": Role.VIEWER}
    )

    assert (response.status_code, response.url) == (302, LIST)
    assert Invitation.objects.get().email == "noor@example.com"


def test_member_invite_draws_the_list_again(owner, htmx_of):
    response = htmx_of(owner).post(reverse("clinics:member_invite"), {"email": "noor@example.com", "role": Role.VIEWER})

    assert response["HX-Retarget"] == "#member-list"
    assert "dialog:close" in response["HX-Trigger"]
    assert "<html" not in response.content.decode()


def test_member_invite_keeps_what_was_typed(owner, coordinator, htmx_of):
    client = htmx_of(owner)

    unfinished = client.post(reverse("clinics:member_invite"), {"email": "noor@example.com"})
    known = client.post(reverse("clinics:member_invite"), {"email": coordinator.user.email, "role": Role.VIEWER})

    assert (unfinished.status_code, known.status_code) == (422, 422)
    assert 'value="noor@example.com"' in unfinished.content.decode()
    assert "works here already" in known.content.decode()


def test_member_edit_changes_role_and_place(owner, coordinator, client_of):
    response = client_of(owner).post(
        url("member_edit", coordinator),
        {
            "role": Role.FRONT_DESK,
            "capacity": "30",
        },
    )

    coordinator.refresh_from_db()
    assert response.status_code == 302
    assert (coordinator.role, coordinator.capacity) == (Role.FRONT_DESK, 30)


def test_member_edit_cannot_raise_or_lower_oneself(owner, client_of):
    member_of(Role.CLINIC_ADMIN, "Sam")

    client_of(owner).post(url("member_edit", owner), {"role": Role.VIEWER, "capacity": "5"})

    owner.refresh_from_db()
    assert (owner.role, owner.capacity) == (Role.CLINIC_ADMIN, 5)


def test_member_deactivate_can_be_undone(owner, coordinator, htmx_of):
    client = htmx_of(owner)

    response = client.post(url("member_deactivate", coordinator))
    coordinator.refresh_from_db()
    assert coordinator.is_active is False
    assert url("member_reactivate", coordinator) in response["HX-Trigger"]

    client.post(url("member_reactivate", coordinator))
    coordinator.refresh_from_db()
    assert coordinator.is_active is True


def test_the_only_admin_hears_why(owner, htmx_of):
    response = htmx_of(owner).post(url("member_deactivate", owner))

    assert "only clinic admin" in response["HX-Trigger"]


def test_invitation_withdraw_and_resend(owner, client_of):
    invitation = invite_member("noor@example.com", role=Role.VIEWER, location=None, by=owner)
    client = client_of(owner)

    client.post(url("invitation_withdraw", invitation))
    invitation.refresh_from_db()
    assert not invitation.is_open

    client.post(url("invitation_resend", invitation))
    invitation.refresh_from_db()
    assert invitation.is_open
