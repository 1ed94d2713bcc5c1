# ruff: noqa: E501, S608 - statements read better in long lines, and nothing a person typed enters them
"""A clinic of any size for measuring: drawn inside PostgreSQL from hashes of running numbers, so always the same."""

from dataclasses import dataclass

from django.db import connection, transaction
from django.utils import timezone

from clinics.models import Clinic, ClinicUser, Location, Role, Tag, User
from clinics.models.base import current_clinic_id
from clinics.same_person.keys import match_keys
from clinics.tenancy import clinic_scope
from crm.demo.drawing import DRAW, HAS_VISIT, ROW_ID, VISIT_ID
from crm.demo.volume_outcomes import OUTCOMES
from crm.duplicates.people import COMPARED, person_of
from crm.figures.keeping import make_all_anew
from crm.models import Lead, LeadSource, PipelineStage, SourceCategory

COORDINATORS = 15
SOURCES = 12
LOCATIONS = 2
# Share of the leads that stand in each of the eight stages today, in percent, in the order of the pipeline.
STAGE_SHARES = [4, 8, 5, 4, 7, 3, 24, 45]

LEADS = f"""
INSERT INTO crm_lead (
    id, clinic_id, created_at, updated_at, status, stage_id, stage_entered_at, version, first_name, last_name, email,
    phone, phone_alt, preferred_contact, preferred_time, patient_first_name, patient_last_name, patient_dob,
    patient_relationship, address_line1, address_line2, city, state, postal_code, country, source_id, source_campaign,
    source_detail, ad_platform, external_id, location_id, treatment_interest, insurance_carrier, insurance_member_id,
    notes, extra, assigned_to_id, assigned_at, first_contacted_at, converted_at, lost_at, lost_reason, lost_notes, lost_from,
    captured_at, phone_e164, phone_alt_e164, email_norm, name_key, expected_value_cents,
    unread_count, consultation_id)
SELECT id, %(clinic)s::uuid, captured_at, captured_at,
    CASE kind WHEN 'WON' THEN 'CONVERTED' WHEN 'LOST' THEN 'LOST' ELSE CASE WHEN place = 1 THEN 'NEW' ELSE 'ACTIVE' END END,
    stage, entered, 1, first_name, last_name, email, phone, '', 'PHONE', '',
    CASE WHEN child THEN 'Kim' ELSE '' END, CASE WHEN child THEN last_name ELSE '' END, NULL,
    CASE WHEN child THEN 'CHILD' ELSE 'SELF' END, '', '', 'Chicago', 'IL', '60601', 'US', source, '', '', '', NULL, location,
    ARRAY[(ARRAY['INVISALIGN','BRACES_METAL','BRACES_CLEAR','RETAINER','SECOND_OPINION','GENERAL_INQUIRY'])[1 + (n / 7) %% 6]], '', '', '', '{{}}', coordinator, captured_at,
    CASE WHEN place > 1 THEN captured_at + least(entered - captured_at, interval '1 second' * 20 * power(10000, {DRAW.format(purpose="called")})) END,
    CASE WHEN kind = 'WON' THEN entered END, CASE WHEN kind = 'LOST' THEN entered END,
    CASE WHEN kind = 'LOST' THEN 'NO_RESPONSE' ELSE '' END, '',
    CASE WHEN kind = 'LOST' THEN (SELECT id FROM stages s WHERE s.place = 1 + floor({DRAW.format(purpose="lost")} * 5)) END, captured_at, phone, '', email, lower(first_name || ' ' || last_name),
    CASE WHEN {DRAW.format(purpose="worth")} < 0.9 THEN (300000 + ({DRAW.format(purpose="cents")} * 700000)::int / 10000 * 10000) END,
    0, CASE WHEN {HAS_VISIT} THEN {VISIT_ID} END
FROM (
    SELECT n, {ROW_ID.format(moment="captured_at", purpose="lead", number="n")} AS id, captured_at,
        stages.id AS stage, stages.kind, stages.place, coordinators.id AS coordinator, sources.id AS source, locations.id AS location,
        captured_at + (least(%(now)s - captured_at, interval '40 days')) * ({DRAW.format(purpose="entered")}) AS entered,
        (ARRAY['Ana','Ben','Chloe','Dmitri','Emeka','Fatima','Grace','Hoang','Ines','Jamal'])[1 + n %% 10] || (n / 700)::text AS first_name,
        (ARRAY['Okafor','Nguyen','Silva','Kowalski','Haddad','Larsen','Murphy','Ito','Khan','Lopez'])[1 + (n / 10) %% 10] AS last_name,
        'lead' || n || '@example.com' AS email, '+1312' || lpad((2000000 + n)::text, 7, '0') AS phone,
        {DRAW.format(purpose="child")} < 0.6 AS child
    FROM (SELECT n, %(now)s - interval '730 days' * power({DRAW.format(purpose="age")}, 1.3) - interval '3 minutes' AS captured_at,
            {DRAW.format(purpose="stage")} AS stage_drawn, floor({DRAW.format(purpose="owner")} * %(coordinators)s)::int AS owner_drawn,
            floor(power({DRAW.format(purpose="source")}, 2) * %(sources)s)::int AS source_drawn
          FROM generate_series(1, %(count)s) n OFFSET 0) drawn
    JOIN stages ON stage_drawn >= stages.low AND stage_drawn < stages.high
    JOIN coordinators ON coordinators.place = owner_drawn
    JOIN sources ON sources.place = source_drawn
    JOIN locations ON locations.place = n %% %(locations)s
    ORDER BY captured_at
) l
"""

