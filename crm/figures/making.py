# ruff: noqa: E501, S608 - statements read better in long lines, and nothing a person typed enters them
"""What a lead contributes to the figures, in SQL: its facts out of its rows, and the lines out of its facts.

This is the definition of every figure that crm.figures.lines reads; crm.figures.keeping keeps what it says.
"""

from dataclasses import dataclass

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

# All treatments that somebody asked about, as one id.
INTEREST = """CASE WHEN l.treatment_interest <> '{{}}'
    THEN md5(array_to_string(ARRAY(SELECT unnest(l.treatment_interest) ORDER BY 1), ' '))::uuid END"""
FACTS = (
    "asked_on", "source", "location", "assigned_to", "ad_campaign", "interest", "is_converted", "status",
    "stage", "lost_reason", "lost_from", "worth", "waited", "took", "cents",
    "shown_on", "show", "touch_source", "touch_campaign", "touch_age",
)  # fmt: skip
# The facts of leads, each by its id; {which} and {of_which} narrow it to some leads.
FACTS_OF_LEADS = f"""
SELECT l.id, (l.captured_at AT TIME ZONE c.time_zone)::date AS asked_on, l.source_id AS source, l.location_id AS location,
    l.assigned_to_id AS assigned_to, l.ad_campaign_id AS ad_campaign, {INTEREST} AS interest, l.status = 'CONVERTED' AS is_converted,
    l.status, l.stage_id AS stage, l.lost_reason, l.lost_from, coalesce(l.expected_value_cents, 0) AS worth,
    extract(epoch FROM l.first_contacted_at - l.captured_at)::float8 AS waited,
    CASE WHEN l.status = 'CONVERTED' THEN extract(epoch FROM l.converted_at - l.captured_at)::float8 END AS took,
    coalesce(paid.cents, 0) AS cents, (a.starts_at AT TIME ZONE c.time_zone)::date AS shown_on, coalesce(a.status, '') AS show,
    touches.sources AS touch_source, touches.campaigns AS touch_campaign, touches.ages AS touch_age
FROM crm_lead l JOIN clinics_clinic c ON c.id = l.clinic_id
LEFT JOIN patients_appointment a ON a.clinic_id = l.clinic_id AND a.id = l.consultation_id
LEFT JOIN (
    SELECT l.id, {CENTS} AS cents {COLLECTED} WHERE l.clinic_id = %(clinic)s AND {{which}} GROUP BY l.id
) paid ON paid.id = l.id
LEFT JOIN (
    SELECT lead_id, array_agg(source_id ORDER BY occurred_at, id) AS sources,
        array_agg(ad_campaign_id ORDER BY occurred_at, id) AS campaigns,
        array_agg(age ORDER BY occurred_at, id) AS ages
    FROM (
        SELECT m.*, (extract(epoch FROM max(m.occurred_at) OVER (PARTITION BY m.lead_id) - m.occurred_at)::bigint / 86400)::int AS age
        FROM crm_touchpoint m JOIN crm_lead t ON t.clinic_id = m.clinic_id AND t.id = m.lead_id
        WHERE m.clinic_id = %(clinic)s AND m.occurred_at <= coalesce(t.converted_at, m.occurred_at) AND {{of_which}}
            AND EXISTS (SELECT 1 FROM crm_touchpoint r WHERE r.clinic_id = m.clinic_id AND r.lead_id = m.lead_id AND r.is_repeat)
    ) touch GROUP BY lead_id
) touches ON touches.lead_id = l.id
WHERE l.clinic_id = %(clinic)s AND l.deleted_at IS NULL AND {{which}}
"""
MOVE_FACTS = ("lead", "moved_on", "source", "location", "moved_from", "moved_to", "stayed")
# The standing moves of leads, each by its id.
MOVES_OF_LEADS = """
SELECT m.id, m.lead_id AS lead, (m.changed_at AT TIME ZONE c.time_zone)::date AS moved_on, l.source_id AS source,
    l.location_id AS location, m.from_stage_id AS moved_from, m.to_stage_id AS moved_to,
    extract(epoch FROM m.changed_at - (m.before->>'stage_entered_at')::timestamptz)::float8 AS stayed
FROM crm_stagechange m JOIN clinics_clinic c ON c.id = m.clinic_id
JOIN crm_lead l ON l.clinic_id = m.clinic_id AND l.id = m.lead_id
WHERE m.clinic_id = %(clinic)s AND m.undone_at IS NULL AND l.deleted_at IS NULL AND {of_which}
"""

