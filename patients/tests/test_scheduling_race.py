"""A hundred bookings of one time at the same moment: one wins, the others are told so."""

import threading
from collections import Counter

import pytest
from django.db import connection

from clinics.models import Role
from clinics.tenancy import clinic_scope
from clinics.tests.factories import ClinicFactory, ClinicUserFactory
from patients.models import Appointment
from patients.rules import TimeTaken
from patients.scheduling import book_appointment
from patients.tests.conftest import at
from patients.tests.factories import PatientFactory, ProviderFactory, RoomFactory

DESKS, BOOKINGS_OF_EACH = 20, 5  # connections of one server are few, and the suite shares them


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("place", ["provider", "room"])
def test_of_a_hundred_bookings_of_one_time_one_wins(time_machine, place):
    time_machine.move_to(at(7), tick=True)
    clinic = ClinicFactory()
    with clinic_scope(clinic):
        desk = ClinicUserFactory(role=Role.FRONT_DESK)
        wish = {"patient": PatientFactory(), "starts_at": at(9), "duration_minutes": 30}
        wish[place] = {"provider": ProviderFactory, "room": RoomFactory}[place]()
    together, outcomes = threading.Barrier(DESKS), []

    def book():
        together.wait()
        try:
            for _each in range(BOOKINGS_OF_EACH):
                try:
                    with clinic_scope(clinic):
                        book_appointment(wish, by=desk)
                    outcomes.append("booked")
                except TimeTaken:
                    outcomes.append("taken")
        finally:
            connection.close()

    threads = [threading.Thread(target=book) for _each in range(DESKS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with clinic_scope(clinic):
        assert Counter(outcomes) == {"booked": 1, "taken": DESKS * BOOKINGS_OF_EACH - 1}
        assert Appointment.objects.count() == 1