# What hangs on each lead: opportunity, touch, three activities, the way through the stages, now and then a task and a
# tag, its phone number. Who is lost got lost somewhere on the way.
HANGING = [
    f"""INSERT INTO crm_stagechange (id, clinic_id, created_at, updated_at, lead_id, from_stage_id, to_stage_id, changed_at,
        by_id, lost_reason, before)
    SELECT {ROW_ID.format(moment="moment", purpose="move", number="(moves.id::text || step)")}, clinic_id, moment, moment, moves.id,
        from_stage.id, to_stage.id, moment, assigned_to_id, CASE to_stage.kind WHEN 'LOST' THEN lost_reason ELSE '' END,
        jsonb_build_object('stage_entered_at', moves.since)
    FROM (SELECT l.id, l.clinic_id, l.assigned_to_id, l.lost_reason, way.step, way.steps, stages.place,
              l.captured_at + (l.stage_entered_at - l.captured_at) * (way.step::float / way.steps) AS moment,
              l.captured_at + (l.stage_entered_at - l.captured_at) * ((way.step - 1)::float / way.steps) AS since
          FROM crm_lead l JOIN stages ON stages.id = l.stage_id,
              LATERAL (SELECT CASE WHEN stages.kind = 'LOST' THEN 1 + ('x' || substr(md5(l.id::text), 5, 1))::bit(4)::int %% 5
                       ELSE stages.place - 1 END AS steps) known,
              LATERAL (SELECT step, known.steps FROM generate_series(1, known.steps) step) way) moves
    JOIN stages from_stage ON from_stage.place = moves.step
    JOIN stages to_stage ON to_stage.place = CASE WHEN moves.step = moves.steps THEN moves.place ELSE moves.step + 1 END""",
    f"""INSERT INTO crm_opportunity (id, clinic_id, created_at, updated_at, lead_id, expected_value_cents, procedure_code, blocker)
    SELECT {ROW_ID.format(moment="captured_at", purpose="worth", number="id")}, clinic_id, captured_at, captured_at, id,
        expected_value_cents, '', '' FROM crm_lead WHERE expected_value_cents IS NOT NULL""",
    f"""INSERT INTO crm_touchpoint (id, clinic_id, created_at, updated_at, lead_id, source_id, utm_source, utm_medium,
        utm_campaign, utm_term, utm_content, gclid, fbclid, landing_page, referrer, occurred_at, is_repeat)
    SELECT {ROW_ID.format(moment="captured_at", purpose="touch", number="id")}, clinic_id, captured_at, captured_at, id,
        source_id, '', '', '', '', '', '', '', '', '', captured_at, false FROM crm_lead""",
    f"""INSERT INTO crm_leadactivity (id, clinic_id, created_at, updated_at, lead_id, type, direction, outcome, notes, payload,
        occurred_at, by_id)
    SELECT {ROW_ID.format(moment="moment", purpose="act", number="(id::text || step)")}, clinic_id, moment, moment, id,
        CASE step WHEN 1 THEN 'FORM_SUBMIT' WHEN 2 THEN 'NOTE' ELSE 'PHONE_CALL' END,
        CASE WHEN step > 2 THEN 'OUTBOUND' ELSE '' END, CASE WHEN step > 2 THEN 'SPOKE' ELSE '' END,
        'Asked about prices and dates.', '{{}}', moment, assigned_to_id
    FROM (SELECT *, least(captured_at + step * interval '5 hours', %(now)s) AS moment FROM crm_lead, generate_series(1, 3) step) each""",
    f"""INSERT INTO crm_leadtask (id, clinic_id, created_at, updated_at, lead_id, title, description, type, priority,
        assigned_to_id, due_at, status, completed_at, recurrence)
    SELECT {ROW_ID.format(moment="captured_at", purpose="task", number="id")}, clinic_id, captured_at, captured_at, id,
        'Call back', '', 'CALL', 'NORMAL', assigned_to_id, %(now)s + interval '1 hour' * (('x' || substr(md5(id::text), 1, 2))::bit(8)::int - 90),
        CASE WHEN status IN ('NEW', 'ACTIVE') THEN 'PENDING' ELSE 'COMPLETED' END,
        CASE WHEN status NOT IN ('NEW', 'ACTIVE') THEN captured_at END, ''
    FROM crm_lead WHERE substr(md5(id::text), 3, 1) < 'c'""",
    f"""INSERT INTO crm_leadtag (id, clinic_id, created_at, updated_at, lead_id, tag_id)
    SELECT {ROW_ID.format(moment="captured_at", purpose="tag", number="crm_lead.id")}, clinic_id, captured_at, captured_at,
        crm_lead.id, tags.id
    FROM crm_lead JOIN tags ON tags.place = ('x' || substr(md5(crm_lead.id::text), 4, 1))::bit(4)::int""",
    f"""INSERT INTO crm_contactpoint (id, clinic_id, created_at, updated_at, kind, value)
    SELECT {ROW_ID.format(moment="captured_at", purpose="point", number="id")}, clinic_id, captured_at, captured_at, 'PHONE',
        phone_e164 FROM crm_lead ON CONFLICT DO NOTHING""",
    f"""INSERT INTO crm_leadcontactpoint (id, clinic_id, created_at, updated_at, lead_id, contact_point_id)
    SELECT {ROW_ID.format(moment="l.captured_at", purpose="link", number="l.id")}, l.clinic_id, l.captured_at, l.captured_at,
        l.id, p.id FROM crm_lead l JOIN crm_contactpoint p ON p.clinic_id = l.clinic_id AND p.value = l.phone_e164""",
]


