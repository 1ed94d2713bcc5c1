import pytest

from clinics.models import AuditLog
from conftest import last_audit
from crm.models import PipelineStage
from crm.rules import NotEveryStage, StageForNewLeads, StageInUse, TooManyStages, WonBeforeOpen
from crm.stages import AT_MOST, change_stage, create_stage, reorder_stages
from crm.tests.factories import LeadFactory, PipelineStageFactory


def slugs():
    return list(PipelineStage.objects.in_order().values_list("slug", flat=True))


def test_a_new_stage_comes_last_of_those_on_the_way(stages, owner):
    stage = create_stage({"name": "Second opinion"}, by=owner)

    assert slugs()[-4:] == ["treatment_accepted", "second_opinion", "treatment_started", "lost"]
    assert (last_audit(stage).action, last_audit(stage).actor) == ("crm.stage.created", owner)


def test_a_new_stage_takes_the_place_that_it_is_given(stages, owner):
    create_stage({"name": "Triage", "order": 2}, by=owner)

    assert slugs()[:3] == ["new_lead", "triage", "contacted"]
    assert list(PipelineStage.objects.in_order().values_list("order", flat=True)) == list(range(1, 10))


def test_a_stage_for_new_leads_takes_over_from_the_former(stages, owner):
    stage = create_stage({"name": "Inbox", "is_default": True, "order": 1}, by=owner)

    assert list(PipelineStage.objects.filter(is_default=True)) == [stage]


def test_the_stage_for_new_leads_cannot_be_given_up_or_won(stages, owner):
    with pytest.raises(StageForNewLeads):
        change_stage(stages["new_lead"], {"is_default": False}, by=owner)
    with pytest.raises(StageForNewLeads):
        change_stage(stages["treatment_started"], {"is_default": True}, by=owner)


def test_a_stage_with_leads_keeps_its_kind(stages, owner):
    LeadFactory(stage=stages["treatment_accepted"])

    with pytest.raises(StageInUse):
        change_stage(stages["treatment_accepted"], {"kind": "WON"}, by=owner)

    change_stage(stages["treatment_accepted"], {"name": "Signed"}, by=owner)
    assert last_audit(stages["treatment_accepted"]).after == {"name": "Signed"}


def test_a_stage_of_another_kind_ends_the_way_or_not(stages, owner):
    change_stage(stages["treatment_accepted"], {"kind": "WON"}, by=owner)

    stages["treatment_accepted"].refresh_from_db()
    assert stages["treatment_accepted"].is_terminal


def test_what_is_won_stays_behind_what_is_on_the_way(stages, owner):
    ids = [stage.pk for stage in PipelineStage.objects.in_order()]

    with pytest.raises(WonBeforeOpen):
        reorder_stages([ids[6], *ids[:6], ids[7]], by=owner)
    with pytest.raises(WonBeforeOpen):
        change_stage(stages["contacted"], {"kind": "WON"}, by=owner)

    assert slugs()[0] == "new_lead"


def test_stages_are_put_in_order_all_of_them_once(stages, owner, other_clinic):
    ids = [stage.pk for stage in PipelineStage.objects.in_order()]
    wanted = [ids[1], ids[0], *ids[2:]]

    reorder_stages(wanted, by=owner)

    assert slugs()[:2] == ["contacted", "new_lead"]
    assert AuditLog.objects.filter(action="crm.stage.reordered").count() == 1
    for wrong in (ids[1:], [*ids, ids[0]], [*ids[1:], ids[1]]):
        with pytest.raises(NotEveryStage):
            reorder_stages(wrong, by=owner)


def test_a_pipeline_has_an_end(stages, owner):
    for _each in range(AT_MOST - len(stages)):
        PipelineStageFactory(order=6)

    with pytest.raises(TooManyStages):
        create_stage({"name": "One more"}, by=owner)
