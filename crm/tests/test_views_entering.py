from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from conftest import next_door
from crm.editing import set_opportunity
from crm.models import Lead, Opportunity
from crm.pipeline import move_lead
from crm.tests.factories import LeadFactory
from patients.attendance import confirm_appointment
from patients.models import Appointment, Provider, WorkingHours

BOARD = {"HX-Current-URL": "http://testserver/pipeline/"}


@pytest.fixture
def lead(clinic, coordinator):
    return LeadFactory(first_name="Ada", last_name="Byron", patient_first_name="Kim", assigned_to=coordinator)


def next_monday():
    today = timezone.localdate()
    return today + timedelta(days=7 - today.weekday())


def address(lead, stage):
    return reverse("crm:lead_enter", args=[lead.pk, stage.pk])


def where(lead):
    return Lead.objects.get(pk=lead.pk).stage.slug


def test_lead_move_into_a_stage_that_asks_moves_nothing_yet(htmx_of, coordinator, lead, stages):
    response = htmx_of(coordinator).post(
        reverse("crm:lead_move", args=[lead.pk]), {"stage": stages["treatment_accepted"].pk}, headers=BOARD
    )

    assert (response.status_code, response["HX-Retarget"]) == (422, "#dialog")
    assert "Value of the treatment" in response.content.decode()
    assert where(lead) == "new_lead"


def test_lead_move_into_a_stage_that_asks_is_a_page_without_script(client_of, coordinator, lead, stages):
    response = client_of(coordinator).post(
        reverse("crm:lead_move", args=[lead.pk]), {"stage": stages["treatment_accepted"].pk}
    )

    assert response.url == address(lead, stages["treatment_accepted"])
    assert "Move only" in client_of(coordinator).get(response.url).content.decode()


def test_lead_move_backwards_is_refused_before_anything_is_asked(htmx_of, coordinator, lead, stages):
    move_lead(lead, stages["treatment_accepted"], by=coordinator)

    response = htmx_of(coordinator).post(
        reverse("crm:lead_move", args=[lead.pk]), {"stage": stages["consultation_scheduled"].pk}, headers=BOARD
    )

    assert response.status_code == 409


def test_lead_enter_keeps_the_value_and_moves(htmx_of, coordinator, lead, stages):
    url = address(lead, stages["treatment_accepted"])

    response = htmx_of(coordinator).post(url, {"expected_value": "5400.50"}, headers=BOARD)

    lead.refresh_from_db()
    assert (lead.expected_value_cents, lead.stage.slug) == (5400_50, "treatment_accepted")
    assert lead.opportunity.expected_value_cents == 5400_50
    assert "undo" in response["HX-Trigger"]

    undo_from(htmx_of(coordinator), lead)
    lead.refresh_from_db()
    assert (lead.expected_value_cents, Opportunity.objects.count(), lead.stage.slug) == (None, 0, "new_lead")


@pytest.mark.parametrize(("changed_since", "left"), [(False, (900_00, "FILLER")), (True, (77_00, ""))])
def test_lead_move_undo_puts_back_the_value_of_before_unless_it_was_changed_since(
    htmx_of, coordinator, lead, stages, changed_since, left
):
    set_opportunity(lead, by=coordinator, expected_value_cents=900_00, procedure_code="FILLER")
    htmx_of(coordinator).post(address(lead, stages["treatment_accepted"]), {"expected_value": "54"}, headers=BOARD)
    if changed_since:
        set_opportunity(lead, by=coordinator, expected_value_cents=77_00)

    undo_from(htmx_of(coordinator), lead)
    lead.refresh_from_db()
    known = Opportunity.objects.get()
    assert (known.expected_value_cents, known.procedure_code) == left
    assert lead.expected_value_cents == left[0]


@pytest.mark.parametrize("value", ["", "0", "-3", "x", "1e20"])
def test_lead_enter_says_what_is_wrong_with_a_value(htmx_of, coordinator, lead, stages, value):
    response = htmx_of(coordinator).post(address(lead, stages["treatment_accepted"]), {"expected_value": value})

    assert (response.status_code, where(lead)) == (422, "new_lead")


def test_lead_enter_moves_only(htmx_of, coordinator, lead, stages):
    htmx_of(coordinator).post(address(lead, stages["treatment_accepted"]), {"only": "1", "expected_value": ""})

    lead.refresh_from_db()
    assert lead.stage.slug == "treatment_accepted"


