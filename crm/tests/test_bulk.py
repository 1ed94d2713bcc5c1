from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clinics import bulk
from clinics.bulk import AimIsGone, FilterNotUnderstood, NobodyChosen
from clinics.bulk_undoing import ActIsOld
from clinics.jobs import cancel_job, run_job
from clinics.models import AuditLog, BackgroundJob, StaffNotification
from conftest import next_door
from crm import bulk_acts
from crm.bulk import LEADS, Chosen, start_bulk, undo_bulk
from crm.bulk_acts import Kind
from crm.models import BulkAct, BulkActLead, Lead, LeadStatus, LeadTask, StageChange, TaskTemplate
from crm.tests.factories import LeadFactory, TagFactory


def state(lead):
    lead.refresh_from_db()
    tags = sorted(lead.tag_links.values_list("tag__name", flat=True))
    return lead.stage.slug, lead.status, lead.assigned_to_id, lead.lost_reason, tags, lead.tasks.count()


def reasons(act):
    return sorted(BulkActLead.objects.of_act(act).remarkable().values_list("lead__first_name", "reason"))


@pytest.fixture
def leads(clinic, stages, owner):
    """One that is new and nobody's, one with a stage behind it, one that became a patient, one that is lost."""
    return [
        LeadFactory(first_name="New"),
        LeadFactory(first_name="Far", stage=stages["pending_decision"], status=LeadStatus.ACTIVE, assigned_to=owner),
        LeadFactory(
            first_name="Won", stage=stages["treatment_started"], status="CONVERTED", converted_at=timezone.now()
        ),
        LeadFactory(
            first_name="Lost", stage=stages["lost"], status=LeadStatus.LOST, lost_reason="OTHER", lost_at=timezone.now()
        ),
    ]


def chosen(leads):
    return Chosen(ids=tuple(lead.pk for lead in leads))


def facts_for(kind, stages, coordinator):
    return {
        Kind.MOVE: {"stage": str(stages["contacted"].pk)},
        Kind.LOSE: {"lost_reason": "NO_RESPONSE", "lost_notes": "Five calls"},
        Kind.ASSIGN: {"coordinator": str(coordinator.pk)},
        Kind.TASK: {"title": "Call", "due_at": (timezone.now() + timedelta(days=1)).isoformat()},
    }.get(kind, {})


@pytest.mark.parametrize(
    ("kind", "left_out"),
    [
        (Kind.MOVE, ["Far", "Lost", "Won"]),
        (Kind.LOSE, ["Lost", "Won"]),
        (Kind.ASSIGN, ["Won"]),
        (Kind.TASK, ["Won"]),
        (Kind.TAG, ["Won"]),
        (Kind.UNTAG, ["Far", "Lost", "New", "Won"]),
        (Kind.ARCHIVE, ["Won"]),
        (Kind.UNARCHIVE, ["Far", "Lost", "New", "Won"]),
    ],
)
def test_start_bulk_keeps_every_rule_and_is_taken_back_whole(leads, stages, coordinator, kind, left_out):
    before = [state(lead) for lead in leads]
    facts = facts_for(kind, stages, coordinator) | ({"tag": str(TagFactory().pk)} if "TAG" in kind else {})

    act = start_bulk(kind, chosen(leads), facts, by=coordinator)
    assert [name for name, _reason in reasons(act)] == left_out
    assert (act.done_count, act.skipped_count, act.status) == (4 - len(left_out), len(left_out), "DONE")
    changed = [lead.first_name for lead, was in zip(leads, before, strict=True) if state(lead) != was]
    assert sorted(changed) == sorted({"New", "Far", "Won", "Lost"} - set(left_out))

    if act.done_count:
        act = undo_bulk(act, by=coordinator)
        assert (act.status, act.undone_count, act.kept_count) == ("UNDONE", 4 - len(left_out), 0)
    assert [state(lead) for lead in leads] == before


def test_start_bulk_goes_through_the_verbs_of_one_lead(leads, stages, coordinator):
    start_bulk(Kind.MOVE, chosen(leads[:1]), {"stage": str(stages["contacted"].pk)}, by=coordinator)

    assert AuditLog.objects.about(leads[0]).first().action == "crm.lead.moved"
    assert StageChange.objects.get(lead=leads[0]).by == coordinator


