from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from clinics.business_hours import BusinessHours
from clinics.models import Role, StaffNotification
from clinics.notifications import read_notifications
from clinics.tests.factories import away
from conftest import last_audit, member_of
from crm.activities import log_activity, log_call, undo_activity
from crm.alarms import BY_RULE, raise_alarm
from crm.intake import capture_lead
from crm.lead_clocks import Step, moments_of
from crm.models import ActivityType, AssignmentChange, Direction, LeadClock, LeadSubmission
from crm.speed_watch import ring_due_clocks

CHICAGO = ZoneInfo("America/Chicago")
MONDAY = datetime(2026, 6, 1, 9, 0, tzinfo=CHICAGO)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def dana(clinic):
    return member_of(Role.TREATMENT_COORDINATOR, "Dana")


@pytest.fixture
def wait(clinic, time_machine):
    """Let a lead of Monday 9:00 wait for some minutes and look at its clock, as the tick does."""
    clinic.time_zone, clinic.speed_reassign_minutes = "America/Chicago", 20
    clinic.save()

    def wait(minutes):
        time_machine.move_to(MONDAY + minutes * MINUTE, tick=False)
        ring_due_clocks(clinic)

    return wait


@pytest.fixture
def lead(clinic, coordinator, wait, time_machine):
    time_machine.move_to(MONDAY, tick=False)
    return capture_lead(clinic, {"first_name": "Ana"}, by=coordinator, channel=LeadSubmission.Channel.STAFF)


def notices(kind):
    return list(StaffNotification.objects.filter(kind=kind).values_list("member__user__first_name", "text"))


def test_the_coordinator_is_reminded_before_the_call_is_due_and_once(lead, wait):
    wait(2)
    assert notices("speed") == []

    wait(3)
    wait(4)

    assert notices("speed") == [("Renata", "Call Ana: 2 minutes left")]


def test_the_manager_is_told_and_then_somebody_else_asked(lead, wait, coordinator, owner, dana):
    for minutes in (3, 15, 25):
        wait(minutes)

    lead.refresh_from_db()
    assert [name for name, _text in notices("escalation")] == ["Olga"]
    assert lead.assigned_to == dana
    assert AssignmentChange.objects.of_lead(lead).first().how == AssignmentChange.How.MISSED
    clock = LeadClock.objects.get()
    assert (clock.member, clock.next_at) == (coordinator, None)  # the miss stays with who let it pass
    assert last_audit(lead).action == "crm.lead.assigned"


def test_who_reports_to_somebody_is_escalated_to_them(lead, wait, coordinator, dana, owner):
    coordinator.manager = dana
    coordinator.save()

    wait(3)
    wait(15)

    assert [name for name, _text in notices("escalation")] == ["Dana"]


def test_a_call_stops_the_clock_and_nobody_is_told(lead, wait, coordinator, owner, time_machine):
    time_machine.move_to(MONDAY + 2 * MINUTE, tick=False)
    log_call(lead, by=coordinator, outcome="SPOKE")

    for minutes in (3, 15, 25):
        wait(minutes)

    clock = LeadClock.objects.get()
    assert (clock.seconds, clock.contacted_by, clock.next_at) == (120, coordinator, None)
    assert not StaffNotification.objects.exists()


def test_an_automatic_reply_is_noted_and_stops_nothing(lead, wait, coordinator):
    log_activity(lead, ActivityType.SMS, by=coordinator, direction=Direction.OUTBOUND, payload={"automatic": True})

    wait(3)

    lead.refresh_from_db()
    clock = LeadClock.objects.get()
    assert (lead.first_contacted_at, clock.contacted_at, clock.automatic_at) == (None, None, MONDAY)
    assert len(notices("speed")) == 1


def test_a_call_taken_back_lets_the_clock_run_on_without_telling_twice(lead, wait, coordinator, owner):
    wait(3)
    call = log_call(lead, by=coordinator, outcome="NO_ANSWER")
    undo_activity(call, by=coordinator)

    wait(15)

    assert (len(notices("speed")), len(notices("escalation"))) == (1, 1)


def test_hours_that_changed_meanwhile_count(lead, wait, clinic, owner):
    clinic.holidays = ["2026-06-01"]
    clinic.save()

    wait(15)
    assert notices("escalation") == []

    for minutes in (0, 1):  # from Tuesday 9:00, an hour after the clinic has opened
        wait(24 * 60 + minutes)
    assert len(notices("escalation")) == 1


def test_who_is_away_has_a_deputy_who_is_reminded(lead, wait, coordinator, dana):
    away(coordinator, first=MONDAY.date(), deputy=dana)

    wait(3)

    assert [name for name, _text in notices("speed")] == ["Dana"]


WEEK = {"0": [["08:00", "12:00"], ["13:00", "17:00"]], "2": [["22:00", "23:30"]], "5": [["00:30", "04:00"]],
        "6": [["00:30", "03:30"]]}  # fmt: skip
STARTS = datetime(2026, 3, 5, tzinfo=ZoneInfo("UTC"))  # the clocks go forward on Sunday the 8th at 2:00


@settings(max_examples=40, deadline=None)
@given(
    start=st.integers(0, 6 * 24 * 60), allowed=st.integers(1, 240), warn=st.integers(0, 60),
    later=st.integers(0, 120), has_holiday=st.booleans(), is_autumn=st.booleans(),
)  # fmt: skip
def test_moments_agree_with_a_clock_that_counts_every_open_minute(start, allowed, warn, later, has_holiday, is_autumn):
    """Against a slow oracle that ticks through real minutes and asks at each whether the place is open."""
    begins = STARTS + timedelta(days=238 if is_autumn else 0)  # autumn: the week of November 1st, when they go back
    holiday = {(begins + timedelta(days=4)).date().isoformat()} if has_holiday else set()
    hours, started_at = BusinessHours(WEEK, CHICAGO, frozenset(holiday)), begins + start * MINUTE

    found = moments_of(hours, started_at, allowed=allowed, warn=warn, escalate=later, reassign=None)

    def after(minutes):
        moment = started_at
        while minutes:
            minutes -= _is_open(moment, holiday)
            moment += MINUTE
        return moment

    assert found.due_at == after(allowed)
    expected = [(after(allowed - warn), Step.WARN)] if 0 < warn < allowed else []
    assert list(found.steps) == [*expected, (after(allowed + later), Step.ESCALATE)]


def _is_open(moment, holidays):
    """Told by the wall clock alone; of an hour that comes twice, only the first counts, as opening hours say it."""
    local = moment.astimezone(CHICAGO)
    if local.date().isoformat() in holidays:
        return False
    spans = [(_instant(local, opens), _instant(local, closes)) for opens, closes in WEEK.get(str(local.weekday()), [])]
    return any(opens <= moment < closes for opens, closes in spans)


def _instant(local, text):
    hour, minute = map(int, text.split(":"))
    wall = local.replace(hour=hour, minute=minute, second=0, microsecond=0, fold=0)
    moment = wall.astimezone(ZoneInfo("UTC"))
    assert timezone.is_aware(moment)
    return moment


def test_two_alarms_for_one_lead_are_one_notice_until_it_is_read(lead, wait, owner):
    wait(16)
    raise_alarm(owner, BY_RULE, "Ana needs you: no contact for 24 hours.", lead)

    notice = StaffNotification.objects.of(owner).get()
    assert (notice.kind, notice.text) == (BY_RULE, "Ana needs you: no contact for 24 hours.")

    read_notifications(owner)
    raise_alarm(owner, BY_RULE, "Ana still needs you.", lead)
    assert StaffNotification.objects.of(owner).count() == 2
