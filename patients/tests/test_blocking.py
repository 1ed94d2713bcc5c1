"""Blocked times: made, moved and removed in the calendar, and put back."""

from datetime import timedelta

import pytest
from django.urls import reverse

from clinics.audit import SYSTEM
from conftest import next_door
from patients.blocking import block_time, change_block, unblock_time, undo_block
from patients.free_slots import find_free_slots
from patients.models import RoomKind, ScheduleBlock
from patients.rules import BlockEndsBeforeItBegins, NoRoomFree, NotAtWork, NothingToUndo, UndoTooLate
from patients.scheduling import book_appointment
from patients.tests.conftest import at
from patients.tests.factories import AppointmentTypeFactory, RoomFactory, ScheduleBlockFactory

pytestmark = pytest.mark.usefixtures("now")


@pytest.fixture
def block(provider, receptionist):
    """The team meets from nine to ten on Wednesday."""
    values = {"provider": provider, "starts_at": at(9, day=9), "ends_at": at(10, day=9), "reason": "Team meeting"}
    return block_time(values, by=receptionist, key="k")


def test_nobody_is_booked_in_a_blocked_time(block, provider, patient, receptionist):
    wish = {"patient": patient, "provider": provider, "starts_at": at(9, 30, day=9)}

    with pytest.raises(NotAtWork):
        book_appointment(wish, by=receptionist)

    assert book_appointment(wish, by=receptionist, anyway=True).starts_at == at(9, 30, day=9)


def test_the_same_form_sent_twice_blocks_once(block, provider, receptionist):
    again = block_time({"starts_at": at(9, day=9), "ends_at": at(10, day=9)}, by=receptionist, key="k")

    assert (again, again.event, ScheduleBlock.objects.count()) == (block, None, 1)


def test_each_act_is_taken_back(block, receptionist):
    moved = change_block(block, {"starts_at": at(11, day=9), "ends_at": at(12, day=9)}, by=receptionist)
    undo_block(moved.event, by=receptionist)
    block.refresh_from_db()
    assert (block.starts_at, block.ends_at) == (at(9, day=9), at(10, day=9))
    assert change_block(block, {}, by=receptionist).event is None

    removed = unblock_time(block, by=receptionist)
    assert not ScheduleBlock.objects.exists()
    back = undo_block(removed.event, by=receptionist)
    assert (back.pk, back.provider, back.reason) == (block.pk, block.provider, "Team meeting")

    made = block_time({"starts_at": at(9, day=10), "ends_at": at(10, day=10)}, by=receptionist)
    undo_block(made.event, by=receptionist)
    assert list(ScheduleBlock.objects.all()) == [back]


def test_only_the_last_act_is_taken_back_and_only_for_a_while(block, receptionist, time_machine):
    change_block(block, {"reason": "Training"}, by=receptionist)

    with pytest.raises(NothingToUndo):
        undo_block(block.event, by=receptionist)
    time_machine.shift(timedelta(minutes=16))
    with pytest.raises(UndoTooLate):
        undo_block(block.event, by=receptionist)


@pytest.mark.parametrize("length", [timedelta(), timedelta(hours=-1), timedelta(days=400)])
def test_a_block_ends_after_it_begins_within_a_year(block, receptionist, length):
    with pytest.raises(BlockEndsBeforeItBegins):
        change_block(block, {"ends_at": block.starts_at + length}, by=receptionist)


def test_a_holiday_is_made_moved_and_removed_in_the_calendar(htmx_of, receptionist, viewer, provider):
    client, whole = htmx_of(receptionist), {"is_whole_days": "on", "reason": "Thanksgiving"}
    days = {"starts_at_0": "2026-12-09", "starts_at_1": "08:00", "ends_at_0": "2026-12-09", "ends_at_1": "09:00"}

    made = client.post(reverse("patients:block_create"), days | whole)
    holiday = ScheduleBlock.objects.get()
    assert (made.status_code, holiday.starts_at, holiday.ends_at) == (204, at(0, day=9), at(0, day=10))
    calendar = client.get(reverse("patients:schedule"), {"on": "2026-12-09"}).text
    assert reverse("patients:block_edit", args=[holiday.pk]) in calendar and "Thanksgiving" in calendar
    assert (
        reverse("patients:block_edit", args=[holiday.pk]) not in htmx_of(viewer).get(reverse("patients:schedule")).text
    )

    put = {"block": holiday.pk, "starts_at": "2026-12-10T13:00", "minutes": "90", "provider": provider.pk}
    assert client.post(reverse("patients:block_move"), put).status_code == 200
    holiday.refresh_from_db()
    assert (holiday.starts_at, holiday.ends_at, holiday.provider) == (at(13, day=10), at(14, 30, day=10), None)
    assert client.post(reverse("patients:block_move"), put | {"minutes": "0"}).status_code == 422

    assert client.post(reverse("patients:block_remove", args=[holiday.pk])).status_code == 204
    assert not ScheduleBlock.objects.exists()
    assert client.post(reverse("patients:block_create"), days | {"ends_at_1": "07:00"}).status_code == 422


