"""Setting up the pipeline: adding stages, changing them, putting them in order.

The pipeline always has one stage for new leads and one for lost ones; what is won comes after all that is on the way.
"""

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from clinics.audit import record
from clinics.live import publish
from crm.models import Lead, PipelineStage
from crm.rules import NotEveryStage, StageForNewLeads, StageInUse, TooManyStages, WonBeforeOpen

AT_MOST = 40
Kind = PipelineStage.Kind


@transaction.atomic
def create_stage(values, *, by):
    """Add a stage by the fields of PipelineStage, without `order` as the last one on the way; returns it.

    Records "crm.stage.created". Raises TooManyStages, StageForNewLeads, WonBeforeOpen.
    """
    stages = _lock_stages()
    if len(stages) >= AT_MOST:
        raise TooManyStages
    stage = PipelineStage(**{"kind": Kind.OPEN} | values)
    stage.slug = stage.slug or slugify(stage.name).replace("-", "_")[:80] or "stage"
    stage.is_terminal = stage.kind != Kind.OPEN
    _check_default(stage, others=stages)
    if stage.is_default:
        _hand_over_default(stages)
    place = stage.order or _place_for(stage, stages)
    stage.order = place
    stage.save(force_insert=True)
    _write_order([*stages[: place - 1], stage, *stages[place - 1 :]])
    record("crm.stage.created", stage, by=by, after={"name": stage.name, "kind": stage.kind})
    publish("board")
    return stage


@transaction.atomic
def change_stage(stage, values, *, by):
    """Change fields of a stage but its order; returns it. Records "crm.stage.changed" with what changed.

    Raises StageInUse for another kind while leads stand in it, StageForNewLeads, WonBeforeOpen.
    """
    stages = _lock_stages()
    stage = next((each for each in stages if each.pk == stage.pk), None) or PipelineStage.objects.get(pk=stage.pk)
    changed = {name: value for name, value in values.items() if getattr(stage, name) != value}
    if not changed:
        return stage
    if "kind" in changed and Lead.objects.in_stage(stage).exists():
        raise StageInUse
    before = {name: getattr(stage, name) for name in changed}
    for name, value in changed.items():
        setattr(stage, name, value)
    stage.is_terminal = stage.kind != Kind.OPEN
    others = [each for each in stages if each.pk != stage.pk]
    _check_default(stage, others=others)
    if stage.is_default:
        _hand_over_default(others)
    _check_order(stages)
    stage.save(update_fields=[*changed, "is_terminal", "updated_at"])
    record("crm.stage.changed", stage, by=by, before=before, after=changed)
    publish("board")
    return stage


@transaction.atomic
def reorder_stages(ids, *, by):
    """Put all stages of the pipeline in the order of `ids`; returns them. Leads stay where they stand.

    Records "crm.stage.reordered". Raises NotEveryStage, WonBeforeOpen.
    """
    stages = {stage.pk: stage for stage in _lock_stages()}
    if sorted(ids) != sorted(stages):
        raise NotEveryStage
    before = list(stages)
    ordered = [stages[pk] for pk in ids]
    _write_order(ordered)
    if before != list(ids):
        record("crm.stage.reordered", by=by, before={"stages": before}, after={"stages": ids})
        publish("board")
    return ordered


def _place_for(stage, stages):
    """Behind the last stage on the way, or at the end of all."""
    open_stages = [place for place, each in enumerate(stages, start=1) if each.is_open]
    return open_stages[-1] + 1 if stage.is_open and open_stages else len(stages) + 1


def _lock_stages():
    """All stages in order, locked: two people who set up the pipeline wait for one another."""
    return list(PipelineStage.objects.in_order().select_for_update(of=("self",)))


def _check_default(stage, *, others):
    if stage.is_default and not stage.is_open:
        raise StageForNewLeads
    if not stage.is_default and not any(each.is_default for each in others):
        raise StageForNewLeads


def _hand_over_default(others):
    former = [each.pk for each in others if each.is_default]
    PipelineStage.objects.filter(pk__in=former).update(is_default=False)


def _check_order(stages):
    kinds = [stage.kind for stage in stages if stage.kind != Kind.LOST]
    if Kind.WON in kinds and Kind.OPEN in kinds[kinds.index(Kind.WON) :]:
        raise WonBeforeOpen


def _write_order(stages):
    _check_order(stages)
    for order, stage in enumerate(stages, start=1):
        stage.order, stage.updated_at = order, timezone.now()
    PipelineStage.objects.bulk_update(stages, ["order", "updated_at"])
