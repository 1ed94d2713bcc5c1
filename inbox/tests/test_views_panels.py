import pytest
from django.urls import reverse

from crm.tests.factories import LeadFactory
from inbox.models import UnifiedConversation
from inbox.tests.factories import ConversationFactory, MessageFactory
from patients.tests.factories import PatientFactory


@pytest.mark.parametrize(("kind", "factory"), [("lead", LeadFactory), ("patient", PatientFactory)])
def test_the_page_of_a_person_shows_their_last_words(htmx_of, coordinator, kind, factory):
    person = factory()
    for text in ("first", "second"):
        MessageFactory(conversation=ConversationFactory(**{kind: person}) if text == "first" else
                       UnifiedConversation.objects.get(**{kind: person}), text=text)  # fmt: skip

    shown = htmx_of(coordinator).get(reverse(f"inbox:{kind}_panel", args=[person.pk])).content.decode()

    assert shown.index("first") < shown.index("second") and "<html" not in shown


@pytest.mark.parametrize(("kind", "factory"), [("lead", LeadFactory), ("patient", PatientFactory)])
def test_the_first_word_opens_a_conversation_once(client_of, coordinator, stranger, kind, factory):
    address = reverse(f"inbox:{kind}_write", args=[factory().pk])

    responses = [client_of(coordinator).post(address) for _time in range(2)]

    assert {response["Location"] for response in responses} == {UnifiedConversation.objects.get().get_absolute_url()}
    assert client_of(stranger).post(address).status_code == 404


def test_the_lead_is_moved_beside_the_conversation_and_the_panel_shows_where_it_stands(
    client_of, htmx_of, coordinator, viewer, stages
):
    conversation = ConversationFactory(lead=LeadFactory())
    address = reverse("inbox:conversation_person", args=[conversation.pk])
    page = htmx_of(coordinator)

    panel = page.get(address).context["panel"]
    assert panel.may_lose and panel.ahead[0].order > conversation.lead.stage.order
    assert {stage.kind for stage in panel.ahead} == {"OPEN", "WON"}
    moved = page.post(reverse("crm:lead_move", args=[conversation.lead_id]), {"stage": panel.ahead[0].pk})
    assert "lead-moved" in moved["HX-Trigger"]
    assert panel.ahead[0].name in page.get(address).content.decode()

    assert client_of(viewer).get(address).context["panel"].ahead == []
