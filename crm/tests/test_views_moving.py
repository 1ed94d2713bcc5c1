import json
import re

import pytest
from django.urls import reverse

from crm.models import LeadActivity, LeadStatus, LostReason, StageChange
from crm.pipeline import move_lead
from crm.tests.factories import LeadFactory

BOARD = {"HTTP_HX_CURRENT_URL": "http://testserver" + reverse("crm:board")}


@pytest.fixture
def lead(clinic, coordinator):
    return LeadFactory(first_name="Hana", last_name="Kobayashi", assigned_to=coordinator, expected_value_cents=100_00)


def post(client, name, subject, data=None, **headers):
    return client.post(reverse(f"crm:{name}", args=[subject.pk]), data or {}, **headers)


def heads_in(response):
    """The counts that an answer writes into column heads, by stage id."""
    return dict(re.findall(r'id="count-([0-9a-f-]{36})"[^>]*>([\d,]+)<', response.content.decode()))


def cards_in(response):
    return re.findall(r'id="lead-card-([0-9a-f-]{36})"[^>]*data-stage="([0-9a-f-]{36})"', response.content.decode())


def toast_of(response):
    return json.loads(response["HX-Trigger"])["toast"][0]


def stage_of(lead):
    lead.refresh_from_db()
    return lead.stage.slug


def test_lead_move_answers_the_board_with_two_heads_and_one_card(htmx_of, coordinator, lead, stages):
    response = post(htmx_of(coordinator), "lead_move", lead, {"stage": stages["contacted"].pk}, **BOARD)

    assert response.status_code == 200
    assert heads_in(response) == {str(stages["new_lead"].pk): "0", str(stages["contacted"].pk): "1"}
    assert cards_in(response) == [(str(lead.pk), str(stages["contacted"].pk))]
    assert len(response.content) <= 15_000
    assert toast_of(response)["message"] == "Hana Kobayashi moved to Contacted"
    assert toast_of(response)["undo"] == reverse("crm:lead_move_undo", args=[StageChange.objects.get().pk])
    assert "lead-moved" in json.loads(response["HX-Trigger"])


def test_lead_move_leads_to_the_lead_without_script(client_of, coordinator, lead, stages):
    response = post(client_of(coordinator), "lead_move", lead, {"stage": stages["contacted"].pk})

    assert response.url == lead.get_absolute_url()
    assert stage_of(lead) == "contacted"


def test_lead_move_draws_nothing_on_another_page(htmx_of, coordinator, lead, stages):
    elsewhere = {"HTTP_HX_CURRENT_URL": "http://testserver" + lead.get_absolute_url()}

    response = post(htmx_of(coordinator), "lead_move", lead, {"stage": stages["contacted"].pk}, **elsewhere)

    assert response.content.strip() == b""
    assert response["HX-Reswap"] == "none"
    assert "lead-moved" in json.loads(response["HX-Trigger"])


def test_lead_move_sent_twice_has_one_effect(htmx_of, coordinator, lead, stages):
    browser = htmx_of(coordinator)
    post(browser, "lead_move", lead, {"stage": stages["contacted"].pk}, **BOARD)

    again = post(browser, "lead_move", lead, {"stage": stages["contacted"].pk}, **BOARD)

    assert StageChange.objects.count() == 1
    assert (again.status_code, toast_of(again)["message"]) == (200, "Hana Kobayashi is in Contacted already")
    assert "undo" not in toast_of(again)
    assert "lead-moved" not in json.loads(again["HX-Trigger"])


def test_lead_move_backwards_is_refused_and_shows_where_the_card_is(htmx_of, coordinator, owner, lead, stages):
    move_lead(lead, stages["pending_decision"], by=owner)

    response = post(htmx_of(coordinator), "lead_move", lead, {"stage": stages["contacted"].pk}, **BOARD)

    assert response.status_code == 409
    assert toast_of(response)["level"] == "error"
    assert cards_in(response) == [(str(lead.pk), str(stages["pending_decision"].pk))]
    assert stage_of(lead) == "pending_decision"


