# ruff: noqa: E501 - statements read better in long lines
"""Leads as they stood at a past moment, in SQL: as they are today, but for what has happened to them since.

The first thing that has happened since the moment tells what was before it: a move (or its being taken back) the stage
and since when, an entry of the audit log the value, the coordinator, the source, the location, the interest and the
archive, a row of an import what the import filled in. A merge keeps what the lead was before, and says which rows came
from the other one. Each kind of event is read once for all leads: the cost is that of the leads and of the events.
"""

import json
import uuid

from django.db import connection
from django.db.models import Q

from clinics.models.base import current_clinic_id
from crm.models import LeadMerge

# The columns of a lead that are rewound, or tell whether the board showed it: those of the table `leads` below.
COLUMNS = (
    "id", "stage_id", "stage_entered_at", "expected_value_cents", "assigned_to_id", "source_id", "location_id",
    "treatment_interest", "captured_at", "deleted_at", "archived_at",
)  # fmt: skip
# What a merge changes of them on the lead that survives it.
CHANGED_BY_MERGE = COLUMNS[1:9]

# What stands in the audit log since the moment, of an action.
AUDIT = "FROM clinics_auditlog e WHERE e.clinic_id = %(clinic)s AND e.id >= %(since{n})s AND e.created_at >= %(at{n})s AND e.action"
# The tables of one moment, %(at{n})s; the last of them is `past{n}`. The planner leaves out what a question does not ask for.
MOMENT = """
merged{n} AS (
    SELECT * FROM jsonb_to_recordset(%(merged{n})s::jsonb) AS m (lead uuid, at timestamptz, id uuid, stage_id uuid,
        stage_entered_at timestamptz, expected_value_cents bigint, assigned_to_id uuid, source_id uuid, location_id uuid,
        treatment_interest jsonb, captured_at timestamptz)
), brought{n} AS (
    SELECT DISTINCT ON (thing) thing::uuid AS id, m.merged_id AS lead
    FROM crm_leadmerge m, jsonb_array_elements_text(coalesce(m.moved->'crm.stagechange', '[]') || coalesce(m.moved->'crm.leadtag', '[]')) thing
    WHERE m.clinic_id = %(clinic)s AND m.created_at >= %(at{n})s AND m.undone_at IS NULL ORDER BY thing, m.created_at
), filled{n} AS (
    SELECT r.lead_id AS lead, r.created_at AS at, r.id, r.changes FROM crm_leadimport i
    JOIN crm_leadimportrow r ON r.clinic_id = i.clinic_id AND r.lead_import_id = i.id AND NOT r.is_dry_run AND r.outcome = 'UPDATED'
    WHERE i.clinic_id = %(clinic)s AND coalesce(i.finished_at, %(at{n})s) >= %(at{n})s AND r.created_at >= %(at{n})s
        AND r.changes ?| array['expected_value_cents', 'treatment_interest']
), moved{n} AS (
    SELECT DISTINCT ON (lead) lead, stage, entered FROM (
        SELECT coalesce(b.lead, c.lead_id) AS lead, c.id, CASE WHEN c.changed_at >= %(at{n})s THEN c.changed_at ELSE c.undone_at END AS at,
            CASE WHEN c.changed_at >= %(at{n})s THEN c.from_stage_id ELSE c.to_stage_id END AS stage,
            CASE WHEN c.changed_at >= %(at{n})s THEN (c.before->>'stage_entered_at')::timestamptz ELSE c.changed_at END AS entered
        FROM crm_stagechange c LEFT JOIN brought{n} b ON b.id = c.id
        WHERE c.clinic_id = %(clinic)s AND c.changed_at >= %(at{n})s - interval '1 day' -- a move can be taken back for so long
            AND (c.changed_at >= %(at{n})s OR c.undone_at >= %(at{n})s)
        UNION ALL SELECT lead, id, at, stage_id, stage_entered_at FROM merged{n}
    ) event ORDER BY lead, at, id
), valued{n} AS (
    SELECT DISTINCT ON (lead) lead, cents FROM (
        SELECT e.resource_id AS lead, e.id, e.created_at AS at, (e.before->>'expected_value_cents')::bigint AS cents {audit} = 'crm.opportunity.set'
        UNION ALL SELECT lead, id, at, (changes->'expected_value_cents'->>0)::bigint FROM filled{n} WHERE changes ? 'expected_value_cents'
        UNION ALL SELECT lead, id, at, expected_value_cents FROM merged{n}
    ) event ORDER BY lead, at, id
), given{n} AS (
    SELECT DISTINCT ON (lead) lead, owner FROM (
        SELECT e.resource_id AS lead, e.id, e.created_at AS at, nullif(e.before->>'assigned_to', '')::uuid AS owner
        {audit} IN ('crm.lead.assigned', 'crm.lead.assignment_undone')
        UNION ALL SELECT lead, id, at, assigned_to_id FROM merged{n}
    ) event ORDER BY lead, at, id
), came{n} AS (
    SELECT DISTINCT ON (lead) lead, source FROM (
        SELECT e.resource_id AS lead, e.id, e.created_at AS at, (e.before->>'source')::uuid AS source {audit} = 'crm.lead.edited' AND e.before ? 'source'
        UNION ALL SELECT lead, id, at, source_id FROM merged{n}
    ) event ORDER BY lead, at, id
), seen{n} AS (
    SELECT DISTINCT ON (lead) lead, location FROM (
        SELECT e.resource_id AS lead, e.id, e.created_at AS at, (e.before->>'location')::uuid AS location {audit} = 'crm.lead.edited' AND e.before ? 'location'
        UNION ALL SELECT lead, id, at, location_id FROM merged{n}
    ) event ORDER BY lead, at, id
), wished{n} AS (
    SELECT DISTINCT ON (lead) lead, interest FROM (
        SELECT e.resource_id AS lead, e.id, e.created_at AS at, e.before->'treatment_interest' AS interest
        {audit} = 'crm.lead.edited' AND e.before ? 'treatment_interest'
        UNION ALL SELECT e.resource_id, e.id, e.created_at, '[]' {audit} = 'crm.lead.asked_again' AND e.after->'filled' ? 'treatment_interest'
        UNION ALL SELECT lead, id, at, changes->'treatment_interest'->0 FROM filled{n} WHERE changes ? 'treatment_interest'
        UNION ALL SELECT lead, id, at, treatment_interest FROM merged{n}
    ) event ORDER BY lead, at, id
), shelved{n} AS (
    SELECT DISTINCT ON (e.resource_id) e.resource_id AS lead, e.action = 'crm.lead.unarchived' AS was_archived
    {audit} IN ('crm.lead.archived', 'crm.lead.unarchived') ORDER BY e.resource_id, e.created_at, e.id
), asked{n} AS (
    SELECT DISTINCT ON (lead) lead, captured_at FROM merged{n} ORDER BY lead, at, id
), buried{n} AS (
    SELECT m.merged_id AS lead FROM crm_leadmerge m WHERE m.clinic_id = %(clinic)s AND m.created_at < %(at{n})s AND m.undone_at >= %(at{n})s
), past{n} AS (
    SELECT l.id, coalesce(moved.stage, l.stage_id) AS stage,
        CASE WHEN moved.lead IS NULL THEN l.stage_entered_at ELSE coalesce(moved.entered, l.captured_at) END AS entered,
        CASE WHEN valued.lead IS NULL THEN l.expected_value_cents ELSE valued.cents END AS cents,
        CASE WHEN given.lead IS NULL THEN l.assigned_to_id ELSE given.owner END AS owner,
        coalesce(came.source, l.source_id) AS source,
        CASE WHEN seen.lead IS NULL THEN l.location_id ELSE seen.location END AS location,
        coalesce(wished.interest, to_jsonb(l.treatment_interest)) AS interest,
        coalesce(asked.captured_at, l.captured_at) < %(at{n})s AND coalesce(l.deleted_at >= %(at{n})s, true) AND buried.lead IS NULL
            AND NOT coalesce(shelved.was_archived, l.archived_at < %(at{n})s, false) AS is_shown
    FROM leads l LEFT JOIN moved{n} moved ON moved.lead = l.id LEFT JOIN valued{n} valued ON valued.lead = l.id
    LEFT JOIN given{n} given ON given.lead = l.id LEFT JOIN came{n} came ON came.lead = l.id LEFT JOIN seen{n} seen ON seen.lead = l.id
    LEFT JOIN wished{n} wished ON wished.lead = l.id LEFT JOIN shelved{n} shelved ON shelved.lead = l.id
    LEFT JOIN asked{n} asked ON asked.lead = l.id LEFT JOIN buried{n} buried ON buried.lead = l.id
)
"""
TAGGED = """
tagged{n} AS (
    SELECT coalesce(b.lead, t.lead_id) AS lead FROM crm_leadtag t LEFT JOIN brought{n} b ON b.id = t.id
    WHERE t.clinic_id = %(clinic)s AND t.tag_id = ANY(%(tag)s::uuid[]) AND t.created_at < %(at{n})s
    UNION SELECT lead FROM (
        SELECT DISTINCT ON (e.resource_id, t.id) e.resource_id AS lead, e.action FROM clinics_tag t
        JOIN clinics_auditlog e ON e.clinic_id = t.clinic_id AND e.id >= %(since{n})s AND e.created_at >= %(at{n})s
            AND (e.action = 'crm.lead.untagged' AND e.before->>'tag' = t.name OR e.action = 'crm.lead.tagged' AND e.after->>'tag' = t.name)
        WHERE t.clinic_id = %(clinic)s AND t.id = ANY(%(tag)s::uuid[]) ORDER BY e.resource_id, t.id, e.created_at, e.id
    ) event WHERE action = 'crm.lead.untagged'
)
"""