def test_start_bulk_with_one_key_acts_once(leads, coordinator):
    facts = {"title": "Call", "due_at": (timezone.now() + timedelta(days=1)).isoformat()}

    first = start_bulk(Kind.TASK, chosen(leads[:2]), facts, by=coordinator, key="one press")
    assert start_bulk(Kind.TASK, chosen(leads[:2]), facts, by=coordinator, key="one press") == first
    assert LeadTask.objects.count() == 2
    others = start_bulk(Kind.TASK, chosen(leads[2:]), facts, by=coordinator, key="one press")
    other_act = start_bulk(Kind.ARCHIVE, chosen(leads[:2]), {}, by=coordinator, key="one press")
    assert len({first.pk, others.pk, other_act.pk}) == 3


def test_start_bulk_takes_a_task_from_its_template(leads, coordinator):
    template = TaskTemplate.objects.create(title="Send the plan", due_after_minutes=60, priority="HIGH")

    start_bulk(Kind.TASK, chosen(leads[:1]), {"template": str(template.pk)}, by=coordinator)
    task = LeadTask.objects.get()
    assert (task.title, task.priority) == ("Send the plan", "HIGH")
    assert timedelta(minutes=59) < task.due_at - timezone.now() <= timedelta(minutes=60)


def test_start_bulk_tells_a_coordinator_once(leads, coordinator, owner):
    start_bulk(Kind.ASSIGN, chosen(leads), {"coordinator": str(coordinator.pk)}, by=owner)

    assert [notice.text for notice in StaffNotification.objects.of(coordinator)] == ["3 leads are yours now."]


def test_start_bulk_refuses_what_it_does_not_understand(leads, coordinator, stages):
    with pytest.raises(NobodyChosen):
        start_bulk(Kind.ARCHIVE, Chosen(), {}, by=coordinator)
    with pytest.raises(FilterNotUnderstood):
        start_bulk(Kind.ARCHIVE, Chosen(query="tag=gone"), {}, by=coordinator)
    with pytest.raises(AimIsGone):
        start_bulk(Kind.TAG, chosen(leads), {"tag": str(leads[0].pk)}, by=coordinator)
    assert not BulkAct.objects.exists()


def test_start_bulk_never_reaches_next_door(leads, coordinator, other_clinic):
    with next_door(other_clinic):
        theirs = LeadFactory()

    act = start_bulk(Kind.ARCHIVE, chosen([leads[0], theirs]), {}, by=coordinator)
    assert act.total_count == 1
    with next_door(other_clinic):
        assert Lead.objects.get().status == LeadStatus.NEW


@pytest.fixture
def small_steps(monkeypatch):
    """Three leads at once are many, and a batch holds two."""
    monkeypatch.setattr(bulk, "AT_ONCE", 2)
    monkeypatch.setattr(bulk, "BATCH", 2)
    monkeypatch.setattr("clinics.bulk_undoing.AT_ONCE", 2)
    monkeypatch.setattr("clinics.bulk_undoing.BATCH", 2)


def test_run_bulk_does_all_that_match_and_takes_them_back(clinic, coordinator, small_steps, stages):
    many = [LeadFactory(last_name="Match") for _ in range(5)]
    LeadFactory(last_name="Other")

    act = start_bulk(Kind.MOVE, Chosen(query="q=match"), {"stage": str(stages["contacted"].pk)}, by=coordinator)
    run_job(clinic, act.job_id)
    act.refresh_from_db()
    job = BackgroundJob.objects.get(pk=act.job_id)
    assert (job.status, job.result, job.done_count) == ("DONE", {"done": 5, "skipped": 0}, 5)
    assert Lead.objects.in_stage(stages["contacted"]).count() == 5

    many[2].refresh_from_db()
    start_bulk(Kind.MOVE, chosen(many[2:3]), {"stage": str(stages["pending_decision"].pk)}, by=coordinator)
    undo_bulk(act, by=coordinator)
    act.refresh_from_db()
    run_job(clinic, act.job_id)
    act.refresh_from_db()
    assert (act.status, act.undone_count, act.kept_count) == ("UNDONE", 4, 1)
    assert reasons(act)[0][0] == many[2].first_name
    assert Lead.objects.in_stage(stages["new_lead"]).count() == 5


