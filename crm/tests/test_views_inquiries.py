import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinics.models import Clinic
from conftest import last_audit
from crm.models import Lead, LeadSubmission
from crm.submissions import write_submission
from crm.understanding import process_submission

Status = LeadSubmission.Status
LIST = reverse("crm:inquiry_list")


def failed(**payload):
    return process_submission(write_submission("WEBHOOK", {"first_name": "Ana", "phone": "12 34"} | payload))


def address(name, submission):
    return reverse(f"crm:{name}", args=[submission.pk])


def test_inquiry_list_shows_what_waits_with_its_reason_and_counts_it_in_the_navigation(client_of, receptionist):
    failed()
    process_submission(write_submission("WEBHOOK", {"first_name": "Eva", "source": "Zeppelin", "phone": "2125550101"}))

    answer = client_of(receptionist).get(LIST)

    text = answer.content.decode()
    assert "The phone number cannot be read" in text and "The source is not known here" in text
    assert '2<span class="visually-hidden"> waiting' in text


@pytest.mark.parametrize(("state", "count"), [("failed", 1), ("received", 1), ("processed", 1), ("all", 3), ("x", 3)])
def test_inquiry_list_shows_one_state(client_of, coordinator, state, count):
    failed()
    write_submission("WEBHOOK", {})
    process_submission(write_submission("WEBHOOK", {"phone": "2125550101"}))
    write_submission("STAFF", {})

    assert client_of(coordinator).get(LIST, {"state": state}).context["page"].paginator.count == count


def test_inquiry_list_costs_the_same_for_one_and_three_rows(client_of, coordinator):
    client, costs = client_of(coordinator), []
    failed()
    client.get(LIST)
    for _more in range(2):
        with CaptureQueriesContext(connection) as queries:
            client.get(LIST)
        costs.append(len(queries))
        failed()
        failed()

    assert costs[0] == costs[1]


def test_inquiry_detail_shows_what_came_and_puts_the_look_on_record(client_of, coordinator):
    submission = failed(nested={"words": ["<b>one</b>", "two"]})

    text = client_of(coordinator).get(address("inquiry_detail", submission)).content.decode()

    assert "nested.words" in text and "&lt;b&gt;one&lt;/b&gt;, two" in text
    assert last_audit(submission).action == "crm.leadsubmission.viewed"


def test_inquiry_replay_with_a_correction_makes_the_lead(client_of, coordinator, django_capture_on_commit_callbacks):
    submission = failed(treatment_interest=["RETAINER"])

    with django_capture_on_commit_callbacks(execute=True):
        answer = client_of(coordinator).post(
            address("inquiry_replay", submission), {"first_name": "Ana", "last_name": "Vega", "phone": "212 555 0101"}
        )

    lead = Lead.objects.get()
    assert answer.status_code == 302
    assert (str(lead), lead.phone_e164, lead.treatment_interest) == ("Ana Vega", "+12125550101", ["RETAINER"])


def test_inquiry_replay_in_a_minimal_clinic_leaves_out_what_it_must_not_keep(clinic, client_of, coordinator):
    Clinic.objects.filter(pk=clinic.pk).update(lead_privacy="MINIMAL")
    clinic.refresh_from_db()
    submission = failed(last_name="Vega", phone="2125550101")
    assert submission.reason == LeadSubmission.Reason.PRIVATE

    shown = client_of(coordinator).get(address("inquiry_detail", submission)).context["form"]
    client_of(coordinator).post(address("inquiry_replay", submission), {"first_name": "Ana", "phone": "2125550101"})
    lead = process_submission(submission).lead

    assert "last_name" not in shown.fields
    assert (lead.first_name, lead.last_name) == ("Ana", "")


def test_inquiry_replay_many_takes_the_chosen_or_all_of_a_reason(client_of, coordinator):
    first, second, third = failed(), failed(), failed(phone="", email="x")
    client, url = client_of(coordinator), reverse("crm:inquiry_replay_many")

    client.post(url, {"ids": [str(first.pk), "nonsense"]})
    assert states(first, second, third) == [Status.RECEIVED, Status.FAILED, Status.FAILED]
    client.post(url, {"all": "PHONE"})
    assert states(first, second, third) == [Status.RECEIVED, Status.RECEIVED, Status.FAILED]


