import pytest

from clinics.tests.factories import LocationFactory
from patients.calendar import read_calendar
from patients.free_slots import find_free_slots
from patients.models import ProviderType, RoomKind
from patients.rules import NoRoomFree, NotTheirWork, TimeTaken
from patients.scheduling import book_appointment, move_appointment
from patients.tests.conftest import at
from patients.tests.factories import AppointmentFactory, AppointmentTypeFactory, ProviderFactory, RoomFactory
from patients.visitors import providers_for_visitors, types_for_visitors

pytestmark = pytest.mark.usefixtures("now")


@pytest.fixture
def chairs(location):
    """Two chairs downtown and one in another town."""
    kind = RoomKind.objects.create(name="Chair")
    here = [RoomFactory(name=f"Chair {n}", kind=kind, location=location) for n in (1, 2)]
    RoomFactory(name="Chair far away", kind=kind, location=LocationFactory(name="Uptown"))
    return here


@pytest.fixture
def wish(patient, provider, chairs, adjustment):
    """An adjustment at nine, which needs a chair."""
    adjustment.room_kind = chairs[0].kind
    adjustment.save()
    return {"patient": patient, "provider": provider, "type": adjustment, "starts_at": at(9)}


def taken(room, start, **facts):
    return AppointmentFactory(room=room, location=room.location, starts_at=start, ends_at=at(10), **facts)


def test_a_type_that_needs_a_room_takes_a_free_one_of_its_location(wish, chairs, receptionist, location):
    others = [ProviderFactory(location=location) for _each in range(2)]

    first = book_appointment(wish, by=receptionist)
    second = book_appointment(wish | {"provider": others[0]}, by=receptionist)

    assert [first.room, second.room] == chairs
    with pytest.raises(NoRoomFree, match="Chair"):
        book_appointment(wish | {"provider": others[1]}, by=receptionist)
    assert book_appointment(wish | {"provider": others[1]}, by=receptionist, anyway=True).room is None


def test_a_room_that_was_chosen_is_never_given_twice(wish, chairs, receptionist, location):
    taken(chairs[1], at(9))

    with pytest.raises(TimeTaken, match="Chair 2"):
        book_appointment(wish | {"room": chairs[1]}, by=receptionist, anyway=True)


def test_a_moved_appointment_keeps_its_room_if_that_is_free_and_else_takes_another(wish, chairs, receptionist):
    appointment = book_appointment(wish, by=receptionist)
    taken(chairs[0], at(9, 30))

    def move(minute):
        times = {"starts_at": at(9, minute), "ends_at": at(9, minute + 20)}
        return move_appointment(appointment, times, version=appointment.version, by=receptionist)

    assert move(10).room == chairs[0]
    appointment.refresh_from_db()
    assert move(35).room == chairs[1]


def test_free_times_are_those_at_which_a_room_is_free_for_all_of_it(wish, chairs, clinic, provider):
    taken(chairs[0], at(8))
    taken(chairs[1], at(8, 20))

    slots = find_free_slots(clinic, [provider], minutes=20, after=at(7), kind=wish["type"])

    assert [slot.starts_at for slot in slots[:2]] == [at(8), at(10)]


def test_only_those_who_do_a_type_are_offered_and_booked_for_it(wish, receptionist, provider, location):
    hygienist = ProviderFactory(name="Mei", location=location)
    cleaning = AppointmentTypeFactory(name="Cleaning", is_booked_online=True)
    ProviderType.objects.create(provider=hygienist, type=cleaning)
    surgeon = ProviderFactory(name="Zoe", location=location, is_booked_online=False)
    ProviderType.objects.create(provider=surgeon, type=wish["type"])

    offered = providers_for_visitors(location)

    assert [each.name for each in offered if each.does(cleaning)] == [provider.name, "Mei"]
    assert [each for each in offered if each.does(wish["type"])] == [provider]
    assert cleaning in types_for_visitors([hygienist])
    assert types_for_visitors([surgeon]) == []
    with pytest.raises(NotTheirWork, match="Mei does not do this"):
        book_appointment(wish | {"provider": hygienist}, by=receptionist)


def test_a_calendar_by_room_has_a_column_each_and_one_for_the_rest(wish, chairs, clinic):
    taken(chairs[1], at(9), provider__name="Dr. Ray")
    AppointmentFactory(provider=None, starts_at=at(11), ends_at=at(12))

    calendar = read_calendar(clinic, [at(9).date()], chairs, by="room")

    shown = [(column.whose, len(column.items)) for column in calendar.columns]
    assert shown == [(chairs[0], 0), (chairs[1], 1), (None, 1)]
    assert calendar.columns[1].items[0].with_whom == "Dr. Ray"
