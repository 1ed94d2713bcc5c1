from datetime import timedelta

import pytest
from django.utils import timezone

from clinics.models import AuditLog, StaffNotification
from conftest import last_audit
from crm.activities import log_call
from crm.following_up import acting
from crm.following_up.acting import run_next
from crm.following_up.noticing import notice_attempt, notice_new
from crm.models import CallOutcome, FollowUpRule, FollowUpRun, Lead, TaskTemplate, Trigger
from crm.pipeline import move_lead
from crm.tests.factories import FollowUpRuleFactory, LeadFactory


@pytest.fixture(autouse=True)
def no_usual_rules(clinic):
    FollowUpRule.objects.all().delete()


@pytest.fixture
def lead(clinic, coordinator):
    return LeadFactory(assigned_to=coordinator)


def run_all(lead, **rule):
    """Make a rule, let the lead come in, and do all that is due; returns the run."""
    FollowUpRuleFactory(**rule)
    notice_new(lead)
    while run_next(timezone.now() + timedelta(seconds=1)):
        pass
    return FollowUpRun.objects.of_lead(lead).first()


def test_a_task_is_set_from_its_template_unless_it_is_open_already(lead, coordinator):
    template = TaskTemplate.objects.get(title="Send the paperwork")
    run = run_all(lead, action="TASK", task_template=template)

    assert (run.status, run.outcome, run.facts) == ("DONE", "TASK_SET", {"title": "Send the paperwork"})
    task = lead.tasks.get()
    assert (task.title, task.assigned_to, task.template) == ("Send the paperwork", coordinator, template)
    assert run_all(lead, name="Again", action="TASK", task_template=template).outcome == "OPEN_ALREADY"
    assert lead.tasks.count() == 1


def test_a_message_is_handed_over_with_its_words(lead):
    text = "Hello {first_name}"
    run = run_all(lead, action="MESSAGE", message_channel="SMS", message_text=text)

    handed_over = last_audit(lead)
    assert (handed_over.action, handed_over.metadata["text"]) == ("crm.follow_up.message_due", text)
    assert handed_over.metadata["run"] == str(run.pk)
    Lead.objects.filter(pk=lead.pk).update(email_norm="")
    mail = {"action": "MESSAGE", "message_channel": "EMAIL", "message_subject": "Hello", "message_text": text}
    assert run_all(lead, name="Mail", **mail).outcome == "NO_ADDRESS"


def test_an_escalation_tells_the_manager_or_else_the_admins(lead, coordinator, owner, receptionist):
    run = run_all(lead, action="ESCALATE")

    assert run.words == "Told Olga Vasquez."
    assert StaffNotification.objects.of(owner).get().url == lead.get_absolute_url()
    coordinator.manager = receptionist
    coordinator.save()
    assert run_all(lead, name="Again", action="ESCALATE").facts == {"who": receptionist.display_name}


def test_three_attempts_suggest_lost_and_move_nothing(lead, coordinator, stages):
    FollowUpRuleFactory(trigger=Trigger.NO_RESPONSE, threshold=3, action="SUGGEST", target_stage=stages["lost"])
    for _try in range(3):
        log_call(lead, by=coordinator, outcome=CallOutcome.NO_ANSWER)
        notice_attempt(Lead.objects.get(pk=lead.pk))
    run_next(timezone.now() + timedelta(seconds=1))

    lead.refresh_from_db()
    assert (lead.suggested_stage, lead.stage) == (stages["lost"], stages["new_lead"])


def test_a_rule_does_nothing_when_what_set_it_off_is_over(lead, coordinator, stages):
    FollowUpRuleFactory(trigger=Trigger.LEAD_CREATED, delay=1, delay_unit="DAYS")
    notice_new(lead)
    assert run_next(timezone.now()) is None
    move_lead(lead, stages["lost"], by=coordinator, lost_reason="RELOCATED")
    run = run_next(timezone.now() + timedelta(days=9))

    assert (run.status, run.outcome, run.words) == ("SKIPPED", "OVER", "Did nothing: what set it off was over by then.")
    assert not lead.tag_links.exists()


def test_a_rule_that_is_off_or_over_its_limit_does_nothing(clinic, coordinator):
    rule = FollowUpRuleFactory(daily_cap=1)
    for number in range(3):
        notice_new(LeadFactory(assigned_to=coordinator, captured_at=timezone.now() - timedelta(minutes=number)))
    runs = [run_next(timezone.now() + timedelta(seconds=1)) for _run in range(2)]
    FollowUpRule.objects.filter(pk=rule.pk).update(is_active=False)
    runs.append(run_next(timezone.now() + timedelta(seconds=1)))

    assert [run.outcome for run in runs] == ["TAGGED", "CAP", "RULE_OFF"]


def test_a_rule_that_stumbles_is_tried_again_and_given_up(lead, monkeypatch):
    def stumble(run, rule, lead):
        lead.tag_links.create(tag=rule.tag)
        raise ZeroDivisionError

    monkeypatch.setitem(acting.ACTIONS, "TAG", stumble)
    run = run_all(lead)
    assert (run.status, run.attempts, lead.tag_links.count()) == ("WAITING", 1, 0)

    for hours in (1, 2):
        run = run_next(timezone.now() + timedelta(hours=hours))
    assert (run.status, run.outcome, run.attempts) == ("FAILED", "ERROR", 3)
    assert run_next(timezone.now() + timedelta(days=1)) is None


def test_what_a_rule_did_is_on_record_as_nobodys(lead):
    run_all(lead)

    assert AuditLog.objects.get(action="crm.lead.tagged").actor is None
