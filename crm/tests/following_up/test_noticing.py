from datetime import timedelta

import pytest
from django.utils import timezone

from clinics.audit import record
from clinics.models import AuditLog
from crm.activities import log_activity, log_call
from crm.following_up.noticing import notice_event, notice_time
from crm.models import CallOutcome, FollowUpRule, FollowUpRun, Lead, LeadStatus, Trigger
from crm.pipeline import move_lead
from crm.suggesting import suggest_move
from crm.tests.factories import FollowUpRuleFactory, LeadFactory, LeadSourceFactory, TagFactory
from patients.tests.factories import AppointmentFactory


@pytest.fixture(autouse=True)
def no_usual_rules(clinic):
    FollowUpRule.objects.all().delete()


@pytest.fixture
def lead(clinic, coordinator):
    return LeadFactory(assigned_to=coordinator)


def event_of(lead, action="crm.lead.captured"):
    return record(action, lead, by=None)


def last_event(action):
    return AuditLog.objects.filter(action=action).order_by("-id").first()


def occurrences():
    return list(FollowUpRun.objects.order_by("pk").values_list("rule__name", "occurrence"))


def test_a_new_lead_sets_a_rule_off_once(lead):
    FollowUpRuleFactory(name="Greet")
    FollowUpRuleFactory(name="Rests", is_active=False)

    assert notice_event(event_of(lead)) == 1
    assert notice_event(event_of(lead)) == 0
    assert occurrences() == [("Greet", "created")]


def test_a_rule_minds_its_conditions(lead, coordinator, owner):
    other = LeadSourceFactory()
    FollowUpRuleFactory(name="Source", source=lead.source)
    FollowUpRuleFactory(name="Other source", source=other)
    FollowUpRuleFactory(name="Owner", coordinator=coordinator, value_from_cents=100)
    FollowUpRuleFactory(name="Tagged", has_tag=TagFactory())
    Lead.objects.filter(pk=lead.pk).update(expected_value_cents=500)

    notice_event(event_of(lead))
    assert {name for name, _occurrence in occurrences()} == {"Source", "Owner"}


def test_a_stage_entered_again_after_an_undo_is_the_same_occasion(lead, coordinator, stages):
    FollowUpRuleFactory(name="Contacted", trigger=Trigger.STAGE_ENTERED, trigger_stage=stages["contacted"])
    move_lead(lead, stages["contacted"], by=coordinator)

    notice_event(last_event("crm.lead.moved"))
    notice_event(last_event("crm.lead.moved"))
    assert len(occurrences()) == 1
    move_lead(lead, stages["pending_decision"], by=coordinator)
    assert notice_event(last_event("crm.lead.moved")) == 0


def test_attempts_without_an_answer_set_a_rule_off_once_a_streak(lead, coordinator):
    FollowUpRuleFactory(name="Three", trigger=Trigger.NO_RESPONSE, threshold=3)

    def call(outcome):
        log_call(lead, by=coordinator, outcome=outcome)
        return notice_event(last_event("crm.lead.activity_logged"))

    assert [call(CallOutcome.NO_ANSWER) for _try in range(4)] == [0, 0, 1, 0]
    call(CallOutcome.SPOKE)
    assert [call(CallOutcome.VOICEMAIL) for _try in range(3)] == [0, 0, 1]


def test_an_automatic_reply_is_no_attempt(lead, coordinator):
    FollowUpRuleFactory(trigger=Trigger.NO_RESPONSE, threshold=1)
    log_activity(lead, "SMS", by=None, direction="OUTBOUND", payload={"automatic": True})

    assert notice_event(last_event("crm.lead.activity_logged")) == 0


def test_an_answer_settles_a_suggestion(lead, stages):
    suggest_move(lead, stages["lost"])
    log_activity(lead, "SMS", by=None, direction="INBOUND")
    notice_event(last_event("crm.lead.activity_logged"))

    assert Lead.objects.get(pk=lead.pk).suggested_stage is None


def test_an_appointment_of_a_lead_sets_rules_off(lead):
    FollowUpRuleFactory(name="Booked", trigger=Trigger.APPOINTMENT_BOOKED)
    stranger = AppointmentFactory()
    lead.consultation = AppointmentFactory()
    lead.save()

    assert notice_event(record("patients.appointment.booked", stranger, by=None)) == 0
    assert notice_event(record("patients.appointment.booked", lead.consultation, by=None)) == 1
    assert notice_event(record("patients.appointment.booked", lead.consultation, by=None)) == 0


def test_time_that_passes_is_noticed_once_and_what_is_history_is_not(clinic, coordinator, stages):
    now = timezone.now()
    FollowUpRuleFactory(name="Stuck", trigger=Trigger.STUCK_DAYS, threshold=7, trigger_stage=stages["contacted"])
    FollowUpRuleFactory(name="Forgotten", trigger=Trigger.NO_CONTACT_HOURS, threshold=24)
    old = {"captured_at": now - timedelta(days=60), "status": LeadStatus.ACTIVE, "first_contacted_at": now}
    for days in (3, 7.5, 40):
        LeadFactory(stage=stages["contacted"], stage_entered_at=now - timedelta(days=days), **old)
    for hours in (2, 30, 24 * 9):
        LeadFactory(captured_at=now - timedelta(hours=hours))

    assert notice_time(now) == 2
    assert notice_time(now) == 0
    assert {name for name, _occurrence in occurrences()} == {"Stuck", "Forgotten"}


def test_a_rule_that_was_just_switched_on_lets_the_past_lie(clinic):
    now = timezone.now()
    FollowUpRuleFactory(trigger=Trigger.NO_CONTACT_HOURS, threshold=24, active_since=now)
    LeadFactory(captured_at=now - timedelta(hours=30))

    assert notice_time(now) == 0
