"""Leads as JSON: in their own words, nested, repeated, and what is answered to those who send something else."""

import json
from urllib.parse import urlencode

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from clinics.models import Clinic, WebhookLog
from crm.models import Lead, LeadSubmission, Touchpoint

ANA = {"name": "Ana Lopez", "phone": "(312) 555-0147", "email": "ana@example.com"}


@pytest.fixture
def website(connected):
    return connected("json")


def test_a_lead_comes_in_under_the_source_of_its_connection(website, deliver, work_off, lead_source):
    response = deliver(website, ANA | {"message": "On Saturdays?", "utm_source": "news", "gclid": "g-1"})

    assert (response.status_code, response.json()) == (202, {"status": "accepted", "new": 1, "known": 0})
    [lead] = work_off()
    assert (lead.first_name, lead.last_name, lead.phone_e164, lead.email, lead.notes, lead.source) == (
        "Ana",
        "Lopez",
        "+13125550147",
        "ana@example.com",
        "On Saturdays?",
        lead_source,
    )
    touch = Touchpoint.objects.get(lead=lead)
    assert (touch.utm_source, touch.gclid) == ("news", "g-1")
    event = WebhookLog.objects.get()
    assert (event.status, event.resource_id) == ("PROCESSED", LeadSubmission.objects.get().pk)


@pytest.mark.parametrize(
    "said",
    [
        {"Nombre completo": "Ana Lopez", "Teléfono": "312 555 0147", "Correo electrónico": "ana@example.com"},
        {"contact": {"firstName": "Ana", "lastName": "Lopez", "details": {"mobile": "3125550147"}}},
        {"fields": [{"label": "Your name", "value": "Ana Lopez"}, {"label": "Phone number", "value": "3125550147"}]},
        {
            "data": {
                "answers": [
                    {"question": "Full name", "answer": "Ana Lopez"},
                    {"question": "Cell", "answer": "3125550147"},
                ]
            }
        },
        [{"full_name": "Ana Lopez", "phone_number": "+13125550147"}],
    ],
)
def test_it_is_understood_flat_or_nested_in_usual_words(website, deliver, work_off, said):
    assert deliver(website, said).status_code == 202

    [lead] = work_off()
    assert (lead.first_name, lead.last_name, lead.phone_e164) == ("Ana", "Lopez", "+13125550147")


def test_form_fields_are_understood_as_well(website, deliver, work_off):
    deliver(website, urlencode(ANA), "application/x-www-form-urlencoded")

    assert [lead.first_name for lead in work_off()] == ["Ana"]


def test_words_of_their_own_are_mapped_and_their_questions_are_kept(connected, deliver, work_off):
    mapped = connected("json", mapping="kunde.rufnr = phone\nkunde.wer = full_name")

    deliver(
        mapped, {"kunde": {"rufnr": "+13125550147", "wer": "Ana Lopez"}, "Shoe size": "38", "Treatment": "Invisalign"}
    )

    [lead] = work_off()
    assert (lead.first_name, lead.phone_e164, lead.treatment_interest) == ("Ana", "+13125550147", ["INVISALIGN"])
    assert "Shoe size: 38" in lead.notes


def test_the_same_key_is_counted_once_and_for_another_body_refused(website, deliver, work_off):
    first = deliver(website, ANA, HTTP_IDEMPOTENCY_KEY="k-1")
    again = deliver(website, ANA, HTTP_IDEMPOTENCY_KEY="k-1")
    other = deliver(website, ANA | {"name": "Bob"}, HTTP_IDEMPOTENCY_KEY="k-1")

    assert [first.status_code, again.status_code, other.status_code] == [202, 200, 422]
    assert "another body" in other.json()["detail"]
    assert len(work_off()) == 1


def test_without_a_key_the_same_words_count_once_a_day(website, deliver, work_off):
    deliver(website, ANA)
    deliver(website, ANA)
    work_off()
    with time_machine.travel(timezone.now() + timezone.timedelta(days=1)):
        deliver(website, ANA)
        [lead] = work_off()

    assert WebhookLog.objects.count() == 2
    assert lead.touchpoints.count() == 2


def test_what_names_nobody_is_answered_with_help_and_waits_for_the_clinic(website, deliver, work_off):
    response = deliver(website, {"colour": "blue"})

    assert response.status_code == 422
    assert response["Content-Type"] == "application/problem+json"
    assert (response.json()["expected"], "phone number or an e-mail" in response.json()["detail"]) == (
        ["phone", "email"],
        True,
    )
    assert (WebhookLog.objects.get().status, work_off()) == ("DEAD", [])


