# ruff: noqa: E501, S608 - statements read better in long lines, and nothing a person typed enters them
"""What a lead contributes to the figures, in SQL: its facts out of its rows, and the lines out of its facts.

This is the definition of every figure that crm.figures.lines reads; crm.figures.keeping keeps what it says.
"""

from crm.attribution import ENDS, HALF_LIFE_DAYS, Model
from crm.figures.spans import CLASS
from crm.models import FigureKind

CENTS = "sum(CASE WHEN p.kind = 'REFUND' THEN -p.amount_cents ELSE p.amount_cents END)::bigint"
# Leads with the payments that count for them.
COLLECTED = """
    FROM crm_lead l
    JOIN clinics_clinic c ON c.id = l.clinic_id
    JOIN crm_leadconversion v ON v.clinic_id = l.clinic_id AND v.lead_id = l.id AND v.undone_at IS NULL
    JOIN crm_convertedpatient cp ON cp.clinic_id = l.clinic_id AND cp.conversion_id = v.id
        AND NOT EXISTS (
            SELECT 1 FROM crm_convertedpatient cq
            JOIN crm_leadconversion w ON w.clinic_id = cq.clinic_id AND w.id = cq.conversion_id AND w.undone_at IS NULL
            WHERE cq.clinic_id = l.clinic_id AND cq.patient_id = cp.patient_id
                AND (w.converted_at, w.id) < (v.converted_at, v.id))
    JOIN patients_payment p ON p.clinic_id = l.clinic_id AND p.patient_id = cp.patient_id
        AND p.paid_on >= (l.captured_at AT TIME ZONE c.time_zone)::date
"""

FACTS = (
    "lead", "asked_on", "source", "location", "assigned_to", "ad_campaign", "is_converted", "waited", "took", "cents",
    "shown_on", "show", "moved_on", "moved_from", "moved_to", "stayed", "touch_source", "touch_campaign", "touch_age",
)  # fmt: skip
# {which} and {of_which} narrow it to some leads.
FACTS_OF_LEADS = f"""
SELECT l.id, (l.captured_at AT TIME ZONE c.time_zone)::date, l.source_id, l.location_id, l.assigned_to_id, l.ad_campaign_id,
    l.status = 'CONVERTED', extract(epoch FROM l.first_contacted_at - l.captured_at)::float8,
    CASE WHEN l.status = 'CONVERTED' THEN extract(epoch FROM l.converted_at - l.captured_at)::float8 END,
    coalesce(paid.cents, 0), (a.starts_at AT TIME ZONE c.time_zone)::date, coalesce(a.status, ''),
    moves.moved_on, moves.moved_from, moves.moved_to, moves.stayed, touches.sources, touches.campaigns, touches.ages
FROM crm_lead l JOIN clinics_clinic c ON c.id = l.clinic_id
LEFT JOIN patients_appointment a ON a.clinic_id = l.clinic_id AND a.id = l.consultation_id
LEFT JOIN (
    SELECT l.id, {CENTS} AS cents {COLLECTED} WHERE l.clinic_id = %(clinic)s AND {{which}} GROUP BY l.id
) paid ON paid.id = l.id
LEFT JOIN (
    SELECT m.lead_id, array_agg((m.changed_at AT TIME ZONE c.time_zone)::date ORDER BY m.changed_at, m.id) AS moved_on,
        array_agg(m.from_stage_id ORDER BY m.changed_at, m.id) AS moved_from,
        array_agg(m.to_stage_id ORDER BY m.changed_at, m.id) AS moved_to,
        array_agg(extract(epoch FROM m.changed_at - (m.before->>'stage_entered_at')::timestamptz)::float8
            ORDER BY m.changed_at, m.id) AS stayed
    FROM crm_stagechange m JOIN clinics_clinic c ON c.id = m.clinic_id
    WHERE m.clinic_id = %(clinic)s AND m.undone_at IS NULL AND {{of_which}} GROUP BY m.lead_id
) moves ON moves.lead_id = l.id
LEFT JOIN (
    SELECT lead_id, array_agg(source_id ORDER BY occurred_at, id) AS sources,
        array_agg(ad_campaign_id ORDER BY occurred_at, id) AS campaigns,
        array_agg(age ORDER BY occurred_at, id) AS ages
    FROM (
        SELECT m.*, extract(epoch FROM max(m.occurred_at) OVER (PARTITION BY m.lead_id) - m.occurred_at)::bigint / 86400 AS age
        FROM crm_touchpoint m JOIN crm_lead t ON t.clinic_id = m.clinic_id AND t.id = m.lead_id
        WHERE m.clinic_id = %(clinic)s AND m.occurred_at <= coalesce(t.converted_at, m.occurred_at) AND {{of_which}}
            AND EXISTS (SELECT 1 FROM crm_touchpoint r WHERE r.clinic_id = m.clinic_id AND r.lead_id = m.lead_id AND r.is_repeat)
    ) touch GROUP BY lead_id
) touches ON touches.lead_id = l.id
WHERE l.clinic_id = %(clinic)s AND l.deleted_at IS NULL AND {{which}}
"""

