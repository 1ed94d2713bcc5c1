from datetime import timedelta

import pytest
from django.utils import timezone

from crm.following_up.rehearsing import play, rehearse
from crm.models import FollowUpRule, FollowUpRun, StageChange, TaskTemplate, Trigger
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


def test_each_occasion_says_when_and_what_the_rule_would_have_done(clinic, coordinator, owner, stages, now):
    came = now - timedelta(days=3)
    silent = LeadFactory(assigned_to=coordinator, captured_at=came, email="", email_norm="")

    def told(**facts):
        found = FollowUpRule.objects.for_sentence().get(pk=FollowUpRuleFactory(**facts).pk)
        (played,) = play(found, rehearse(found, now - timedelta(days=30), now), clinic)
        return played.words

    mail = {"action": "MESSAGE", "message_channel": "EMAIL", "message_subject": "Hello", "message_text": "Hello"}
    first_call = TaskTemplate.objects.get(title="First call")
    assert told(action="TASK", task_template=first_call) == "Set the task “First call”."
    assert told(**mail) == "Did nothing: there is no address for E-mail."
    assert told(action="ESCALATE") == "Told Olga Vasquez."
    assert told(action="SUGGEST", target_stage=stages["lost"]) == "Suggested to move the lead to Lost."
    late = FollowUpRuleFactory(delay=2, delay_unit="DAYS")
    (played,) = play(late, [(came, silent.pk)], clinic)
    assert (played.lead, played.acts_at > came + timedelta(days=1)) == (silent, True)


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
