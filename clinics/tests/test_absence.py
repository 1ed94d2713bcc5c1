from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from clinics.absence import (
    AbsenceBackwards,
    AbsenceIsOver,
    AbsenceMeetsAnother,
    OwnDeputy,
    add_absence,
    end_absence,
    managers_of,
    resume_absence,
    stand_in_for,
)
from clinics.tests.factories import away
from conftest import last_audit

MONDAY = date(2026, 12, 7)
DAY = timedelta(days=1)


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


def test_somebody_is_away_more_than_once_each_time_with_a_deputy_of_its_own(coordinator, owner, receptionist):
    away(coordinator, first=MONDAY + 20 * DAY, deputy=owner)
    away(coordinator, first=MONDAY, last=MONDAY + DAY)
    coordinator.deputy = receptionist

    days = {n for n in range(40) if coordinator.is_away_on(MONDAY + n * DAY)}

    assert days == {0, 1, *range(20, 40)}
    assert coordinator.deputy_id_on(MONDAY) == receptionist.pk
    assert coordinator.deputy_id_on(MONDAY + 25 * DAY) == owner.pk


def test_ending_an_absence_keeps_its_days_and_can_be_taken_back(coordinator):
    away(coordinator, first=MONDAY)
    absence = coordinator.times_away[0]

    end_absence(coordinator, absence.id, by=coordinator, today=MONDAY + 3 * DAY)
    coordinator.refresh_from_db()

    assert [coordinator.is_away_on(MONDAY + n * DAY) for n in (0, 2, 3)] == [True, True, False]
    assert last_audit(coordinator).action == "clinics.member.absence_changed"
    with pytest.raises(AbsenceIsOver):
        end_absence(coordinator, absence.id, by=coordinator, today=MONDAY + 4 * DAY)
    away(coordinator, first=MONDAY + 5 * DAY)
    with pytest.raises(AbsenceMeetsAnother):
        resume_absence(coordinator, absence.id, by=coordinator)


@pytest.mark.parametrize(
    ("first", "last", "error"),
    [(0, -1, AbsenceBackwards), (4, 9, AbsenceMeetsAnother), (-9, None, AbsenceMeetsAnother)],
)
def test_add_absence_refuses_days_that_run_backwards_or_meet_others(coordinator, first, last, error):
    away(coordinator, first=MONDAY, last=MONDAY + 4 * DAY)

    with pytest.raises(error):
        until = None if last is None else MONDAY + last * DAY
        add_absence(coordinator, first_day=MONDAY + first * DAY, last_day=until, deputy=None, by=coordinator)
    with pytest.raises(OwnDeputy):
        add_absence(coordinator, first_day=MONDAY, last_day=MONDAY, deputy=coordinator, by=coordinator)


def test_one_sets_ends_and_takes_back_ones_own_days(coordinator, owner, client_of):
    client, today = client_of(coordinator), timezone.localdate()
    address = reverse("clinics:absence_list", args=[coordinator.pk])

    added = client.post(address, {"first_day": today, "last_day": today, "deputy": owner.pk})
    refused = client.post(address, {"first_day": today, "last_day": today - DAY})
    coordinator.refresh_from_db()
    (absence,) = coordinator.times_away

    assert (added.url, refused.status_code) == (reverse("clinics:profile"), 422)
    assert (absence.deputy_id, coordinator.is_out_of_office) == (owner.pk, True)
    assert "Back today" in client.get(reverse("clinics:profile")).content.decode()
    for name, is_away in (("absence_end", False), ("absence_resume", True)):
        client.post(reverse(f"clinics:{name}", args=[coordinator.pk, absence.id]))
        coordinator.refresh_from_db()
        assert coordinator.is_out_of_office is is_away


def test_days_of_others_are_set_by_whoever_looks_after_the_staff(coordinator, receptionist, owner, client_of):
    address = reverse("clinics:absence_list", args=[receptionist.pk])
    days = {"first_day": timezone.localdate()}

    assert client_of(coordinator).post(address, days).status_code == 404
    assert client_of(owner).post(address, days).url == address
    receptionist.refresh_from_db()
    assert receptionist.is_out_of_office
