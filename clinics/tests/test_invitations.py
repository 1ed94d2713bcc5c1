import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone

from clinics.invitations import (
    AlreadyInvited,
    AlreadyMember,
    InvitationClosed,
    TooManyInvited,
    accept_invitation,
    find_open,
    invitation_link,
    invite_member,
    resend_invitation,
    withdraw_invitation,
)
from clinics.models import ClinicUser, Invitation, Role, User
from clinics.tests.factories import PASSWORD, UserFactory
from conftest import last_audit, next_door

PERSON = {"first_name": "Noor", "last_name": "Haddad", "password": "violet-harbor-7x"}


@pytest.fixture
def invited(owner):
    return invite_member("Noor@Example.com", role=Role.FRONT_DESK, location=None, by=owner)


def path_of(invitation):
    return "/" + invitation_link(invitation).split("/", 3)[3]


def test_invitation_goes_out_by_mail(owner, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        invitation = invite_member("noor@example.com", role=Role.FRONT_DESK, location=None, by=owner)

    (message,) = mail.outbox
    assert message.to == ["noor@example.com"]
    assert "Downtown Orthodontics" in message.subject
    assert invitation_link(invitation) in message.body
    assert last_audit(invitation).action == "clinics.invitation.sent"


def test_invitation_keeps_no_secret(invited):
    secret = path_of(invited).rstrip("/").rpartition("/")[2]

    assert secret not in str(Invitation.objects.filter(pk=invited.pk).values().get())


def test_invite_member_twice_is_refused(owner, invited):
    with pytest.raises(AlreadyInvited):
        invite_member("NOOR@example.com", role=Role.VIEWER, location=None, by=owner)


def test_invite_member_has_an_end(owner, monkeypatch):
    monkeypatch.setattr("clinics.invitations.AT_ONCE", 2)
    for name in ("a", "b"):
        invite_member(f"{name}@example.com", role=Role.VIEWER, location=None, by=owner)

    with pytest.raises(TooManyInvited):
        invite_member("c@example.com", role=Role.VIEWER, location=None, by=owner)


def test_invite_member_who_works_here_is_refused(owner, coordinator):
    with pytest.raises(AlreadyMember):
        invite_member(coordinator.user.email, role=Role.VIEWER, location=None, by=owner)


def test_accepting_makes_a_new_person_a_member(invited):
    client = Client()

    response = client.post(path_of(invited), PERSON)

    member = ClinicUser.objects.get(user__email="noor@example.com")
    assert (response.status_code, response.url) == (302, "/")
    assert (member.role, member.display_name) == (Role.FRONT_DESK, "Noor Haddad")
    assert client.session["_auth_user_id"] == str(member.user_id)
    assert client.session["clinic"] == str(invited.clinic_id)


def test_looking_at_an_invitation_changes_nothing(invited):
    for _scanner in range(3):
        assert Client().get(path_of(invited)).status_code == 200
        assert Client().head(path_of(invited)).status_code == 405

    invited.refresh_from_db()
    assert invited.is_open
    assert User.objects.filter(email="noor@example.com").count() == 0


def test_accepting_with_a_weak_password_is_refused(invited):
    response = Client().post(path_of(invited), PERSON | {"password": "noor"})

    assert response.status_code == 422
    assert User.objects.filter(email="noor@example.com").count() == 0


def test_somebody_with_a_login_signs_in_first(invited):
    user = UserFactory(email="noor@example.com")
    client = Client()

    asked = client.post(path_of(invited), PERSON)
    client.post("/account/login/", {"login": user.email, "password": PASSWORD})
    client.post(path_of(invited))

    assert asked.url == f"/account/login/?next={path_of(invited)}"
    assert ClinicUser.objects.get(user=user).role == Role.FRONT_DESK
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_somebody_whose_login_is_closed_cannot_accept(invited):
    UserFactory(email="noor@example.com", is_active=False)

    assert Client().get(path_of(invited)).status_code == 404
    assert Client().post(path_of(invited), PERSON).status_code == 404


def test_somebody_else_cannot_accept(invited, coordinator, client_of):
    response = client_of(coordinator).post(path_of(invited), PERSON)

    invited.refresh_from_db()
    assert "another address" in response.content.decode()
    assert invited.is_open


def test_somebody_who_left_comes_back_to_the_same_membership(owner, coordinator):
    ClinicUser.objects.filter(pk=coordinator.pk).update(is_active=False)
    invitation = invite_member(coordinator.user.email, role=Role.VIEWER, location=None, by=owner)

    member = accept_invitation(invitation, user=coordinator.user)

    assert (member.pk, member.is_active, member.role) == (coordinator.pk, True, Role.VIEWER)


def test_every_dead_link_is_the_same_page(owner, invited, other_clinic):
    used = invite_member("used@example.com", role=Role.VIEWER, location=None, by=owner)
    accept_invitation(used, **PERSON)
    withdrawn = invite_member("withdrawn@example.com", role=Role.VIEWER, location=None, by=owner)
    withdraw_invitation(withdrawn, by=owner)
    resent = invite_member("resent@example.com", role=Role.VIEWER, location=None, by=owner)
    former = path_of(resent)
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        resend_invitation(resent, by=owner)
    foreign = path_of(invited).replace(str(invited.clinic_id), str(other_clinic.pk))
    unknown = path_of(invited)[:-5] + "beef/"
    nowhere = path_of(invited).replace(str(invited.clinic_id), "018f0000-0000-7000-8000-000000000000")

    pages = [Client().get(path) for path in (path_of(used), path_of(withdrawn), former, unknown)]
    with next_door(other_clinic):
        pages += [Client().get(foreign)]
    pages += [Client().get(nowhere)]
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        pages.append(Client().get(path_of(invited)))
    assert {page.status_code for page in pages} == {404}
    assert len({re.sub(r'(value|nonce)="[^"]*"', "", page.content.decode()) for page in pages}) == 1


def test_two_presses_make_one_member(invited):
    accept_invitation(invited, **PERSON)

    with pytest.raises(InvitationClosed):
        accept_invitation(invited, **PERSON)


def test_withdrawn_invitation_can_be_sent_again(owner, invited):
    withdraw_invitation(invited, by=owner)
    assert find_open(path_of(invited).split("/")[3]) is None

    again = resend_invitation(invited, by=owner)

    assert again.is_open
    assert last_audit(invited).action == "clinics.invitation.resent"


def test_accepted_invitation_can_be_neither_withdrawn_nor_sent(owner, invited):
    accept_invitation(invited, **PERSON)

    for verb in (withdraw_invitation, resend_invitation):
        with pytest.raises(InvitationClosed):
            verb(invited, by=owner)


def test_invitation_of_one_clinic_leaves_the_other_alone(invited, other_clinic):
    accept_invitation(invited, **PERSON)

    with next_door(other_clinic):
        assert ClinicUser.objects.count() == 0
