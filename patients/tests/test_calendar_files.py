from datetime import timedelta

import pytest

from patients.calendar_files import appointment_file
from patients.tests.conftest import at
from patients.tests.factories import AppointmentFactory

pytestmark = pytest.mark.usefixtures("now")


def test_the_file_tells_the_same_moment_on_both_sides_of_a_change_of_clocks(location):
    nine = [at(9).replace(month=3, day=day) for day in (7, 8)]
    rows = [AppointmentFactory(location=location, starts_at=each, ends_at=each + timedelta(hours=1)) for each in nine]

    starts = [line for each in rows for line in appointment_file(each).decode().split() if "DTSTART" in line]

    assert starts == ["DTSTART:20260307T140000Z", "DTSTART:20260308T130000Z"]
