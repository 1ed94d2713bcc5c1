"""Where a lead stands and whose it is, by the API: the rules of the pipeline on this path too."""

import pytest

from crm.models import LeadStatus
from crm.tests.factories import LeadFactory


def type_of(answer):
    return answer.json()["type"].removeprefix("urn:recare:problem:")


def test_a_lead_moves_on_and_not_back(program, stages):
    lead = LeadFactory()

    moved = program.send("POST", f"/api/leads/{lead.pk}/stage", {"stage": stages["consultation_scheduled"].pk})
    back = program.send("POST", f"/api/leads/{lead.pk}/stage", {"stage": stages["contacted"].pk})

    assert (moved.status_code, moved.json()["stage"]["slug"]) == (200, "consultation_scheduled")
    assert (back.status_code, type_of(back)) == (409, "backward-move")


def test_winning_a_lead_asks_for_the_code_of_converting(receptionist, program_of, stages):
    lead = LeadFactory()

    answer = program_of(receptionist).send(
        "POST", f"/api/leads/{lead.pk}/stage", {"stage": stages["treatment_started"].pk}
    )

    assert (answer.status_code, answer.json()["permission"]) == (403, "lead:convert")


def test_a_lost_lead_has_a_reason_by_either_path(program, stages):
    lead = LeadFactory()

    silent = program.send("POST", f"/api/leads/{lead.pk}/stage", {"stage": stages["lost"].pk})
    said = program.send(
        "POST", f"/api/leads/{lead.pk}/lost", {"lost_reason": "COST_FINANCIAL", "lost_notes": "Too dear"}
    )

    assert (silent.status_code, silent.json()["errors"][0]["field"]) == (422, "lost_reason")
    assert [said.json()[name] for name in ("status", "lost_reason", "lost_notes")] == [
        "LOST",
        "COST_FINANCIAL",
        "Too dear",
    ]


def test_a_clinic_admin_reopens_a_lost_lead_and_nobody_else(owner, program, program_of, stages):
    lead = LeadFactory(status=LeadStatus.LOST, lost_reason="OTHER", stage=stages["lost"])
    sent = {"stage": stages["contacted"].pk}

    assert program.send("POST", f"/api/leads/{lead.pk}/reopen", sent).status_code == 403
    assert program_of(owner).send("POST", f"/api/leads/{lead.pk}/reopen", sent).json()["status"] == "ACTIVE"


def test_a_lead_goes_into_the_archive_and_out_again(program):
    lead = LeadFactory()

    assert program.send("POST", f"/api/leads/{lead.pk}/archive").json()["status"] == "ARCHIVED"
    assert program.send("POST", f"/api/leads/{lead.pk}/unarchive").json()["status"] == "NEW"


def test_a_lead_is_given_to_a_coordinator(owner, program):
    lead = LeadFactory()

    said = program.send("POST", f"/api/leads/{lead.pk}/assign", {"assigned_to": owner.pk}).json()

    assert said["assigned_to"] == {"id": str(owner.pk), "name": "Olga Vasquez"}


@pytest.mark.parametrize("somebody", ["receptionist", "stranger"])
def test_a_lead_is_not_given_to_who_owns_no_leads_here(request, program, somebody):
    member = request.getfixturevalue(somebody)

    answer = program.send("POST", f"/api/leads/{LeadFactory().pk}/assign", {"assigned_to": member.pk})

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "assigned_to")
