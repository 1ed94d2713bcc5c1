import json

import pytest
from django.urls import reverse

from clinics import bulk
from clinics.models import BackgroundJob
from crm.models import BulkAct, BulkActLead, Lead, LeadStatus
from crm.tests.factories import LeadFactory, TagFactory


def address(act):
    return reverse("crm:bulk_run", args=[act])


def toast_in(response):
    return json.loads(response["HX-Trigger"])["toast"][0]


def test_bulk_run_reports_in_a_toast_that_takes_it_back(htmx_of, coordinator, stages):
    new, far = LeadFactory(), LeadFactory(stage=stages["pending_decision"], status=LeadStatus.ACTIVE)
    sent = {"lead": [new.pk, far.pk], "stage": stages["contacted"].pk}

    response = htmx_of(coordinator).post(address("move"), sent)
    assert "leads-changed" in response["HX-Trigger"]
    note = toast_in(response)
    assert "1 left out: A lead never moves back" in note["message"]
    undone = htmx_of(coordinator).post(note["undo"])
    assert "1 lead is as it was." in toast_in(undone)["message"]
    new.refresh_from_db()
    assert new.stage == stages["new_lead"]


def test_bulk_run_without_script_goes_back_to_where_one_was(client_of, coordinator):
    lead = LeadFactory()

    back = f"{reverse('crm:lead_list')}?q=a"
    assert client_of(coordinator).post(address("archive"), {"lead": lead.pk, "back": back}).url == back
    sent = {"lead": lead.pk, "back": "https://evil.example/"}
    assert client_of(coordinator).post(address("unarchive"), sent).url == reverse("crm:lead_list")


def test_bulk_run_over_all_that_match_is_a_job(htmx_of, coordinator, monkeypatch):
    monkeypatch.setattr(bulk, "AT_ONCE", 1)
    for _ in range(2):
        LeadFactory(last_name="Match")

    response = htmx_of(coordinator).post(address("archive"), {"whole": "1", "query": "q=match"})
    act = BulkAct.objects.get()
    assert response["HX-Redirect"] == act.get_absolute_url()
    assert BackgroundJob.objects.get(pk=act.job_id).kind == "crm.bulk"
    assert "2 leads" in htmx_of(coordinator).get(act.get_absolute_url()).content.decode()


@pytest.mark.parametrize(
    ("act", "sent", "status"),
    [
        ("move", {"stage": "nonsense"}, 422),
        ("lose", {}, 422),
        ("task", {"title": ""}, 422),
        ("tag", {"tag": "nonsense"}, 422),
        ("archive", {"lead": "nonsense"}, 409),
        ("dance", {}, 404),
    ],
)
def test_bulk_run_refuses_nonsense(htmx_of, coordinator, act, sent, status):
    lead = LeadFactory()

    assert htmx_of(coordinator).post(address(act), {"lead": lead.pk} | sent).status_code == status
    assert not BulkAct.objects.exists()


def test_bulk_run_asks_for_the_permission_of_each_act(htmx_of, receptionist, viewer, coordinator, stages):
    lead = LeadFactory()

    assert htmx_of(viewer).post(address("archive"), {"lead": lead.pk}).status_code == 403
    desk = htmx_of(receptionist)
    assert desk.post(address("assign"), {"lead": lead.pk, "coordinator": coordinator.pk}).status_code == 403
    assert desk.post(address("archive"), {"whole": "1", "query": ""}).status_code == 403
    started = {"lead": lead.pk, "stage": stages["treatment_started"].pk}
    assert desk.post(address("move"), started).status_code == 403
    assert desk.post(address("tag"), {"lead": lead.pk, "tag": TagFactory().pk}).status_code == 200
    act = BulkAct.objects.get()
    assert htmx_of(viewer).post(reverse("crm:bulk_undo", args=[act.pk])).status_code == 403


def test_bulk_run_into_lost_keeps_the_reason(htmx_of, coordinator):
    leads = [LeadFactory(), LeadFactory()]

    htmx_of(coordinator).post(address("lose"), {"lead": [lead.pk for lead in leads], "lost_reason": "RELOCATED"})
    assert list(Lead.objects.values_list("status", "lost_reason")) == [("LOST", "RELOCATED")] * 2


def test_bulk_detail_names_who_was_left_out_and_why(client_of, coordinator, stages):
    far = LeadFactory(first_name="Farid", stage=stages["pending_decision"], status=LeadStatus.ACTIVE)
    sent = {"lead": [far.pk, LeadFactory().pk], "stage": stages["contacted"].pk}
    browser = client_of(coordinator)
    browser.post(address("move"), sent)
    act = BulkAct.objects.get()

    content = browser.get(act.get_absolute_url()).content.decode()
    assert "Farid" in content
    assert "never moves back" in content
    lines = b"".join(browser.get(reverse("crm:bulk_csv", args=[act.pk])).streaming_content).decode("utf-8-sig")
    assert [line.split(",")[4] for line in lines.splitlines()] == ["Outcome", "Left out", "Done"]


def test_bulk_pages_are_a_404_next_door(client_of, coordinator, stranger):
    client_of(coordinator).post(address("archive"), {"lead": LeadFactory().pk})
    act = BulkAct.objects.get()

    assert client_of(stranger).get(act.get_absolute_url()).status_code == 404
    assert client_of(stranger).post(reverse("crm:bulk_undo", args=[act.pk])).status_code == 404


def test_bulk_run_into_a_won_stage_asks_who_becomes_a_patient_of_each(htmx_of, coordinator, stages):
    leads, browser = [LeadFactory(first_name=name) for name in ("Ana", "Ben")], htmx_of(coordinator)
    sent = {"lead": [lead.pk for lead in leads], "stage": stages["treatment_started"].pk}

    response = browser.post(address("move"), sent)
    act = BulkAct.objects.get()
    assert response["HX-Redirect"] == act.get_absolute_url()
    page = browser.get(act.get_absolute_url()).content.decode()
    assert "Who becomes a patient?" in page and "Make Ana" in page and "Make Ben" in page

    here = {"HX-Current-URL": f"http://testserver{act.get_absolute_url()}"}
    said = {"p0-first_name": "Ana", "p0-last_name": "Vega"}
    converted = browser.post(reverse("crm:lead_convert", args=[leads[0].pk]), said, headers=here)
    assert "leads-changed" in converted["HX-Trigger"], converted.content
    assert [row.lead for row in BulkActLead.objects.of_act(act).without_patients()] == leads[1:]
    assert "Make Ana" not in browser.get(act.get_absolute_url()).content.decode()
