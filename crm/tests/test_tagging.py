import pytest

from conftest import last_audit
from crm.pipeline import move_lead
from crm.rules import LeadIsLocked
from crm.tagging import tag_lead, untag_lead
from crm.tests.factories import LeadFactory, TagFactory


@pytest.fixture
def lead(clinic, coordinator):
    return LeadFactory(assigned_to=coordinator)


def test_tag_lead_is_once(lead, coordinator):
    tag = TagFactory(name="Evenings")

    assert tag_lead(lead, tag, by=coordinator) is True
    assert tag_lead(lead, tag, by=coordinator) is False
    assert last_audit(lead).after == {"tag": "Evenings"}
    assert lead.tag_links.count() == 1


def test_untag_lead_takes_it_off(lead, coordinator):
    tag = TagFactory()
    tag_lead(lead, tag, by=coordinator)

    assert untag_lead(lead, tag, by=coordinator) is True
    assert untag_lead(lead, tag, by=coordinator) is False
    assert last_audit(lead).action == "crm.lead.untagged"


def test_a_locked_lead_keeps_its_tags(lead, stages, owner):
    tag = TagFactory()
    move_lead(lead, stages["treatment_started"], by=owner)

    with pytest.raises(LeadIsLocked):
        tag_lead(lead, tag, by=owner)
    with pytest.raises(LeadIsLocked):
        untag_lead(lead, tag, by=owner)
