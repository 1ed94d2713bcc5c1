from datetime import timedelta

import pytest
from django.utils import timezone

from crm.following_up.rehearsing import rehearse
from crm.models import FollowUpRule, FollowUpRun, StageChange, Trigger
from crm.tests.factories import FollowUpRuleFactory, LeadActivityFactory, LeadFactory
from patients.tests.factories import AppointmentFactory


@pytest.fixture
def now():
    return timezone.now()


def occasions(now, **rule):
    rule = FollowUpRule.objects.for_sentence().get(pk=FollowUpRuleFactory(**rule).pk)
    return rehearse(rule, now - timedelta(days=30), now)


def test_who_came_within_the_time_and_meets_the_conditions(clinic, coordinator, owner, now):
    mine = LeadFactory(assigned_to=coordinator, captured_at=now - timedelta(days=3))
    LeadFactory(assigned_to=owner, captured_at=now - timedelta(days=3))
    LeadFactory(assigned_to=coordinator, captured_at=now - timedelta(days=40))

    assert occasions(now, coordinator=coordinator) == [(mine.captured_at, mine.pk)]
    assert not FollowUpRun.objects.exists()


def test_stays_that_lasted_too_long_whether_they_go_on_or_ended(clinic, stages, now):
    waiting, moved = stages["pending_decision"], stages["treatment_accepted"]
    still = LeadFactory(stage=waiting, stage_entered_at=now - timedelta(days=9))
    gone = LeadFactory(stage=moved, stage_entered_at=now - timedelta(days=2))
    fast = LeadFactory(stage=moved, stage_entered_at=now - timedelta(days=2))
    for lead, days in ((gone, 20), (fast, 4)):
        StageChange.objects.create(
            lead=lead, from_stage=waiting, to_stage=moved, changed_at=now - timedelta(days=2),
            before={"stage_entered_at": now - timedelta(days=days)},
        )  # fmt: skip
    facts = {"trigger": Trigger.STUCK_DAYS, "threshold": 7, "trigger_stage": waiting}

    assert occasions(now, **facts) == [
        (now - timedelta(days=2), still.pk),
        (now - timedelta(days=13), gone.pk),
    ]


def test_who_was_not_called_in_time(clinic, now):
    came = now - timedelta(days=5)
    late = LeadFactory(captured_at=came, first_contacted_at=came + timedelta(hours=30))
    LeadFactory(captured_at=came, first_contacted_at=came + timedelta(hours=3))
    never = LeadFactory(captured_at=came - timedelta(days=1))

    found = occasions(now, trigger=Trigger.NO_CONTACT_HOURS, threshold=24)
    assert [lead_id for _moment, lead_id in found] == [late.pk, never.pk]


def test_the_last_straw_of_each_streak(clinic, now):
    lead = LeadFactory()
    outcomes = ["NO_ANSWER", "VOICEMAIL", "NO_ANSWER", "NO_ANSWER", "SPOKE", "NO_ANSWER"]
    for days, outcome in zip(range(9, 3, -1), outcomes, strict=True):
        LeadActivityFactory(
            lead=lead, type="PHONE_CALL", direction="OUTBOUND", outcome=outcome, occurred_at=now - timedelta(days=days)
        )

    assert occasions(now, trigger=Trigger.NO_RESPONSE, threshold=3) == [(now - timedelta(days=7), lead.pk)]


def test_consultations_that_were_missed(clinic, now):
    missed = AppointmentFactory(starts_at=now - timedelta(days=2), status="NO_SHOW", closed_at=now - timedelta(days=2))
    lead = LeadFactory(consultation=missed)
    LeadFactory(consultation=AppointmentFactory(starts_at=now - timedelta(days=3), status="COMPLETED"))

    assert occasions(now, trigger=Trigger.APPOINTMENT_MISSED) == [(missed.closed_at, lead.pk)]
