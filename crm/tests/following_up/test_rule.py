"""What a rule may say, what it says in a sentence, and which ones a clinic starts with."""

import pytest
from django.core.exceptions import ValidationError

from clinics.tests.factories import ClinicFactory
from conftest import next_door
from crm.following_up.sentences import sentence_of
from crm.models import FollowUpRule, LeadSource, TaskTemplate
from crm.presets import PRESETS, load_preset


def rule(**facts):
    return FollowUpRule(**{"name": "A rule", "trigger": "LEAD_CREATED", "action": "ESCALATE"} | facts)


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"trigger": "STUCK_DAYS"}, "threshold"),
        ({"trigger": "NO_RESPONSE", "threshold": 99}, "threshold"),
        ({"trigger": "STAGE_ENTERED"}, "trigger_stage"),
        ({"action": "TASK"}, "task_template"),
        ({"action": "MESSAGE", "message_channel": "SMS"}, "message_text"),
        ({"action": "MESSAGE", "message_text": "Hello"}, "message_channel"),
        ({"action": "MESSAGE", "message_channel": "EMAIL", "message_text": "Hello"}, "message_subject"),
        ({"action": "MESSAGE", "message_channel": "SMS", "message_text": "Hello {name}"}, "message_text"),
        ({"action": "MESSAGE", "message_channel": "SMS", "message_text": "Hello {first_name"}, "message_text"),
        ({"action": "SUGGEST"}, "target_stage"),
        ({"action": "TAG"}, "tag"),
        ({"value_from_cents": 500, "value_to_cents": 100}, "value_to_cents"),
    ],
)
def test_a_rule_that_could_not_work_is_refused_at_its_field(clinic, facts, field):
    with pytest.raises(ValidationError) as refused:
        rule(**facts).clean()

    assert set(refused.value.message_dict) == {field}


def test_a_rule_neither_waits_in_the_last_stage_nor_suggests_to_win(clinic, stages):
    with pytest.raises(ValidationError):
        rule(trigger="STUCK_DAYS", threshold=3, trigger_stage=stages["lost"]).clean()
    with pytest.raises(ValidationError):
        rule(action="SUGGEST", target_stage=stages["treatment_started"]).clean()


def test_what_a_rule_does_not_need_is_emptied(clinic, stages):
    template = TaskTemplate.objects.first()
    cleaned = rule(threshold=4, trigger_stage=stages["lost"], task_template=template, message_text="Hello")
    cleaned.clean()

    assert (cleaned.threshold, cleaned.trigger_stage, cleaned.task_template) == (None, None, None)
    assert cleaned.message_text == ""
    assert cleaned.active_since is not None


def test_a_rule_reads_as_a_sentence(clinic, stages):
    said = rule(
        trigger="STUCK_DAYS", threshold=7, trigger_stage=stages["pending_decision"], interest="INVISALIGN",
        source=LeadSource.objects.get(name="Google Ads"), value_from_cents=300_000, delay=2, delay_unit="HOURS",
        action="TASK", task_template=TaskTemplate.objects.get(title="Check-in call"),
    )  # fmt: skip

    assert sentence_of(said) == (
        "When a lead has been in Pending Decision for 7 days, from Google Ads, interested in Invisalign, "
        "worth $3,000 or more: after 2 business hours, set the task “Check-in call”."
    )


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("language", ["en", "es"])
def test_every_preset_brings_the_usual_rules_in_its_language(db, preset, language):
    clinic = ClinicFactory(preset=preset, language=language)
    with next_door(clinic):
        load_preset(clinic)
        load_preset(clinic)
        rules = list(FollowUpRule.objects.for_sentence())
        for each in rules:
            each.clean()
            assert sentence_of(each)
        assert [each.key for each in rules] == [
            "call_new", "no_contact", "confirm", "after_consultation", "deciding", "goodbye", "give_up",
        ]  # fmt: skip
        is_spanish = rules[0].name != "Call a new lead"
        assert is_spanish == (language == "es")