PATIENTS = f"""
INSERT INTO patients_patient (
    id, clinic_id, created_at, updated_at, version, first_name, last_name, phone, phone_alt, email, preferred_channel,
    preferred_language, address_line1, address_line2, city, state, postal_code, country, notes, do_not_contact,
    emr_system, segment, first_visit_at, last_visit_at, visit_count, churn_risk_level, contact_priority, contact_priority_factors, name_key,
    phone_e164, phone_alt_e164, email_norm, birth_digest)
SELECT {ROW_ID.format(moment="added", purpose="patient", number="n")}, %(clinic)s::uuid, added, added, 1, first_name, last_name, phone,
    '', email, 'SMS', '', '', '', 'Chicago', 'IL', '60601', 'US', '', false,
    '', (ARRAY['ACTIVE', 'ACTIVE', 'AT_RISK', 'DORMANT'])[1 + n %% 4], added, added + (%(now)s - added) * ({DRAW.format(purpose="seen")}),
    1 + n %% 9, '', '', '[]', lower(first_name || ' ' || last_name), phone, '', email, ''
FROM (
    SELECT n, %(now)s - interval '2000 days' * ({DRAW.format(purpose="added")}) AS added,
        (ARRAY['Ana','Ben','Chloe','Dmitri','Emeka','Fatima','Grace','Hoang','Ines','Jamal'])[1 + n %% 10] || (n / 700)::text AS first_name,
        (ARRAY['Okafor','Nguyen','Silva','Kowalski','Haddad','Larsen','Murphy','Ito','Khan','Lopez'])[1 + (n / 10) %% 10] AS last_name,
        'patient' || n || '@example.com' AS email, '+1773' || lpad((2000000 + n)::text, 7, '0') AS phone
    FROM generate_series(1, %(count)s) n
) patients
"""


@dataclass(frozen=True)
class Volume:
    """How much to draw: leads and patients of the measured clinic, clinics around it, leads of each of those."""

    leads: int
    patients: int = 0
    neighbours: int = 50
    leads_of_a_neighbour: int = 400


def fill_clinic(clinic, count, patients=0):
    """Draw so many leads and patients, and all that hangs on them, into a clinic that has its preset; returns the clinic.

    Many rows are drawn while the tables are bare (crm.demo.bare_tables).
    """
    with clinic_scope(clinic):
        staff = _hire(clinic)
        for number in range(LeadSource.objects.count(), SOURCES):
            LeadSource.objects.create(name=f"Source {number}", category=SourceCategory.OTHER)
        for number in range(Location.objects.count(), LOCATIONS):
            Location.objects.create(name=f"Location {number}")
        facts = {
            "clinic": str(clinic.pk), "count": count, "now": timezone.now(), "coordinators": len(staff), "sources": SOURCES,
            "locations": LOCATIONS,
        }  # fmt: skip
        with connection.cursor() as cursor:
            # Of bare tables nothing is known: a plan for few rows would never end.
            cursor.execute("SET LOCAL work_mem = '256MB'; SET LOCAL enable_nestloop = off")
            _list_places(cursor, staff)
            cursor.execute(PATIENTS, facts | {"count": patients})
            for statement in [LEADS, *HANGING, *OUTCOMES]:
                cursor.execute(statement, facts)
        _fill_keys()
        make_all_anew()
    return clinic


