from django.urls import reverse

from crm.models import CallOutcome, LeadActivity
from crm.tests.factories import LeadFactory

BOARD = {"HX-Current-URL": "http://testserver/pipeline/"}


def test_card_call_asks_in_the_dialog(htmx_of, coordinator, clinic):
    lead = LeadFactory(first_name="Ada")

    page = htmx_of(coordinator).get(reverse("crm:card_call", args=[lead.pk]), headers=BOARD).content.decode()

    assert "Call with Ada" in page
    assert "<html" not in page


def test_card_call_logs_once_and_answers_the_card(htmx_of, coordinator, clinic):
    lead = LeadFactory(status="NEW")
    answer = {"outcome": CallOutcome.SPOKE, "notes": "Wants evenings.", "key": "once"}

    for _turn in range(2):
        response = htmx_of(coordinator).post(reverse("crm:card_call", args=[lead.pk]), answer, headers=BOARD)

    assert LeadActivity.objects.get(lead=lead, type="PHONE_CALL").notes == "Wants evenings."
    assert f'id="lead-card-{lead.pk}"' in response.content.decode()
    assert "undo" in response["HX-Trigger"]


def test_card_call_without_an_outcome_says_so(htmx_of, coordinator, clinic):
    lead = LeadFactory()

    response = htmx_of(coordinator).post(reverse("crm:card_call", args=[lead.pk]), {"notes": "x"}, headers=BOARD)

    assert (response.status_code, LeadActivity.objects.filter(lead=lead).count()) == (422, 0)


def test_card_call_is_not_for_a_viewer(client_of, viewer, clinic):
    assert client_of(viewer).get(reverse("crm:card_call", args=[LeadFactory().pk])).status_code == 403
