from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from conftest import last_audit
from crm.models import FollowUpRule
from crm.tests.factories import FollowUpRuleFactory, LeadFactory


def at(name, rule):
    return reverse(f"crm:{name}", args=[rule.pk])


def test_the_rules_are_read_as_sentences_and_switched(client_of, htmx_of, owner, clinic):
    page = client_of(owner).get(reverse("crm:rule_list")).content.decode()
    assert "When 3 attempts stay without an answer: suggest to move the lead to Lost." in page

    rule = FollowUpRule.objects.get(key="give_up")
    answer = htmx_of(owner).post(at("rule_switch", rule), {"is_on": ""})
    rule.refresh_from_db()
    assert (rule.is_active, rule.active_since, last_audit(rule).action) == (False, None, "crm.rule.switched")
    assert "<html" not in answer.content.decode()
    client_of(owner).post(at("rule_switch", rule), {"is_on": "1"})
    rule.refresh_from_db()
    assert rule.is_active and rule.active_since


def test_the_test_bench_lists_whom_a_rule_would_have_met(client_of, owner, clinic, django_assert_num_queries):
    rule = FollowUpRuleFactory(name="Greet", daily_cap=2)
    now = timezone.now()
    for days in (1, 20, 60):
        LeadFactory(first_name=f"Ana{days}", captured_at=now - timedelta(days=days))
    browser = client_of(owner)

    page = browser.get(at("rule_rehearse", rule)).content.decode()
    assert "Ana1 " in page and "Ana20" in page and "Ana60" not in page
    assert "Ana60" in browser.get(at("rule_rehearse", rule), {"days": "90"}).content.decode()


def test_rules_are_set_by_admins_alone(client_of, coordinator, stranger, clinic):
    rule = FollowUpRule.objects.first()

    assert client_of(coordinator).get(reverse("crm:rule_list")).status_code == 403
    assert client_of(coordinator).post(at("rule_switch", rule)).status_code == 403
    assert client_of(stranger).get(at("rule_rehearse", rule)).status_code == 403


def test_the_admin_refuses_a_rule_that_could_not_work(client_of, owner, clinic):
    sent = {
        "name": "Nothing", "trigger": "STUCK_DAYS", "action": "TAG", "delay": 0, "delay_unit": "HOURS", "place": 9,
        "daily_cap": 10, "is_active": "on",
    }  # fmt: skip
    add = reverse("admin:crm_followuprule_add")
    assert client_of(owner).post(add, sent).status_code == 200
    assert not FollowUpRule.objects.filter(name="Nothing").exists()

    sent |= {"threshold": 3, "action": "ESCALATE"}
    made = client_of(owner).post(add, sent)
    rule = FollowUpRule.objects.get(name="Nothing")
    assert (made["Location"], rule.active_since is not None) == (at("rule_rehearse", rule), True)
