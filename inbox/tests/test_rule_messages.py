import pytest

from crm.tests.factories import LeadFactory
from inbox.models import Purpose, UnifiedMessage
from inbox.rule_messages import plan_for_rule
from inbox.rules import FieldsUnknown


def due(text):
    return {"run": "run-1", "rule": "rule-1", "channel": "SMS", "subject": "", "text": text}


@pytest.fixture
def lead(desk):
    return LeadFactory(first_name="Ana", phone="+17735550123", phone_e164="+17735550123")


def test_what_a_rule_has_due_is_planned_once_with_its_fields_filled(lead):
    text = "Hello {first_name}, this is {clinic}."

    message = plan_for_rule(lead, due(text))

    assert message == plan_for_rule(lead, due(text))
    assert UnifiedMessage.objects.get().text == f"Hello Ana, this is {lead.clinic.name}."
    assert (message.is_automatic, message.by, message.purpose) == (True, None, Purpose.CARE)


def test_a_text_with_a_hole_in_it_is_not_sent(lead):
    with pytest.raises(FieldsUnknown):
        plan_for_rule(lead, due("Your visit: {appointment}"))
    assert not UnifiedMessage.objects.exists()
