from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from crm.tests.factories import LeadFactory
from inbox.models import Purpose, UnifiedMessage
from inbox.rule_messages import plan_for_rule
from inbox.rules import FieldsUnknown
from patients.tests.factories import AppointmentFactory


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


def test_a_time_that_ends_with_a_full_stop_ends_its_sentence(lead):
    begins = timezone.make_aware(datetime(2026, 11, 27, 10, 20))
    lead.consultation = AppointmentFactory(starts_at=begins, ends_at=begins + timedelta(minutes=30))

    message = plan_for_rule(lead, due("It is booked: {appointment}. At {appointment}, {first_name}."))

    when = "Nov. 27, 2026, 10:20 a.m."
    assert message.text == f"It is booked: {when} At {when}, Ana."


def test_a_text_with_a_hole_in_it_is_not_sent(lead):
    with pytest.raises(FieldsUnknown):
        plan_for_rule(lead, due("Your visit: {appointment}"))
    assert not UnifiedMessage.objects.exists()