# What lines share, what they add up, and what stands there where a kind knows nothing of it.
GROUP = ("source", "location", "assigned_to", "place", "other", "word", "span")
SUMS = ("number", "seconds", "leads", "converted", "cents")
NOTHING = dict.fromkeys(GROUP, "NULL::uuid") | {"word": "''", "span": "NULL::int"} | dict.fromkeys(SUMS, "0::float8")
SOURCE = {"source": "f.source", "location": "f.location"}
OWNER = {"assigned_to": "f.assigned_to"}
CONVERTED = {"converted": "f.is_converted::int", "cents": "f.cents"}
WAITED = {"span": CLASS.format(seconds="f.waited"), "seconds": "f.waited"}
TOOK = {"span": CLASS.format(seconds="f.took"), "seconds": "f.took"}
STAYED = {"place": "m.place", "span": CLASS.format(seconds="m.seconds"), "seconds": "m.seconds"}
SHARED = {
    name: f"t.share * {of}" for name, of in (("leads", "1"), ("converted", "f.is_converted::int"), ("cents", "f.cents"))
}
MOVES = "FROM unnest(f.moved_on, f.moved_from, f.moved_to, f.stayed) AS m(day, place, other, seconds)"
SHARE = f"""CASE model
    WHEN '{Model.FIRST}' THEN (nth = 1)::int
    WHEN '{Model.LAST}' THEN (nth = touches)::int
    WHEN '{Model.LINEAR}' THEN 1.0 / touches
    WHEN '{Model.POSITION}' THEN CASE WHEN touches < 3 THEN 1.0 / touches WHEN nth IN (1, touches) THEN {ENDS}
        ELSE {1 - 2 * ENDS:.1f} / (touches - 2) END
    ELSE power(2, -age / {HALF_LIFE_DAYS}.0) / halves END::float8"""
TOUCHES = f"""FROM (
    SELECT model, source, campaign, {SHARE} AS share
    FROM (SELECT count(*) AS touches, sum(power(2, -age / {HALF_LIFE_DAYS}.0)) AS halves FROM unnest(f.touch_age) age) all_of_them,
        unnest(f.touch_source, f.touch_campaign, f.touch_age) WITH ORDINALITY AS touch(source, campaign, age, nth),
        (VALUES {", ".join(f"('{model}')" for model in Model)}) models(model)
) t WHERE share > 0"""


def _line(kind, day, known, rest):
    """The statement of one kind of line: its day, the columns that it knows, and of which facts f it is made."""
    values = NOTHING | {"number": "1"} | known
    columns = ", ".join(f"{values[name]} AS {name}" for name in (*GROUP, *SUMS))
    return f"SELECT '{kind}' AS kind, {day} AS day, {columns} {rest}"


LINES = {
    kind: _line(kind, *made)
    for kind, made in {
        FigureKind.WAIT: ("f.asked_on", OWNER | WAITED, "WHERE f.waited IS NOT NULL"),
        FigureKind.WAIT_BY_SOURCE: ("f.asked_on", SOURCE | OWNER | WAITED, "WHERE f.waited IS NOT NULL"),
        FigureKind.TAKE: ("f.asked_on", TOOK, "WHERE f.took IS NOT NULL"),
        FigureKind.TAKE_BY_SOURCE: ("f.asked_on", SOURCE | TOOK, "WHERE f.took IS NOT NULL"),
        FigureKind.WEEK: ("f.asked_on", SOURCE | {"span": "floor(f.took / 604800)::int"}, "WHERE f.took IS NOT NULL"),
        FigureKind.PAID: ("f.asked_on", SOURCE | OWNER | {"cents": "f.cents"}, "WHERE f.cents <> 0"),
        FigureKind.AD: (
            "f.asked_on",
            SOURCE | CONVERTED | {"place": "f.ad_campaign"},
            "WHERE f.ad_campaign IS NOT NULL",
        ),
        FigureKind.CARD: (
            "f.asked_on",
            SOURCE | CONVERTED | {"place": "f.source", "other": "f.ad_campaign", "leads": "1"},
            "WHERE f.touch_age IS NOT NULL",
        ),
        FigureKind.CREDIT: (
            "f.asked_on",
            SOURCE | SHARED | {"word": "t.model", "place": "t.source", "other": "t.campaign"},
            TOUCHES,
        ),
        FigureKind.SHOW: ("f.shown_on", SOURCE | OWNER | {"word": "f.show"}, "WHERE f.shown_on IS NOT NULL"),
        FigureKind.STAY: ("m.day", STAYED, f"{MOVES} WHERE m.seconds IS NOT NULL"),
        FigureKind.STAY_BY_SOURCE: ("m.day", SOURCE | STAYED, f"{MOVES} WHERE m.seconds IS NOT NULL"),
        FigureKind.MOVE: ("m.day", SOURCE | {"place": "m.place", "other": "m.other"}, MOVES),
    }.items()
}