def test_the_form_of_a_block_speaks_by_the_clock_of_its_place(client_of, receptionist, provider, location):
    location.time_zone = "America/Los_Angeles"
    location.save()
    block = ScheduleBlockFactory(provider=provider, starts_at=at(12, day=9), ends_at=at(13, day=9))

    shown = client_of(receptionist).get(reverse("patients:block_edit", args=[block.pk])).text
    new = client_of(receptionist).get(reverse("patients:block_create")).text
    sent = {"provider": provider.pk, "starts_at_0": "2026-12-09", "starts_at_1": "10:00", "ends_at_0": "2026-12-09",
            "ends_at_1": "11:00"}  # fmt: skip
    client_of(receptionist).post(reverse("patients:block_edit", args=[block.pk]), sent)

    block.refresh_from_db()
    assert reverse("patients:block_remove", args=[block.pk]) in shown and "/remove/" not in new
    assert "09:00" in shown and block.starts_at == at(13, day=9)


def test_a_block_of_another_clinic_is_not_found(client_of, receptionist, viewer, other_clinic, block):
    with next_door(other_clinic):
        stranger = ScheduleBlockFactory()

    assert client_of(receptionist).get(reverse("patients:block_edit", args=[stranger.pk])).status_code == 404
    assert client_of(receptionist).post(reverse("patients:block_move"), {"block": stranger.pk}).status_code == 404
    assert client_of(viewer).post(reverse("patients:block_remove", args=[block.pk])).status_code == 403


@pytest.fixture
def laser(location):
    """The only laser room, which is blocked from nine to ten on Wednesday."""
    kind = RoomKind.objects.create(name="Laser")
    room = RoomFactory(name="Laser room", kind=kind, location=location)
    block_time({"room": room, "starts_at": at(9, day=9), "ends_at": at(10, day=9), "reason": "Service"}, by=SYSTEM)
    return room


def test_a_blocked_room_is_given_to_nobody_and_everything_else_goes_on(laser, provider, patient, receptionist, clinic):
    kind = AppointmentTypeFactory(room_kind=laser.kind, duration_minutes=30)
    wish = {"patient": patient, "provider": provider, "type": kind, "starts_at": at(9, 30, day=9)}

    with pytest.raises(NoRoomFree):
        book_appointment(wish, by=receptionist)
    with pytest.raises(NotAtWork, match="Service"):
        book_appointment(wish | {"room": laser}, by=receptionist)
    slots = find_free_slots(clinic, [provider], minutes=30, after=at(9, day=9), kind=kind)
    assert slots[0].starts_at == at(10, day=9)
    assert book_appointment(wish | {"type": None}, by=receptionist).room is None


def test_a_room_is_blocked_in_its_column_and_moved_to_another(htmx_of, receptionist, laser, provider, location):
    client, other = htmx_of(receptionist), RoomFactory(name="Chair 7", location=location)
    days = {"starts_at_0": "2026-12-10", "starts_at_1": "08:00", "ends_at_0": "2026-12-10", "ends_at_1": "09:00"}

    refused = client.post(reverse("patients:block_create"), days | {"room": laser.pk, "provider": provider.pk})
    made = client.post(reverse("patients:block_create"), days | {"room": laser.pk, "location": location.pk})

    assert (refused.status_code, made.status_code) == (422, 204)
    block = ScheduleBlock.objects.get(starts_at=at(8, day=10))
    assert (block.room, block.location, block.starts_at.hour) == (laser, None, 13)
    put = {"block": block.pk, "starts_at": "2026-12-10T13:00", "minutes": "60", "room": other.pk}
    calendar = client.post(f"{reverse('patients:block_move')}?by=room&on=2026-12-10", put).text
    block.refresh_from_db()
    assert (block.room, block.starts_at) == (other, at(13, day=10))
    assert calendar.count(reverse("patients:block_edit", args=[block.pk])) == 2  # its address, and where a press leads
    by_provider = client.get(reverse("patients:schedule"), {"on": "2026-12-10"}).text
    assert reverse("patients:block_edit", args=[block.pk]) not in by_provider