def _fill_keys():
    """Give the leads of the open clinic their match keys: worked out once for all of the same names."""
    names = ("first_name", "last_name", "patient_first_name", "patient_last_name")
    with connection.cursor() as cursor:
        columns = ", ".join(f"{name} text" for name in names)
        cursor.execute(f"CREATE TEMPORARY TABLE keys_of_names ({columns}, key bigint) ON COMMIT DROP")
        people = list(Lead.objects.order_by(*names).distinct(*names).only(*COMPARED))
        with cursor.copy(f"COPY keys_of_names ({', '.join(names)}, key) FROM STDIN") as copy:
            for lead in people:
                for key in match_keys(person_of(lead)):
                    copy.write_row([*(getattr(lead, name) for name in names), key])
        cursor.execute("ANALYZE keys_of_names")
        cursor.execute(
            f"""INSERT INTO crm_leadmatchkey (id, clinic_id, created_at, updated_at, lead_id, key)
            SELECT gen_random_uuid(), clinic_id, now(), now(), l.id, k.key
            FROM crm_lead l JOIN keys_of_names k USING ({", ".join(names)}) WHERE l.clinic_id = %s""",
            [current_clinic_id()],
        )


def _hire(clinic):
    for number in range(COORDINATORS):
        user, _created = User.objects.get_or_create(
            email=f"coordinator{number}@{clinic.slug}.example", defaults={"first_name": f"Coordinator {number}"}
        )
        ClinicUser.objects.get_or_create(user=user, defaults={"role": Role.TREATMENT_COORDINATOR})
    return list(ClinicUser.objects.filter(role=Role.TREATMENT_COORDINATOR).order_by("pk"))


def _list_places(cursor, staff):
    """Number stages, coordinators, sources and tags in temporary tables, so that a draw can pick one."""
    total, low, stages = sum(STAGE_SHARES), 0, []
    drawn = list(PipelineStage.objects.in_order())
    shares = STAGE_SHARES if len(drawn) == len(STAGE_SHARES) else [total / len(drawn)] * len(drawn)
    for place, (stage, share) in enumerate(zip(drawn, shares, strict=True), start=1):
        stages.append((stage.pk, stage.kind, place, low / total, (low + share) / total))
        low += share
    tables = {
        "stages": ("id uuid, kind text, place int, low float, high float", stages),
        "coordinators": ("id uuid, place int", [(member.pk, place) for place, member in enumerate(staff)]),
        "sources": (
            "id uuid, place int",
            [(s.pk, place) for place, s in enumerate(LeadSource.objects.order_by("pk")[:SOURCES])],
        ),
        "locations": (
            "id uuid, place int",
            [(one.pk, place) for place, one in enumerate(Location.objects.order_by("pk")[:LOCATIONS])],
        ),
        "tags": ("id uuid, place int", [(tag.pk, place) for place, tag in enumerate(Tag.objects.order_by("pk"))]),
    }
    for name, (columns, rows) in tables.items():
        cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{name}")
        cursor.execute(f"CREATE TEMPORARY TABLE {name} ({columns}) ON COMMIT DROP")
        marks = ", ".join(["%s"] * len(rows[0]))
        cursor.executemany(f"INSERT INTO pg_temp.{name} VALUES ({marks})", rows)


def busy_lead(clinic, activities=200):
    """Give the clinic's newest lead a long history, for measuring its page; returns its id."""
    with clinic_scope(clinic), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT id FROM crm_lead WHERE status = 'ACTIVE' ORDER BY captured_at DESC LIMIT 1")
        (lead_id,) = cursor.fetchone()
        cursor.execute(
            """
            INSERT INTO crm_leadactivity (id, clinic_id, created_at, updated_at, lead_id, type, direction, outcome, notes,
                payload, occurred_at)
            SELECT gen_random_uuid(), clinic_id, now(), now(), id, 'NOTE', '', '', 'Spoke about the plan again.', '{}',
                now() - n * interval '3 hours'
            FROM crm_lead, generate_series(1, %s) n WHERE id = %s
            """,
            [activities, lead_id],
        )
    return lead_id


def clinic_named(name):
    """The measured clinic by name, or None if it was not drawn yet."""
    return Clinic.objects.filter(name=name).first()
