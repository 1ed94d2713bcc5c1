import pytest

from clinics.audit import SYSTEM
from clinics.members import (
    LastAdmin,
    NoLongerAdmin,
    OwnMembership,
    change_place,
    change_role,
    deactivate_member,
    reactivate_member,
)
from clinics.models import ClinicUser, Role
from clinics.tests.factories import LocationFactory
from conftest import last_audit, member_of


@pytest.fixture
def second_admin(clinic):
    return member_of(Role.CLINIC_ADMIN, "Sam")


def test_change_role_is_recorded(owner, coordinator):
    member = change_role(coordinator, Role.FRONT_DESK, by=owner)

    event = last_audit(coordinator)
    assert member.role == Role.FRONT_DESK
    assert (event.action, event.before, event.after) == (
        "clinics.member.role_changed",
        {"role": "TREATMENT_COORDINATOR"},
        {"role": "FRONT_DESK"},
    )


def test_change_role_to_the_same_is_nothing(owner, coordinator):
    change_role(coordinator, coordinator.role, by=owner)

    assert last_audit(coordinator) is None


def test_change_role_of_oneself_is_refused(owner, second_admin):
    with pytest.raises(OwnMembership):
        change_role(owner, Role.VIEWER, by=owner)


@pytest.mark.parametrize("has_actor", [True, False])
def test_the_only_admin_stays(owner, has_actor):
    by = owner if has_actor else SYSTEM

    with pytest.raises(LastAdmin):
        change_role(owner, Role.VIEWER, by=by)
    with pytest.raises(LastAdmin):
        deactivate_member(owner, by=by)

    owner.refresh_from_db()
    assert (owner.role, owner.is_active) == (Role.CLINIC_ADMIN, True)


def test_an_admin_whose_login_is_closed_does_not_count(owner, second_admin):
    second_admin.user.is_active = False
    second_admin.user.save()

    with pytest.raises(LastAdmin):
        deactivate_member(owner, by=None)


def test_removed_admin_may_not_remove_the_other(owner, second_admin):
    deactivate_member(second_admin, by=owner)

    with pytest.raises(NoLongerAdmin):
        deactivate_member(owner, by=second_admin)


def test_only_admins_change_staff(coordinator, owner, receptionist):
    with pytest.raises(NoLongerAdmin):
        change_role(receptionist, Role.CLINIC_ADMIN, by=coordinator)


def test_deactivate_and_let_in_again(owner, coordinator):
    assert deactivate_member(coordinator, by=owner).is_active is False
    assert last_audit(coordinator).action == "clinics.member.deactivated"

    assert reactivate_member(coordinator, by=owner).is_active is True
    assert last_audit(coordinator).action == "clinics.member.reactivated"
    assert ClinicUser.objects.get(pk=coordinator.pk).role == Role.TREATMENT_COORDINATOR


def test_change_place_records_what_changed(owner, coordinator):
    location = LocationFactory(name="Oak Park")

    change_place(coordinator, by=owner, location=location, capacity=40)

    event = last_audit(coordinator)
    assert event.action == "clinics.member.changed"
    assert event.after == {"location": str(location.pk), "capacity": 40}