@pytest.mark.parametrize(
    ("said", "detail"),
    [
        ([], "Send one lead, or a list of 1 to 1000."),
        ([ANA] * 1001, "Send one lead, or a list of 1 to 1000."),
        ("hello", 'A lead is an object with names and values, for instance {"name": "Ana", "phone": "…"}.'),
        ([ANA, 7], 'A lead is an object with names and values, for instance {"name": "Ana", "phone": "…"}.'),
    ],
)
def test_what_is_no_lead_is_refused_with_what_to_send(website, deliver, said, detail):
    response = deliver(website, json.dumps(said))

    assert (response.status_code, response.json()["detail"]) == (400, detail)
    assert WebhookLog.objects.count() == 0


def test_a_batch_is_one_event_each(website, deliver, work_off):
    deliver(website, [{"name": f"Person {number}", "phone": f"312555{number:04}"} for number in range(100, 130)])

    assert (WebhookLog.objects.count(), len(work_off())) == (30, 30)


def test_a_bearer_token_is_asked_for_where_one_was_set(connected, deliver):
    guarded = connected("json", secrets={"bearer": "b-1"})

    refused = deliver(guarded, ANA)
    wrong = deliver(guarded, ANA, HTTP_AUTHORIZATION="Bearer b-2")
    right = deliver(guarded, ANA, HTTP_AUTHORIZATION="bearer b-1")

    assert [refused.status_code, wrong.status_code, right.status_code] == [401, 401, 202]


def test_a_clinic_that_keeps_little_refuses_by_name_and_keeps_nothing(clinic, website, deliver):
    clinic.lead_privacy = Clinic.LeadPrivacy.MINIMAL
    clinic.save(update_fields=["lead_privacy"])

    response = deliver(website, ANA)

    assert (response.status_code, response.json()["field"]) == (422, "last_name")
    assert (WebhookLog.objects.count(), LeadSubmission.objects.count()) == (0, 0)


def test_a_clinic_that_leaves_out_what_it_does_not_keep_takes_the_rest_in(clinic, website, deliver, work_off):
    Clinic.objects.filter(pk=clinic.pk).update(lead_privacy="MINIMAL", leaves_out_private=True)
    website.refresh_from_db()

    assert deliver(website, ANA | {"message": "Has asthma"}).status_code == 202
    [lead] = work_off()
    assert (lead.first_name, lead.last_name, lead.notes) == ("Ana", "", "")


def test_a_number_that_cannot_be_dialled_waits_with_the_reason(website, deliver, work_off, inquiry):
    deliver(website, {"name": "Ana", "phone": "12"})

    assert work_off() == []
    assert (inquiry().status, inquiry().error) == (
        "FAILED",
        "“12” cannot be dialed. Correct the number and send it through again.",
    )


def test_a_lead_that_was_deleted_meanwhile_is_no_obstacle(website, deliver, work_off):
    deliver(website, ANA)
    [lead] = work_off()
    Lead.objects.update(deleted_at=timezone.now())

    deliver(website, ANA | {"message": "Hello again"})

    assert len(work_off()) == 2
    assert lead.touchpoints.count() == 1


def test_an_archived_lead_comes_back_when_they_ask_again(website, deliver, work_off):
    deliver(website, ANA)
    work_off()
    Lead.objects.update(status="ARCHIVED", archived_at=timezone.now())

    deliver(website, ANA | {"message": "Hello again"})

    [lead] = work_off()
    assert (lead.status, lead.touchpoints.count()) == ("NEW", 2)


def test_trying_out_shows_what_would_be_understood_and_keeps_nothing(website, owner, client_of):
    url = reverse("clinics:webhook_connection_try", args=[website.pk])
    good = client_of(owner).post(url, {"text": json.dumps(ANA)})
    bad = client_of(owner).post(url, {"text": "{"})

    shown = {each["label"]: each["value"] for each in good.context["understood"]}
    assert (shown["First name"], shown["Phone"]) == ("Ana", "(312) 555-0147")
    assert (bad.status_code, "not valid JSON" in bad.content.decode()) == (422, True)
    assert WebhookLog.objects.count() == 0


def test_a_mapping_that_is_not_understood_is_refused_by_the_form(owner, lead_source, client_of):
    sent = {"label": "Site", "source": lead_source.pk, "mapping": "rufnr = telephone"}

    response = client_of(owner).post(reverse("clinics:webhook_connection_create", args=["json"]), sent)

    assert (response.status_code, "rufnr = telephone" in response.content.decode()) == (422, True)