# What lines share, what they add up, and what stands there where a kind knows nothing of it.
GROUP = ("source", "location", "assigned_to", "place", "other", "word", "span")
SUMS = ("number", "seconds", "squares", "leads", "converted", "cents")
NOTHING = dict.fromkeys(GROUP, "NULL::uuid") | {"word": "''", "span": "NULL::int"} | dict.fromkeys(SUMS, "0::float8")
LOCATION, SOURCE = {"location": "{f}.location"}, {"source": "{f}.source", "location": "{f}.location"}
OWNER = {"assigned_to": "f.assigned_to"}
CONVERTED = {"converted": "f.is_converted::int", "cents": "f.cents"}
COUNTED = {"cents": "f.worth", "leads": "(f.waited IS NOT NULL)::int", "seconds": "coalesce(f.took, 0)"}
MIXED = OWNER | {"place": "f.interest", "converted": "f.is_converted::int"}
SHARED = {
    name: f"t.share * {of}" for name, of in (("leads", "1"), ("converted", "f.is_converted::int"), ("cents", "f.cents"))
}
# In float8 throughout: numbers of any length take ten times as long.
HALVED = f"power(2::float8, -age / {HALF_LIFE_DAYS}::float8)"
SHARE = f"""CASE model
    WHEN '{Model.FIRST}' THEN (nth = 1)::int::float8
    WHEN '{Model.LAST}' THEN (nth = touches)::int::float8
    WHEN '{Model.LINEAR}' THEN 1::float8 / touches
    WHEN '{Model.POSITION}' THEN CASE WHEN touches < 3 THEN 1::float8 / touches WHEN nth IN (1, touches) THEN {ENDS}::float8
        ELSE {1 - 2 * ENDS:.1f}::float8 / (touches - 2) END
    ELSE {HALVED} / halves END"""
TOUCHES = f"""FROM (
    SELECT model, source, campaign, {SHARE} AS share
    FROM (SELECT count(*) AS touches, sum({HALVED}) AS halves FROM unnest(f.touch_age) age) all_of_them,
        unnest(f.touch_source, f.touch_campaign, f.touch_age) WITH ORDINALITY AS touch(source, campaign, age, nth),
        (VALUES {", ".join(f"('{model}')" for model in Model)}) models(model)
) t WHERE share > 0 AND f.touch_age IS NOT NULL"""


def _length(seconds):
    """What a line says of a length of time."""
    return {"span": CLASS.format(seconds=seconds), "seconds": seconds, "squares": f"{seconds} * {seconds}"}


WAITED, TOOK, STAYED = _length("f.waited"), _length("f.took"), _length("m.stayed") | {"place": "m.moved_from"}
IS_LOST = "WHERE f.status = 'LOST'"
HAS_WAITED, HAS_TAKEN, HAS_STAYED = (f"WHERE {name} IS NOT NULL" for name in ("f.waited", "f.took", "m.stayed"))