def states(*submissions):
    return [LeadSubmission.objects.get(pk=each.pk).status for each in submissions]


def test_inquiry_ignore_can_be_taken_back(client_of, coordinator):
    submission = failed()
    client = client_of(coordinator)

    client.post(address("inquiry_ignore", submission))
    assert states(submission) == [Status.IGNORED]
    toast = client.get(LIST).content.decode()
    assert address("inquiry_restore", submission) in toast
    client.post(address("inquiry_restore", submission))
    assert states(submission) == [Status.FAILED]


def test_what_was_taken_in_meanwhile_is_said_and_not_done_twice(client_of, coordinator):
    submission = process_submission(write_submission("WEBHOOK", {"phone": "2125550101"}))
    client = client_of(coordinator)

    for name in ("inquiry_replay", "inquiry_ignore"):
        client.post(address(name, submission), {"phone": "2125550199"})
    assert (states(submission), Lead.objects.count()) == ([Status.PROCESSED], 1)


def test_inquiries_are_no_business_of_doctors_and_of_the_clinic_next_door(client_of, doctor, stranger):
    submission = failed()

    assert client_of(doctor).get(LIST).status_code == 403
    assert client_of(stranger).get(address("inquiry_detail", submission)).status_code == 404
    assert client_of(stranger).post(address("inquiry_ignore", submission)).status_code == 404


def test_a_clinic_that_keeps_little_takes_inquiries_over_without_the_rest(client_of, clinic, coordinator):
    Clinic.objects.filter(pk=clinic.pk).update(lead_privacy=Clinic.LeadPrivacy.MINIMAL)
    says = {"first_name": "Ana", "last_name": "Vega", "notes": "Braces", "phone": "2125550101"}
    refused = [process_submission(write_submission("WEBHOOK", says | {"phone": f"212555010{n}"})) for n in range(3)]
    other, client = failed(), client_of(coordinator)
    assert {each.reason for each in refused} == {"PRIVATE"}
    assert "Take it over without these" in client.get(LIST).content.decode()
    shown = client.get(address("inquiry_detail", refused[0])).content.decode()
    assert "last name" in shown.lower().split("would be left out:")[1].split("</p>")[0]

    client.post(reverse("crm:inquiry_take_over"), {"ids": [refused[0].pk, other.pk, "nonsense"]})
    assert [LeadSubmission.objects.get(pk=each.pk).status for each in (*refused, other)] == [
        Status.RECEIVED, Status.FAILED, Status.FAILED, Status.FAILED,
    ]  # fmt: skip
    client.post(reverse("crm:inquiry_take_over"), {"all": "1"})
    done = [process_submission(LeadSubmission.objects.get(pk=each.pk)) for each in refused]

    assert [(each.status, each.lead.first_name, each.lead.last_name) for each in done] == [("PROCESSED", "Ana", "")] * 3
    assert done[0].payload == says | {"phone": "2125550100"}
    assert "Taken over without:" in client.get(address("inquiry_detail", done[0])).content.decode()


def test_a_clinic_that_keeps_little_may_have_the_rest_left_out_at_once(client_of, clinic, coordinator):
    Clinic.objects.filter(pk=clinic.pk).update(lead_privacy="MINIMAL", leaves_out_private=True)
    says = {"first_name": "Ana", "last_name": "Vega", "notes": "Braces", "phone": "2125550101"}
    first = process_submission(write_submission("WEBHOOK", says))
    again = process_submission(write_submission("WEBHOOK", says | {"insurance_carrier": "Acme"}))

    assert (first.status, first.lead.first_name, first.lead.last_name, first.lead.notes) == ("PROCESSED", "Ana", "", "")
    assert again.lead == first.lead and again.lead.insurance_carrier == ""
    assert first.payload == says
    page = client_of(coordinator).get(first.lead.get_absolute_url()).content.decode()
    assert "Taken over without: last name, first words" in page and "insurance, last name, first words" in page
