import json

import pytest
from django.urls import reverse

from clinics.models import Tag
from crm.tests.factories import LeadFactory
from inbox.models import ConversationAddress, UnifiedConversation
from inbox.tests.factories import ConversationFactory, MessageFactory


@pytest.fixture
def conversation(clinic):
    return ConversationFactory(unknown_address="+13125550173", person_name="")


def at(name, conversation, *args):
    return reverse(f"inbox:{name}", args=[conversation.pk, *args])


def undo_of(response):
    return json.loads(response["HX-Trigger"])["toast"][0]["undo"]


@pytest.mark.parametrize(
    ("name", "sent", "field", "undone"),
    [
        ("conversation_resolve", {}, "status", "ACTIVE"),
        ("conversation_snooze", {"when": "week"}, "snoozed_until", None),
    ],
)
def test_an_act_is_undone_from_its_toast(htmx_of, coordinator, conversation, name, sent, field, undone):
    page = htmx_of(coordinator)
    response = page.post(at(name, conversation), sent)
    conversation.refresh_from_db()
    assert getattr(conversation, field) != undone

    page.post(undo_of(response))
    conversation.refresh_from_db()
    assert getattr(conversation, field) == undone


def test_without_script_an_act_leads_back_to_the_conversation(client_of, coordinator, conversation):
    response = client_of(coordinator).post(at("conversation_assign", conversation), {"member": str(coordinator.pk)})

    assert (response.status_code, response["Location"]) == (302, conversation.get_absolute_url())


def test_nonsense_is_refused_and_changes_nothing(htmx_of, coordinator, conversation):
    page = htmx_of(coordinator)

    assert page.post(at("conversation_snooze", conversation), {"when": "never"}).status_code == 422
    assert page.post(at("conversation_assign", conversation), {"member": "nobody"}).status_code == 422


def test_it_stands_as_unread_again(htmx_of, coordinator, conversation):
    htmx_of(coordinator).post(at("conversation_unread", conversation))

    conversation.refresh_from_db()
    assert conversation.unread_count == 1


def test_a_tag_goes_on_and_its_toast_takes_it_off(htmx_of, coordinator, conversation):
    page, tag = htmx_of(coordinator), Tag.objects.create(name="insurance")

    response = page.post(at("conversation_tag", conversation, tag.pk))
    assert conversation.tag_links.count() == 1
    page.post(undo_of(response))
    assert conversation.tag_links.count() == 0


def test_an_unknown_number_is_said_to_be_somebody(htmx_of, coordinator, conversation):
    lead = LeadFactory(first_name="Adaeze", last_name="Okonkwo")
    page = htmx_of(coordinator)

    assert page.get(at("conversation_people", conversation), {"who": "okon"}).context["people"] == [lead]
    page.post(at("conversation_match", conversation, "lead", lead.pk))

    conversation.refresh_from_db()
    assert conversation.lead == lead


def test_somebody_who_has_a_conversation_takes_it_in_and_it_is_parted_again(client_of, coordinator, conversation):
    theirs = ConversationFactory(lead=LeadFactory())
    MessageFactory(conversation=conversation, text="me again")
    browser = client_of(coordinator)

    response = browser.post(at("conversation_match", conversation, "lead", theirs.lead.pk))
    assert response["Location"] == theirs.get_absolute_url() and theirs.messages.get().text == "me again"

    browser.post(at("conversation_part", theirs, conversation.pk))
    assert conversation.messages.get().text == "me again" and not theirs.messages.exists()


def test_what_came_from_one_address_is_split_off(client_of, coordinator, conversation):
    for number, text in (("+13125550173", "mother"), ("+13125550174", "father")):
        ConversationAddress.objects.create(conversation=conversation, channel="SMS", address=number)
        MessageFactory(conversation=conversation, address=number, text=text)
    father = conversation.addresses.get(address="+13125550174")

    client_of(coordinator).post(at("conversation_split", conversation, father.pk))

    parted = UnifiedConversation.objects.exclude(pk=conversation.pk).get()
    assert (parted.messages.get().text, parted.last_message_preview) == ("father", "father")
    assert conversation.messages.get().text == "mother"


def test_a_viewer_is_refused_and_a_stranger_finds_nothing(client_of, viewer, stranger, conversation):
    address = at("conversation_resolve", conversation)

    assert (client_of(viewer).post(address).status_code, client_of(stranger).post(address).status_code) == (403, 404)
