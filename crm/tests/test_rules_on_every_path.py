"""The eight business rules of leads, each tried to be broken on every path on which somebody could: pages, the API,
files and acts on many."""

from datetime import timedelta

import pytest
from django.forms.models import model_to_dict
from django.urls import reverse
from django.utils import timezone

from clinics.models import AuditLog
from crm.following_up.acting import run_next
from crm.following_up.noticing import notice_event
from crm.models import Lead, LeadActivity, LeadImportRow, LeadStatus, LeadTask
from crm.queue import read_queue
from crm.queue_ranking import NEW
from crm.tests.factories import LeadFactory, LeadTaskFactory, TagFactory
from crm.tests.importing.conftest import bring_in, try_out, upload, work_off  # noqa: F401 - fixtures
from tests.api.conftest import Program, give_token

ANA = {"first_name": "Ana", "phone": "(212) 555-0101"}


class Desk:
    """Every way in which somebody of a clinic gets at its leads."""

    def __init__(self, clinic, member, browser, program, bring_in, stages):  # noqa: F811
        self.clinic, self.member, self.browser, self.program = clinic, member, browser, program
        self.bring_in, self.stages = bring_in, stages

    def press(self, view, *ids, **sent):
        return self.browser.post(reverse(f"crm:{view}", args=ids), sent)

    def ask(self, method, path, **sent):
        return self.program.send(method, f"/api/leads{path}", sent or None)

    def file(self, heading, row, **options):
        return self.bring_in(f"{heading}\n{row}\n".encode(), **options)


@pytest.fixture
def desk(clinic, coordinator, htmx_of, bring_in, stages):  # noqa: F811
    _token, secret = give_token(coordinator)
    return Desk(clinic, coordinator, htmx_of(coordinator), Program(secret), bring_in, stages)


@pytest.fixture
def lead(coordinator, stages):
    """Somebody on the way, half of it behind them."""
    return LeadFactory(**ANA, stage=stages["consultation_completed"], status=LeadStatus.ACTIVE, assigned_to=coordinator)


@pytest.fixture
def patient(coordinator, stages):
    """Somebody who has become a patient."""
    won = {"stage": stages["treatment_started"], "status": LeadStatus.CONVERTED, "converted_at": timezone.now()}
    return LeadFactory(**ANA, **won, assigned_to=coordinator)


CAPTURED = {
    "page": lambda desk: desk.press("lead_create", **ANA, key="k"),
    "api": lambda desk: desk.ask("POST", "", **ANA),
    "import": lambda desk: desk.file("First Name,Phone", "Ana,(212) 555-0101"),
}


@pytest.mark.parametrize("path", CAPTURED)
def test_1_a_new_lead_is_to_be_called_within_five_minutes(desk, path):
    CAPTURED[path](desk)

    (entry,) = read_queue(desk.member, desk.clinic, everybody=True)
    assert (entry.reason, entry.clock.minutes) == (NEW, 5)


TAKEN_AWAY = {
    "page": lambda desk, lead, nobody: desk.press("lead_assign", lead.pk, coordinator=nobody.pk),
    "api": lambda desk, lead, nobody: desk.ask("POST", f"/{lead.pk}/assign", assigned_to=None),
    "bulk": lambda desk, lead, nobody: desk.press("bulk_run", "assign", lead=lead.pk, coordinator=nobody.pk),
}


@pytest.mark.parametrize("path", [*CAPTURED, *(f"from {path}" for path in TAKEN_AWAY)])
def test_2_every_active_lead_has_a_coordinator(desk, viewer, path):
    if path in CAPTURED:
        CAPTURED[path](desk)
    else:
        TAKEN_AWAY[path.removeprefix("from ")](desk, LeadFactory(assigned_to=desk.member), viewer)

    assert Lead.objects.get().assigned_to == desk.member


@pytest.mark.parametrize(
    "call",
    [
        lambda desk, lead: desk.press("lead_call", lead.pk),
        lambda desk, lead: desk.press("card_call", lead.pk),
        lambda desk, lead: desk.press("queue_call", lead.pk),
        lambda desk, lead: desk.ask("POST", f"/{lead.pk}/activities", type="PHONE_CALL", direction="OUTBOUND"),
    ],
    ids=["lead", "board", "queue", "api"],
)
def test_3_a_call_is_logged_with_what_came_of_it(desk, lead, call):
    assert call(desk, lead).status_code == 422
    assert not LeadActivity.objects.filter(type="PHONE_CALL").exists()


BACK = {
    "page": lambda desk, lead, stage: desk.press("lead_move", lead.pk, stage=stage.pk),
    "api": lambda desk, lead, stage: desk.ask("POST", f"/{lead.pk}/stage", stage=str(stage.pk)),
    "bulk": lambda desk, lead, stage: desk.press("bulk_run", "move", lead=lead.pk, stage=stage.pk),
    "import": lambda desk, lead, stage: desk.file(
        "First Name,Phone,Status", f"Ana,(212) 555-0101,{stage.name}", repeats="REPLACE"
    ),
}


@pytest.mark.parametrize("path", BACK)
def test_4_a_lead_never_moves_back(desk, lead, path):
    BACK[path](desk, lead, desk.stages["contacted"])

    assert Lead.objects.get().stage == desk.stages["consultation_completed"]


LOST = {
    "page": lambda desk, lead, lost: desk.press("lead_move", lead.pk, stage=lost.pk),
    "api": lambda desk, lead, lost: desk.ask("POST", f"/{lead.pk}/stage", stage=str(lost.pk)),
    "bulk": lambda desk, lead, lost: desk.press("bulk_run", "lose", lead=lead.pk),
    "import": lambda desk, lead, lost: desk.file("First Name,Phone,Status", "Bo,(212) 555-0102,Lost"),
}