def test_lead_move_refused_without_script_says_why_on_the_lead(client_of, coordinator, owner, lead, stages):
    move_lead(lead, stages["pending_decision"], by=owner)
    browser = client_of(coordinator)

    response = post(browser, "lead_move", lead, {"stage": stages["contacted"].pk})

    assert response.url == lead.get_absolute_url()
    assert "A lead never moves back." in browser.get(response.url).content.decode()


def test_lead_move_keeps_the_filter_of_the_board(htmx_of, coordinator, owner, lead, stages):
    LeadFactory(assigned_to=owner, stage=stages["contacted"])
    mine = {"HTTP_HX_CURRENT_URL": BOARD["HTTP_HX_CURRENT_URL"] + "?coordinator=me"}

    response = post(htmx_of(coordinator), "lead_move", lead, {"stage": stages["contacted"].pk}, **mine)

    assert heads_in(response)[str(stages["contacted"].pk)] == "1"


def test_lead_move_to_lost_asks_why_and_moves_nothing(htmx_of, coordinator, lead, stages):
    response = post(htmx_of(coordinator), "lead_move", lead, {"stage": stages["lost"].pk}, **BOARD)

    assert (response.status_code, response["HX-Retarget"]) == (422, "#dialog")
    assert "Why is Hana Kobayashi lost?" in response.content.decode()
    assert stage_of(lead) == "new_lead"


def test_lead_move_to_lost_asks_why_on_a_page_without_script(client_of, coordinator, lead, stages):
    response = post(client_of(coordinator), "lead_move", lead, {"stage": stages["lost"].pk})

    assert response.url == reverse("crm:lead_lost", args=[lead.pk])


def test_lead_move_to_lost_with_its_reason_needs_no_question(htmx_of, coordinator, lead, stages):
    data = {"stage": stages["lost"].pk, "lost_reason": LostReason.RELOCATED}

    response = post(htmx_of(coordinator), "lead_move", lead, data, **BOARD)

    assert response.status_code == 200
    assert stage_of(lead) == "lost"


def test_lead_move_to_a_stage_that_is_gone_is_refused(htmx_of, coordinator, lead):
    response = post(htmx_of(coordinator), "lead_move", lead, {"stage": lead.pk}, **BOARD)

    assert response.status_code == 422
    assert toast_of(response)["level"] == "error"


def test_lead_move_of_a_version_that_is_old_is_refused(htmx_of, coordinator, lead, stages):
    data = {"stage": stages["contacted"].pk, "version": lead.version - 1}

    assert post(htmx_of(coordinator), "lead_move", lead, data).status_code == 409
    assert stage_of(lead) == "new_lead"


def test_lead_move_converts_only_for_those_who_may(htmx_of, receptionist, coordinator, lead, stages):
    data = {"stage": stages["treatment_started"].pk}

    assert post(htmx_of(receptionist), "lead_move", lead, data, **BOARD).status_code == 403
    assert post(htmx_of(coordinator), "lead_move", lead, data, **BOARD)["HX-Retarget"] == "#dialog"
    assert stage_of(lead) == "new_lead"


def test_lead_move_is_for_those_who_change_leads(client_of, viewer, stranger, lead, stages):
    data = {"stage": stages["contacted"].pk}

    assert post(client_of(viewer), "lead_move", lead, data).status_code == 403
    assert post(client_of(stranger), "lead_move", lead, data).status_code == 404
    assert client_of(viewer).get(reverse("crm:lead_move", args=[lead.pk])).status_code == 405


def test_lead_lost_asks_in_the_dialog_and_on_a_page(htmx_of, client_of, coordinator, lead):
    url = reverse("crm:lead_lost", args=[lead.pk])

    assert htmx_of(coordinator).get(url).content.decode().strip().startswith("<form")
    assert "<html" in client_of(coordinator).get(url).content.decode()


def test_lead_lost_without_a_reason_asks_again(htmx_of, coordinator, lead):
    response = post(htmx_of(coordinator), "lead_lost", lead, {"lost_notes": "Moved to Boston."}, **BOARD)

    assert response.status_code == 422
    assert "Moved to Boston." in response.content.decode()
    assert stage_of(lead) == "new_lead"


