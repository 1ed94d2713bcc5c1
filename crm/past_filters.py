"""What the filters of the board ask of leads as they stood on a past day (crm/rewinding.py), in SQL."""

from dataclasses import dataclass

from crm.models import PipelineStage

# Of these the past is known; the others are asked of leads as they are today.
KNOWN = {"coordinator", "stage", "source", "tag", "interest", "location", "stuck"}
CONDITIONS = {
    "coordinator": "(p.owner = ANY(%(coordinator)s::uuid[]) OR p.owner IS NULL AND %(nobody)s)",
    "stage": "p.stage = ANY(%(stage)s::uuid[])",
    "source": "p.source = ANY(%(source)s::uuid[])",
    "location": "p.location = ANY(%(location)s::uuid[])",
    "interest": "p.interest ?| %(interest)s::text[]",
    "tag": "p.id IN (SELECT lead FROM tagged{n})",
    "stuck": """EXISTS (SELECT FROM unnest(%(held_in)s::uuid[], %(held_for)s::int[]) AS held (stage, days)
        WHERE held.stage = p.stage AND p.entered < %(at{n})s - held.days * interval '1 day')""",
}


@dataclass(frozen=True)
class Asked:
    """`leads` pass what is asked of today; `condition` asks the past `p`, with `facts`, for the rest."""

    leads: object
    condition: str
    facts: dict


def asked_of_past(lead_filter, leads, *, moment=1):
    """What a filter asks of some leads as they stood at the first or second moment, as Asked."""
    lead_filter.form.is_valid()
    chosen = {name: lead_filter.form.cleaned_data.get(name) for name in KNOWN}
    facts = {name: value for name, value in chosen.items() if value}
    conditions = ["true", *(CONDITIONS[name].format(n=moment) for name in sorted(facts))]
    if "coordinator" in facts:
        facts["coordinator"], facts["nobody"] = lead_filter.owners
    if facts.pop("stuck", None):
        held = [row for row in lead_filter.choices["stage"] if row.days and row.kind == PipelineStage.Kind.OPEN]
        facts |= {"held_in": [row.pk for row in held], "held_for": [row.days for row in held]}
    return Asked(lead_filter.narrow(leads, but=KNOWN), " AND ".join(conditions), facts)