def read_past(leads, moments, select, facts):
    """The rows of `select` over past1 (and past2): `leads` as they stood at each of the moments.

    `facts` are what `select` names; with `tag` in them, tagged1 (and tagged2) are the leads that bore any of those.
    """
    statement, given = leads.order_by().values_list(*COLUMNS).query.sql_with_params()
    names = [f"of_leads_{number}" for number in range(len(given))]
    leads_by_name = statement.replace("%%", "%%%%") % tuple(f"%({name})s" for name in names)
    values = {"clinic": current_clinic_id()} | dict(zip(names, given, strict=True)) | facts
    tables = [f"leads ({', '.join(COLUMNS)}) AS ({leads_by_name})"]
    for number, moment in enumerate(moments, start=1):
        values |= {f"at{number}": moment, f"since{number}": _first_id(moment), f"merged{number}": _merges_since(moment)}
        tables += [
            MOMENT.format(n=number, audit=AUDIT.format(n=number)),
            *([TAGGED.format(n=number)] if "tag" in facts else []),
        ]
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {', '.join(tables)} {select}", values)
        return cursor.fetchall()


def _first_id(moment):
    """The smallest id that a row written at the moment can have: ids begin with their moment, and have an index."""
    return uuid.UUID(int=max(0, int(moment.timestamp() * 1000)) << 80)


def _merges_since(moment):
    """What merges and their being taken back have changed on leads since, as JSON: both keep it sealed."""
    merges = LeadMerge.objects.filter(Q(created_at__gte=moment) | Q(undone_at__gte=moment))
    rows = []
    for merge in merges.only("clinic", "survivor", "before", "after", "created_at", "undone_at"):
        if merge.created_at >= moment:
            rows.append(_merge_event(merge, merge.created_at, merge.before["survivor"]))
        if merge.undone_at is not None:
            rows.append(_merge_event(merge, merge.undone_at, merge.after))
    return json.dumps(rows)


def _merge_event(merge, at, values):
    was = {column: values[column] for column in CHANGED_BY_MERGE}
    return {"lead": str(merge.survivor_id), "id": str(merge.pk), "at": at.isoformat()} | was