def test_lead_lost_moves_the_card_with_its_reason(htmx_of, coordinator, lead, stages):
    data = {"lost_reason": LostReason.COST_FINANCIAL, "lost_notes": "Too much."}

    response = post(htmx_of(coordinator), "lead_lost", lead, data, **BOARD)

    assert stage_of(lead) == "lost"
    assert (lead.status, lead.lost_notes) == (LeadStatus.LOST, "Too much.")
    assert 'id="board-total"' in response.content.decode()


def test_lead_lost_is_refused_once_the_lead_is_a_patient(htmx_of, coordinator, lead, stages):
    move_lead(lead, stages["treatment_started"], by=coordinator)

    response = post(htmx_of(coordinator), "lead_lost", lead, {"lost_reason": LostReason.OTHER}, **BOARD)

    assert response.status_code == 409
    assert stage_of(lead) == "treatment_started"


def test_lead_lost_is_for_those_who_change_leads(client_of, viewer, stranger, lead):
    assert client_of(viewer).get(reverse("crm:lead_lost", args=[lead.pk])).status_code == 403
    assert client_of(stranger).get(reverse("crm:lead_lost", args=[lead.pk])).status_code == 404


def test_lead_move_undo_gives_the_same_patch_backwards(htmx_of, coordinator, lead, stages):
    change = move_lead(lead, stages["contacted"], by=coordinator)

    response = post(htmx_of(coordinator), "lead_move_undo", change, **BOARD)

    assert heads_in(response) == {str(stages["new_lead"].pk): "1", str(stages["contacted"].pk): "0"}
    assert cards_in(response) == [(str(lead.pk), str(stages["new_lead"].pk))]
    assert LeadActivity.objects.count() == 0


def test_lead_move_undo_twice_is_undoing_once(htmx_of, coordinator, lead, stages):
    change = move_lead(lead, stages["contacted"], by=coordinator)
    browser = htmx_of(coordinator)
    post(browser, "lead_move_undo", change, **BOARD)

    again = post(browser, "lead_move_undo", change, **BOARD)

    assert again.status_code == 200
    assert "lead-moved" not in json.loads(again["HX-Trigger"])


def test_lead_move_undo_is_refused_after_the_next_move(htmx_of, coordinator, owner, lead, stages):
    change = move_lead(lead, stages["contacted"], by=coordinator)
    move_lead(lead, stages["pending_decision"], by=owner)

    response = post(htmx_of(coordinator), "lead_move_undo", change, **BOARD)

    assert response.status_code == 409
    assert cards_in(response) == [(str(lead.pk), str(stages["pending_decision"].pk))]


def test_lead_move_undo_is_not_found_by_a_stranger(client_of, coordinator, stranger, viewer, lead, stages):
    change = move_lead(lead, stages["contacted"], by=coordinator)

    assert post(client_of(stranger), "lead_move_undo", change).status_code == 404
    assert post(client_of(viewer), "lead_move_undo", change).status_code == 403


def test_lead_reopen_is_for_clinic_admins(htmx_of, coordinator, owner, stranger, lead, stages):
    move_lead(lead, stages["lost"], by=coordinator, lost_reason=LostReason.OTHER)
    data = {"stage": stages["contacted"].pk}

    assert post(htmx_of(coordinator), "lead_reopen", lead, data, **BOARD).status_code == 403
    assert post(htmx_of(stranger), "lead_reopen", lead, data, **BOARD).status_code == 403
    response = post(htmx_of(owner), "lead_reopen", lead, data, **BOARD)

    assert stage_of(lead) == "contacted"
    assert cards_in(response) == [(str(lead.pk), str(stages["contacted"].pk))]


def test_lead_reopen_of_an_open_lead_is_refused(htmx_of, owner, lead, stages):
    assert post(htmx_of(owner), "lead_reopen", lead, {"stage": stages["contacted"].pk}, **BOARD).status_code == 409
    assert post(htmx_of(owner), "lead_reopen", lead, {"stage": "x"}, **BOARD).status_code == 422
