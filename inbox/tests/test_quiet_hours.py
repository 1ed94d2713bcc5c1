from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from inbox.quiet_hours import is_quiet, next_loud, zones_of

ZONES = [
    *("America/New_York", "America/Los_Angeles", "America/Phoenix", "Pacific/Honolulu", "America/St_Johns"),
    *("Europe/Madrid", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Mexico_City", "Africa/Casablanca"),
]
CHANGES = [  # around where clocks are put forward and back
    datetime(2026, 3, 8, 5, tzinfo=UTC),
    datetime(2026, 11, 1, 5, tzinfo=UTC),
    datetime(2026, 3, 29, 0, tzinfo=UTC),
    datetime(2026, 10, 4, 14, tzinfo=UTC),
    datetime(2026, 7, 1, 0, tzinfo=UTC),
]
moments = st.builds(
    lambda start, minutes, seconds: start + timedelta(minutes=minutes, seconds=seconds),
    st.sampled_from(CHANGES),
    st.integers(-1500, 1500),
    st.integers(0, 59),
)


def wall(moment, name):
    """The clock on the wall, counted by hand from the offset."""
    offset = ZoneInfo(name).utcoffset(moment.astimezone(ZoneInfo(name)))
    return (moment.replace(tzinfo=None) + offset).time()


def oracle(moment, names, starts, ends):
    """Minute by minute until it is night nowhere; None if that does not happen within three days."""

    def night(at):
        clocks = [wall(at, name) for name in names]
        if starts > ends:
            return any(clock >= starts or clock < ends for clock in clocks)
        return any(starts <= clock < ends for clock in clocks)

    if not night(moment):
        return moment
    at = moment.replace(second=0, microsecond=0)
    for _minute in range(3 * 24 * 60):
        at += timedelta(minutes=1)
        if not night(at):
            return at
    return None


@settings(max_examples=50, deadline=None)
@given(
    moments,
    st.lists(st.sampled_from(ZONES), min_size=1, max_size=3, unique=True),
    st.sampled_from([time(21), time(20, 30), time(23), time(0)]),
    st.sampled_from([time(8), time(9, 15), time(2, 30), time(1, 30)]),
)
def test_nothing_rings_at_night_in_any_zone_and_waits_no_longer_than_it_must(moment, names, starts, ends):
    zones = [ZoneInfo(name) for name in names]

    found = next_loud(moment, zones, starts, ends)

    expected = oracle(moment, names, starts, ends)
    if expected is None:  # it is always night somewhere: the first zone decides alone
        expected = oracle(moment, names[:1], starts, ends)
        assert not is_quiet(found, zones[:1], starts, ends)
    else:
        assert not is_quiet(found, zones, starts, ends)
    assert found == expected


def test_a_number_may_be_in_several_zones_beside_that_of_the_clinic():
    home = ZoneInfo("America/New_York")

    assert [zone.key for zone in zones_of("+13125550100", home)] == ["America/New_York", "America/Chicago"]
    assert len(zones_of("+18005550100", home)) > 3  # toll-free: anywhere in the country
    assert zones_of("ana@example.com", home) == [home]