@pytest.mark.parametrize("path", LOST)
def test_5_a_lost_lead_has_a_reason(desk, lead, path):
    LOST[path](desk, lead, desk.stages["lost"])

    lead.refresh_from_db()
    assert lead.status == LeadStatus.ACTIVE
    brought = Lead.objects.exclude(pk=lead.pk).values_list("status", "lost_reason")
    assert list(brought) == ([("LOST", "OTHER")] if path == "import" else [])


KNOWN = {
    "page": lambda desk: (
        "Ana" in desk.browser.get(reverse("crm:lead_matches"), {"phone": ANA["phone"]}).content.decode()
    ),
    "api": lambda desk: desk.ask("POST", "", **ANA | {"first_name": "Anna"}).json()["possible_duplicates"],
    "import": lambda desk: desk.file("First Name,Phone", "Ana,(212) 555-0101") and LeadImportRow.objects.get().reason,
}


@pytest.mark.parametrize("path", KNOWN)
def test_6_whoever_is_here_already_is_named(desk, lead, path):
    assert KNOWN[path](desk)


CHANGED = {
    "page": lambda desk, lead, tag: [
        desk.press("lead_move", lead.pk, stage=desk.stages["lost"].pk, lost_reason="OTHER"),
        desk.press("lead_edit", lead.pk, first_name="Eve", phone=ANA["phone"]),
        desk.press("lead_call", lead.pk, outcome="SPOKE"),
        desk.press("lead_note", lead.pk, text="Asked again"),
        desk.press("lead_task_create", lead.pk, title="Call", when="tomorrow"),
        desk.press("task_create", lead=lead.pk, title="Call", when="tomorrow"),
        desk.press("queue_later", lead.pk, when="tomorrow"),
        desk.press("lead_tag_add", lead.pk, tag.pk),
    ],
    "api": lambda desk, lead, tag: [
        desk.ask("POST", f"/{lead.pk}/lost", lost_reason="OTHER"),
        desk.program.send("PUT", f"/api/leads/{lead.pk}", {"first_name": "Eve"}, **{"If-Match": f'"{lead.version}"'}),
        desk.ask("POST", f"/{lead.pk}/activities", type="NOTE", notes="Asked again"),
        desk.ask("POST", f"/{lead.pk}/tasks", title="Call", due_at=timezone.now() + timedelta(days=1)),
        desk.ask("POST", f"/{lead.pk}/archive"),
    ],
    "bulk": lambda desk, lead, tag: [
        desk.press("bulk_run", "tag", lead=lead.pk, tag=tag.pk),
        desk.press("bulk_run", "lose", lead=lead.pk, lost_reason="OTHER"),
        desk.press("bulk_run", "archive", lead=lead.pk),
        desk.press("bulk_run", "task", lead=lead.pk, title="Call", when="tomorrow"),
    ],
    "import": lambda desk, lead, tag: [
        desk.file("First Name,Phone,City,Tags", "Ana,(212) 555-0101,Austin,VIP", repeats="REPLACE")
    ],
}


@pytest.mark.parametrize("path", CHANGED)
def test_7_who_has_become_a_patient_is_history(desk, patient, path):
    answers = CHANGED[path](desk, patient, TagFactory())

    assert model_to_dict(Lead.objects.get()) == model_to_dict(patient)
    assert [rows.count() for rows in (patient.activities, patient.tasks, patient.tag_links)] == [0, 0, 0]
    assert path not in ("page", "api") or {answer.status_code for answer in answers} <= {404, 409}


TRIED = {
    "page": lambda desk, lead, number: desk.press("lead_call", lead.pk, outcome="NO_ANSWER", key=f"k{number}"),
    "queue": lambda desk, lead, number: desk.press("queue_call", lead.pk, outcome="VOICEMAIL", key=f"k{number}"),
    "api": lambda desk, lead, number: desk.ask(
        "POST", f"/{lead.pk}/activities", type="PHONE_CALL", outcome="NO_ANSWER"
    ),
}


@pytest.mark.parametrize("path", TRIED)
def test_8_three_attempts_without_an_answer_suggest_lost(desk, lead, path):
    for number in range(3):
        TRIED[path](desk, lead, number)
    for event in AuditLog.objects.filter(action="crm.lead.activity_logged"):
        notice_event(event)
    while run_next(timezone.now() + timedelta(seconds=1)):
        pass

    lead.refresh_from_db()
    assert (lead.suggested_stage, lead.status) == (desk.stages["lost"], LeadStatus.ACTIVE)
    assert desk.ask("GET", f"/{lead.pk}").json()["suggested_stage"]["slug"] == "lost"


def test_the_same_next_step_is_planned_once_however_often_somebody_tries(desk, lead):
    for number in range(3):
        desk.press("lead_call", lead.pk, outcome="NO_ANSWER", next_step="CALL", when="tomorrow", key=f"k{number}")

    assert (lead.activities.count(), lead.tasks.open().get().title) == (3, "Call again")


def test_a_task_that_a_call_has_settled_is_done_on_every_path(desk, lead):
    """Whoever has spoken to somebody is not told an hour later that nobody has called."""
    for view in ("lead_call", "card_call", "queue_call"):
        task = LeadTaskFactory(lead=lead, type="CALL", assigned_to=desk.member)
        desk.press(view, lead.pk, outcome="SPOKE", key=view)
        task.refresh_from_db()
        assert task.status == "COMPLETED", view
    task = LeadTaskFactory(lead=lead, type="CALL", assigned_to=desk.member)
    desk.ask("POST", f"/{lead.pk}/activities", type="PHONE_CALL", outcome="SPOKE")
    assert LeadTask.objects.get(pk=task.pk).status == "COMPLETED"
