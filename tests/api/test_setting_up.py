"""Sources, stages and figures by the API."""

import pytest

from crm.models import LeadSource, PipelineStage
from crm.tests.factories import LeadFactory, LeadSourceFactory


@pytest.fixture
def admin_program(owner, program_of):
    return program_of(owner)


def field_of(answer, status):
    assert answer.status_code == status, answer.content
    return answer.json()["errors"][0]["field"]


def test_sources_are_listed_added_and_changed(admin_program):
    made = admin_program.send("POST", "/api/lead-sources", {"name": "Billboard", "category": "PRINT_AD"})
    path = f"/api/lead-sources/{made.json()['id']}"
    changed = admin_program.send("PUT", path, {"monthly_cost_cents": 90_000}, **{"If-Match": made["ETag"]})
    late = admin_program.send("PUT", path, {"name": "Poster"}, **{"If-Match": made["ETag"]})

    assert (made.status_code, changed.json()["name"], changed.json()["monthly_cost_cents"]) == (
        201,
        "Billboard",
        90_000,
    )
    assert (late.status_code, late.json()["current"]["monthly_cost_cents"]) == (412, 90_000)
    assert "Billboard" in [each["name"] for each in admin_program.send("GET", "/api/lead-sources").json()["items"]]


def test_two_sources_have_not_the_same_name(admin_program):
    LeadSourceFactory(name="Billboard")
    other = LeadSourceFactory(name="Poster")
    sent = {"name": "Billboard", "category": "PRINT_AD"}

    assert field_of(admin_program.send("POST", "/api/lead-sources", sent), 409) == "name"
    assert field_of(admin_program.send("PUT", f"/api/lead-sources/{other.pk}", sent), 409) == "name"
    assert LeadSource.objects.filter(name="Billboard").count() == 1


def test_stages_are_listed_added_changed_and_put_in_order(admin_program, stages):
    made = admin_program.send("POST", "/api/pipeline-stages", {"name": "Triage", "order": 2}).json()
    path = f"/api/pipeline-stages/{made['id']}"
    changed = admin_program.send("PUT", path, {"max_days_in_stage": 3}).json()
    ids = [stage["id"] for stage in admin_program.send("GET", "/api/pipeline-stages").json()]
    ordered = admin_program.send("PUT", "/api/pipeline-stages/reorder", {"stages": [ids[1], ids[0], *ids[2:]]}).json()

    assert (made["slug"], made["order"], changed["max_days_in_stage"]) == ("triage", 2, 3)
    assert [stage["slug"] for stage in ordered][:2] == ["triage", "new_lead"]


@pytest.mark.parametrize(
    ("sent", "status", "field"),
    [
        ({"name": "Lost again", "kind": "LOST"}, 409, "kind"),
        ({"name": "Contacted", "slug": "contacted"}, 409, "slug"),
        ({"name": "Won", "kind": "WON", "is_default": True}, 422, "is_default"),
        ({"name": "Won", "kind": "WON", "order": 1}, 422, "order"),
        ({"name": "Red", "color": "red;}"}, 422, "color"),
        ({"name": ""}, 422, "name"),
    ],
)
def test_a_stage_that_cannot_be_is_refused(admin_program, stages, sent, status, field):
    assert field_of(admin_program.send("POST", "/api/pipeline-stages", sent), status) == field
    assert PipelineStage.objects.count() == len(stages)


def test_an_order_that_leaves_out_a_stage_is_refused(admin_program, stages):
    ids = [stage.pk for stage in stages.values()]

    assert field_of(admin_program.send("PUT", "/api/pipeline-stages/reorder", {"stages": ids[1:]}), 422) == "stages"


def test_who_does_not_set_up_the_clinic_reads_only(program):
    assert program.send("GET", "/api/pipeline-stages").status_code == 200
    assert program.send("POST", "/api/pipeline-stages", {"name": "Mine"}).status_code == 403
    assert program.send("POST", "/api/lead-sources", {"name": "Mine", "category": "OTHER"}).status_code == 403


# Figures ---------------------------------------------------------------------------------------------


def test_figures_are_for_those_who_hold_their_code(program, program_of, doctor, marketer):
    for path in ("funnel", "sources", "coordinators", "lost-reasons"):
        assert program.send("GET", f"/api/leads/analytics/{path}").status_code == 403
        assert program_of(doctor).send("GET", f"/api/leads/analytics/{path}").status_code == 200
        assert program_of(marketer).send("GET", f"/api/leads/analytics/{path}").status_code == 200


def test_figures_are_of_the_period_asked_for(admin_program, coordinator):
    LeadFactory(assigned_to=coordinator)

    now = admin_program.send("GET", "/api/leads/analytics/funnel").json()
    then = admin_program.send("GET", "/api/leads/analytics/funnel?since=2020-01-01&until=2020-01-31").json()
    [row] = admin_program.send("GET", "/api/leads/analytics/coordinators").json()["coordinators"]

    assert (now["leads"], now["steps"][0]["reached"], now["steps"][0]["stage"]["slug"]) == (1, 1, "new_lead")
    assert (then["leads"], then["period"]) == (0, {"since": "2020-01-01", "until": "2020-01-31"})
    assert (row["coordinator"]["name"], row["leads"]) == ("Renata Vasquez", 1)


@pytest.mark.parametrize(
    "asked", ["since=2026-02-01&until=2026-01-01", "until=0001-01-01", "since=1900-01-01", "since=x"]
)
def test_a_period_that_is_none_is_refused(admin_program, asked):
    assert admin_program.send("GET", f"/api/leads/analytics/funnel?{asked}").status_code == 422
