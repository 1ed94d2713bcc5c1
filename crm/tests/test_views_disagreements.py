from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from conftest import next_door
from crm.disagreements import compare_lead
from crm.models import Disagreement
from crm.tests.factories import LeadFactory
from patients.tests.factories import AppointmentFactory, PatientFactory

LIST = reverse("crm:disagreement_list")


def disagree(stages, coordinator, stage="contacted", **facts):
    appointment = AppointmentFactory(starts_at=timezone.now() + timedelta(days=1), **facts)
    lead = LeadFactory(stage=stages[stage], assigned_to=coordinator, consultation=appointment, status="ACTIVE")
    return compare_lead(lead.pk)


def url(name, disagreement):
    return reverse(f"crm:disagreement_{name}", args=[disagreement.pk])


def test_disagreement_list_says_in_plain_words_what_disagrees(coordinator, stages, client_of):
    disagree(stages, coordinator)

    page = client_of(coordinator).get(LIST).content.decode()

    assert "but the card still stands in Contacted." in page
    assert "Move to Consultation Scheduled" in page


def test_disagreement_move_moves_the_card_and_can_be_undone(coordinator, stages, htmx_of):
    disagreement = disagree(stages, coordinator)

    response = htmx_of(coordinator).post(url("move", disagreement))

    disagreement.refresh_from_db()
    assert disagreement.resolution == "MOVED"
    assert "/undo/" in response["HX-Trigger"]
    assert "Every card agrees" in response.content.decode()


def test_disagreement_move_of_who_is_treated_asks_who_may_convert(coordinator, receptionist, stages, htmx_of):
    patient, day = PatientFactory(), timedelta(days=1)
    done = {"patient": patient, "status": "COMPLETED"}
    first = AppointmentFactory(starts_at=timezone.now() - 9 * day, **done)
    AppointmentFactory(starts_at=timezone.now() - 2 * day, **done)
    stage = stages["consultation_completed"]
    lead = LeadFactory(stage=stage, status="ACTIVE", assigned_to=coordinator, consultation=first)
    disagreement = compare_lead(lead.pk)

    assert htmx_of(receptionist).post(url("move", disagreement)).status_code == 403
    assert "has become a patient" in htmx_of(coordinator).post(url("move", disagreement))["HX-Trigger"]


def test_disagreement_keep_wants_a_reason_and_can_be_undone(coordinator, stages, htmx_of):
    disagreement, client = disagree(stages, coordinator), htmx_of(coordinator)

    refused = client.post(url("keep", disagreement), {"reason": ""})
    client.post(url("keep", disagreement), {"reason": "Calls back on Friday"})
    disagreement.refresh_from_db()
    kept = (disagreement.resolution, disagreement.reason)
    client.post(url("keep_undo", disagreement))

    assert refused.status_code == 409
    assert kept == ("KEPT", "Calls back on Friday")
    assert Disagreement.objects.open().get() == disagreement


def test_disagreements_next_door_are_not_found(other_clinic, coordinator, client_of):
    with next_door(other_clinic):
        theirs = Disagreement.objects.create(lead=LeadFactory(), kind="BOOKED", found_at=timezone.now())

    assert client_of(coordinator).post(url("move", theirs)).status_code == 404


def test_disagreements_are_settled_by_those_who_work_on_leads(coordinator, doctor, stages, client_of):
    disagreement = disagree(stages, coordinator)

    assert client_of(doctor).post(url("move", disagreement)).status_code == 403
    assert "disagreement__acts" not in client_of(doctor).get(LIST).content.decode()


def test_disagreement_list_asks_as_often_for_three_as_for_one(
    coordinator, stages, client_of, django_assert_max_num_queries
):
    client, counts = client_of(coordinator), []
    client.get(LIST)
    for more in (1, 2):
        for _number in range(more):
            disagree(stages, coordinator)
        with django_assert_max_num_queries(30) as asked:
            client.get(LIST)
        counts.append(len(asked))

    assert counts[0] == counts[1]