@dataclass(frozen=True)
class Made:
    """How lines of one kind are made of facts: of which `day`, what they `know`, and the `rest` of their statement.

    Facts of leads are called f, those of moves m; `day` is a column of them that an index knows. Of what has nearly as
    many lines as facts there are no lines of stretches.
    """

    day: str
    known: dict
    rest: str
    has_stretches: bool = True

    @property
    def facts(self):
        return self.day[0]

    def statement(self, kind):
        """SELECT the lines of one row of facts."""
        values = NOTHING | {"number": "1"} | self.known
        columns = ", ".join(f"{values[name].format(f=self.facts)} AS {name}" for name in (*GROUP, *SUMS))
        return f"SELECT '{kind}' AS kind, {self.day} AS day, {columns} {self.rest}"


TABLES = {"f": "crm_figurefacts", "m": "crm_figuremove"}
ASKED, SHOWN, MOVED = "f.asked_on", "f.shown_on", "m.moved_on"
MADE = {
    FigureKind.WAIT: Made(ASKED, OWNER | WAITED, HAS_WAITED),
    FigureKind.WAIT_BY_LOCATION: Made(ASKED, LOCATION | OWNER | WAITED, HAS_WAITED),
    FigureKind.WAIT_BY_SOURCE: Made(ASKED, SOURCE | OWNER | WAITED, HAS_WAITED, has_stretches=False),
    FigureKind.TAKE: Made(ASKED, TOOK, HAS_TAKEN),
    FigureKind.TAKE_BY_LOCATION: Made(ASKED, LOCATION | TOOK, HAS_TAKEN),
    FigureKind.TAKE_BY_SOURCE: Made(ASKED, SOURCE | TOOK, HAS_TAKEN, has_stretches=False),
    FigureKind.WEEK: Made(ASKED, SOURCE | {"span": "floor(f.took / 604800)::int"}, HAS_TAKEN),
    FigureKind.PAID: Made(ASKED, SOURCE | OWNER | {"cents": "f.cents"}, "WHERE f.cents <> 0"),
    FigureKind.MIX: Made(ASKED, {"source": "f.source"} | MIXED, ""),
    FigureKind.MIX_BY_LOCATION: Made(ASKED, SOURCE | MIXED, ""),
    FigureKind.TOTAL: Made(ASKED, SOURCE | COUNTED | {"word": "f.status"}, ""),
    FigureKind.PEOPLE: Made(ASKED, SOURCE | OWNER | COUNTED | {"word": "f.status"}, ""),
    FigureKind.WAY: Made(
        ASKED, SOURCE | COUNTED | {"word": "f.status", "place": "f.stage", "other": "f.lost_from"}, ""
    ),
    FigureKind.LOST: Made(ASKED, SOURCE | COUNTED | {"word": "f.lost_reason", "place": "f.lost_from"}, IS_LOST),
    FigureKind.LOST_OF: Made(ASKED, SOURCE | OWNER | COUNTED | {"word": "f.lost_reason"}, IS_LOST),
    FigureKind.AD: Made(ASKED, SOURCE | CONVERTED | {"place": "f.ad_campaign"}, "WHERE f.ad_campaign IS NOT NULL"),
    FigureKind.CARD: Made(
        ASKED,
        SOURCE | CONVERTED | {"place": "f.source", "other": "f.ad_campaign", "leads": "1"},
        "WHERE f.touch_age IS NOT NULL",
    ),
    FigureKind.CREDIT: Made(
        ASKED, SOURCE | SHARED | {"word": "t.model", "place": "t.source", "other": "t.campaign"}, TOUCHES
    ),
    FigureKind.SHOW: Made(SHOWN, SOURCE | OWNER | {"word": "f.show"}, "WHERE f.shown_on IS NOT NULL"),
    FigureKind.STAY: Made(MOVED, STAYED, HAS_STAYED),
    FigureKind.STAY_BY_LOCATION: Made(MOVED, LOCATION | STAYED, HAS_STAYED),
    FigureKind.STAY_BY_SOURCE: Made(MOVED, SOURCE | STAYED, HAS_STAYED, has_stretches=False),
    FigureKind.MOVE: Made(MOVED, SOURCE | {"place": "m.moved_from", "other": "m.moved_to"}, ""),
}
