from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from clinics.absence import AbsenceBackwards, OwnDeputy, change_absence, managers_of, stand_in_for
from conftest import last_audit

LONG_AGO = date(2020, 1, 1)


def away(member, deputy=None):
    member.out_of_office_from, member.deputy = LONG_AGO, deputy
    member.save()


def test_stand_in_for_goes_on_to_the_deputy_of_a_deputy(owner, coordinator, receptionist):
    away(coordinator, deputy=owner)
    away(owner, deputy=receptionist)

    assert stand_in_for(coordinator) == receptionist


def test_stand_in_for_is_the_member_when_nobody_is_there(owner, coordinator):
    away(coordinator, deputy=owner)
    away(owner, deputy=coordinator)

    assert stand_in_for(coordinator) == coordinator


def test_managers_of_are_whom_they_report_to_or_else_the_admins(owner, coordinator, doctor):
    assert managers_of(coordinator) == [owner]

    coordinator.manager = doctor
    assert managers_of(coordinator) == [doctor]

    away(doctor)
    assert managers_of(coordinator) == [owner]


def test_change_absence_refuses_oneself_as_deputy_and_days_that_run_backwards(coordinator):
    with pytest.raises(OwnDeputy):
        change_absence(coordinator, first_day=LONG_AGO, last_day=None, deputy=coordinator, by=coordinator)
    with pytest.raises(AbsenceBackwards):
        yesterday = LONG_AGO - timedelta(days=1)
        change_absence(coordinator, first_day=LONG_AGO, last_day=yesterday, deputy=None, by=coordinator)


def test_profile_absence_sets_ones_own_days_and_deputy(coordinator, owner, client_of):
    today = timezone.localdate().isoformat()
    answers = {"out_of_office_from": today, "out_of_office_until": today, "deputy": owner.pk}

    client_of(coordinator).post(reverse("clinics:profile_absence"), answers)

    coordinator.refresh_from_db()
    assert (coordinator.deputy, coordinator.out_of_office_from.isoformat()) == (owner, today)
    assert last_audit(coordinator).action == "clinics.member.absence_changed"