def test_lead_enter_books_the_consultation_once_and_ties_it_to_the_lead(htmx_of, coordinator, lead, stages):
    provider = Provider.objects.create(name="Dr. Ito")
    day = next_monday()
    answer = {"day": day, "time": "10:00", "provider": provider.pk, "key": "once"}

    for _turn in range(2):
        htmx_of(coordinator).post(address(lead, stages["consultation_scheduled"]), answer, headers=BOARD)

    lead.refresh_from_db()
    appointment = Appointment.objects.get()
    assert (lead.stage.slug, lead.consultation) == ("consultation_scheduled", appointment)
    assert (appointment.contact_name, appointment.provider) == ("Kim", provider)
    assert timezone.localtime(appointment.starts_at).date() == day


def book_and_move(page, lead, stages, **answer):
    answer = {"day": next_monday(), "time": "10:00", "key": "k"} | answer
    return page.post(address(lead, stages["consultation_scheduled"]), answer, headers=BOARD)


def undo_from(page, lead):
    change = lead.stage_changes.standing().latest("changed_at")
    return page.post(reverse("crm:lead_move_undo", args=[change.pk]), headers=BOARD)


def test_lead_move_undo_cancels_the_appointment_that_the_move_booked_and_says_so(htmx_of, coordinator, lead, stages):
    page = htmx_of(coordinator)
    booked = book_and_move(page, lead, stages)
    undone = undo_from(page, lead)

    lead.refresh_from_db()
    appointment = Appointment.objects.get()
    assert (lead.stage.slug, lead.consultation) == ("new_lead", None)
    assert (appointment.status, appointment.cancellation_reason) == ("CANCELLED", "MISTAKE")
    assert "moved to Consultation Scheduled: " in booked["HX-Trigger"]
    assert "is cancelled" in undone["HX-Trigger"]


def test_lead_move_undo_leaves_an_appointment_that_was_changed_since_and_says_so(htmx_of, coordinator, lead, stages):
    page = htmx_of(coordinator)
    book_and_move(page, lead, stages)
    confirm_appointment(Appointment.objects.get(), by=coordinator)
    undone = undo_from(page, lead)

    lead.refresh_from_db()
    assert (lead.stage.slug, Appointment.objects.get().status) == ("new_lead", "CONFIRMED")
    assert lead.consultation == Appointment.objects.get()
    assert "stays in the schedule" in undone["HX-Trigger"]


def test_lead_enter_books_outside_of_working_hours_only_when_told_so(htmx_of, coordinator, lead, stages):
    page = htmx_of(coordinator)
    provider = Provider.objects.create(name="Dr. Ito")
    WorkingHours.objects.create(provider=provider, weekday=0, opens_at="08:00", closes_at="12:00")
    refused = book_and_move(page, lead, stages, time="20:00", provider=provider.pk)

    assert (refused.status_code, where(lead)) == (409, "new_lead")
    assert 'name="anyway"' in refused.content.decode()
    book_and_move(page, lead, stages, time="20:00", provider=provider.pk, anyway="on")
    assert (where(lead), Appointment.objects.count()) == ("consultation_scheduled", 1)


def test_lead_enter_says_that_the_time_is_taken_and_leaves_the_card(htmx_of, coordinator, lead, stages):
    provider = Provider.objects.create(name="Dr. Ito")
    answer = {"day": next_monday(), "time": "10:00", "provider": provider.pk, "key": "a"}
    htmx_of(coordinator).post(address(LeadFactory(), stages["consultation_scheduled"]), answer)

    response = htmx_of(coordinator).post(address(lead, stages["consultation_scheduled"]), answer | {"key": "b"})

    assert (response.status_code, where(lead)) == (409, "new_lead")
    assert "Dr. Ito has another appointment at that time." in response.content.decode()
    assert Appointment.objects.count() == 1


def test_lead_enter_knows_no_stage_of_the_clinic_next_door(client_of, coordinator, lead, other_clinic):
    with next_door(other_clinic):
        stage = LeadFactory().stage
    assert client_of(coordinator).get(address(lead, stage)).status_code == 404


def test_lead_place_answers_the_card_in_its_new_place(htmx_of, coordinator, clinic):
    low = LeadFactory(stage_entered_at=timezone.now() - timedelta(days=3))
    high = LeadFactory(stage_entered_at=timezone.now() - timedelta(days=1))

    response = htmx_of(coordinator).post(
        reverse("crm:lead_place", args=[low.pk]),
        {"below": ""},
        headers={"HX-Current-URL": "http://testserver/pipeline/?sort=hand"},
    )

    low.refresh_from_db()
    assert low.hand_place > high.stage_entered_at
    assert f'id="lead-card-{low.pk}"' in response.content.decode()
    assert "lead-moved" in response["HX-Trigger"]


def test_lead_place_below_a_card_that_is_gone_changes_nothing(htmx_of, coordinator, lead, other_clinic):
    with next_door(other_clinic):
        theirs = LeadFactory()

    response = htmx_of(coordinator).post(reverse("crm:lead_place", args=[lead.pk]), {"below": theirs.pk}, headers=BOARD)

    assert response.status_code == 422
