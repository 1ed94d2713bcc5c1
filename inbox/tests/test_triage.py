"""A message that is just in: heard, and a stranger's made a lead where the clinic wants that."""

import pytest

from clinics.models import StaffNotification
from crm.models import Lead
from inbox.models import InboxSettings, UnifiedConversation
from inbox.receiving import Incoming, receive_message
from inbox.triage import make_lead_of_stranger, mark_message

NUMBER = "+17735550123"


@pytest.fixture
def written(desk):
    """written(words): a text of a stranger, received."""
    return lambda words="Do you take walk-ins?", **facts: receive_message(
        desk, Incoming(external_id="SM1", address=NUMBER, text=words, **facts)
    )


def test_a_message_is_marked_and_who_looks_after_them_is_told_of_what_is_urgent(written, coordinator):
    message = written("Please help, I am in severe pain and it is awful")
    UnifiedConversation.objects.update(assigned_to=coordinator)

    message = mark_message(message)
    mark_message(message)

    assert (message.sentiment, message.is_urgent) == ("NEGATIVE", True)
    assert StaffNotification.objects.get(kind="message").member == coordinator


def test_a_stranger_stays_one_unless_the_clinic_wants_leads(written):
    assert make_lead_of_stranger(written()) is None
    assert not Lead.objects.exists()


def test_a_stranger_becomes_a_lead_once(written, coordinator):
    InboxSettings.objects.create(makes_leads=True)
    message = written(display_name="Ana Lopez")

    lead = make_lead_of_stranger(message)
    again = make_lead_of_stranger(message)

    message.conversation.refresh_from_db()
    assert (lead.phone_e164, lead.first_name, lead.last_name) == (NUMBER, "Ana", "Lopez")
    assert (message.conversation.lead, again, Lead.objects.count()) == (lead, None, 1)


def test_a_machine_becomes_no_lead(written):
    InboxSettings.objects.create(makes_leads=True)

    assert make_lead_of_stranger(written(is_automatic=True)) is None