def test_run_bulk_stopped_halfway_goes_on_where_it_was(clinic, coordinator, small_steps, monkeypatch):
    leads, tag = [LeadFactory() for _ in range(5)], TagFactory()
    act = start_bulk(Kind.TAG, chosen(leads), {"tag": str(tag.pk)}, by=coordinator)
    report, calls = bulk.report_progress, []

    def dies_after_two_batches(*args):
        report(*args)
        calls.append(args)
        if len(calls) == 2:
            raise RuntimeError("killed")

    monkeypatch.setattr(bulk, "report_progress", dies_after_two_batches)
    run_job(clinic, act.job_id)
    act.refresh_from_db()
    assert (act.status, act.done_count, tag.lead_links.count()) == ("WORKING", 4, 4)

    BackgroundJob.objects.filter(pk=act.job_id).update(status="QUEUED")
    run_job(clinic, act.job_id)
    act.refresh_from_db()
    assert (act.status, act.done_count, act.skipped_count, tag.lead_links.count()) == ("DONE", 5, 0, 5)


def test_undo_bulk_of_a_cancelled_act_takes_back_what_it_had_done(clinic, coordinator, small_steps):
    leads = [LeadFactory() for _ in range(5)]
    act = start_bulk(Kind.ARCHIVE, chosen(leads), {}, by=coordinator)
    cancel_job(act.job, by=coordinator)
    act.refresh_from_db()
    bulk.work_batch(LEADS, act, {}, by=coordinator)

    undo_bulk(act, by=coordinator)
    assert set(Lead.objects.values_list("status", flat=True)) == {LeadStatus.NEW}


def test_undo_bulk_is_refused_after_a_day_and_twice_is_once(leads, coordinator):
    act = start_bulk(Kind.ARCHIVE, chosen(leads[:1]), {}, by=coordinator)
    old = start_bulk(Kind.ARCHIVE, chosen(leads[1:2]), {}, by=coordinator)
    BulkAct.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=2))

    undo_bulk(act, by=coordinator)
    assert undo_bulk(act, by=coordinator).undone_count == 1
    with pytest.raises(ActIsOld):
        undo_bulk(old, by=coordinator)


@pytest.mark.parametrize("kind", [Kind.MOVE, Kind.ASSIGN, Kind.TAG, Kind.LOSE])
def test_a_batch_and_its_undo_take_the_same_statements_for_3_and_30_leads(stages, owner, coordinator, kind):
    facts = facts_for(kind, stages, coordinator) | ({"tag": str(TagFactory().pk)} if kind == Kind.TAG else {})
    counts = []
    for number in (3, 30):
        leads = [LeadFactory(first_name=str(place)) for place in range(number)]
        with CaptureQueriesContext(connection) as asked:
            act = start_bulk(kind, chosen(leads), facts, by=owner)
        with CaptureQueriesContext(connection) as asked_back:
            assert undo_bulk(act, by=owner).undone_count == number
        counts.append((len(asked), len(asked_back)))

    assert counts[0] == counts[1]


def test_a_batch_in_which_one_goes_wrong_is_done_one_by_one(leads, owner, coordinator, monkeypatch):
    """Whatever breaks for one of them breaks for nobody else, and leaves nothing half done."""
    given, broken = bulk_acts.assign_lead, leads[0]

    def breaks_for_one(lead, *args, **kwargs):
        done = given(lead, *args, **kwargs)
        if lead == broken:
            raise ValueError("nobody thought of this")
        return done

    monkeypatch.setattr(bulk_acts, "assign_lead", breaks_for_one)
    act = start_bulk(Kind.ASSIGN, chosen(leads), {"coordinator": str(coordinator.pk)}, by=owner)

    assert (act.done_count, act.skipped_count) == (2, 2)
    assert dict(reasons(act))["New"].startswith("Something went wrong on our side")
    assert set(Lead.objects.owned_by(coordinator).values_list("first_name", flat=True)) == {"Far", "Lost"}
    assert AuditLog.objects.filter(action="crm.lead.assigned").count() == 2
