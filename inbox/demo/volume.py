# ruff: noqa: E501, S608 - statements read better in long lines, and nothing a person typed enters them
"""An inbox of any size for measuring: drawn inside PostgreSQL from hashes of running numbers, as crm/demo/volume.py."""

from django.db import connection
from django.utils import timezone

from clinics.models import ClinicUser, Tag
from clinics.tenancy import clinic_scope
from inbox.demo.phrases import OURS, RARE, THEIRS
from inbox.models import Carrier, Channel, ChannelAccount, InboxSettings, UnifiedConversation

LONGEST = 800  # messages of the busiest conversation, where there are as many
AT_ONCE = 2_000  # conversations whose messages are written by one statement
STRANGERS, PATIENTS = 0.1, 0.2  # shares of the conversations

# A number in [0, 1) for a running number and a purpose; a row's id, ordered by time as the application makes them.
FUNCTIONS = """
CREATE OR REPLACE FUNCTION pg_temp.draw(n text, purpose text) RETURNS float LANGUAGE sql IMMUTABLE AS
    $$ SELECT ('x' || substr(md5(n || purpose), 1, 7))::bit(28)::int / 268435456.0 $$;
CREATE OR REPLACE FUNCTION pg_temp.row_id(moment timestamptz, n text) RETURNS uuid LANGUAGE sql IMMUTABLE AS
    $$ SELECT (lpad(to_hex((extract(epoch FROM moment) * 1000)::bigint), 12, '0') || substr(md5(n), 1, 20))::uuid $$;
CREATE OR REPLACE FUNCTION pg_temp.is_theirs(n text) RETURNS bool LANGUAGE sql IMMUTABLE AS
    $$ SELECT pg_temp.draw(n, 'way') < 0.45 $$;
CREATE OR REPLACE FUNCTION pg_temp.phrase(n text, purpose text) RETURNS text LANGUAGE sql STABLE AS
    $$ SELECT (CASE WHEN pg_temp.is_theirs(n) THEN theirs ELSE ours END)[1 + floor(power(pg_temp.draw(n, purpose), 1.6) * 30)::int] FROM pg_temp.phrases $$;
CREATE OR REPLACE FUNCTION pg_temp.said(n text) RETURNS text LANGUAGE sql STABLE AS
    $$ SELECT pg_temp.phrase(n, 'first') || CASE WHEN pg_temp.draw(n, 'more') < 0.3 THEN ' ' || pg_temp.phrase(n, 'second') ELSE '' END
        || CASE WHEN pg_temp.draw(n, 'rare') < 0.003 THEN ' ' || (SELECT rare[1 + floor(pg_temp.draw(n, 'which') * cardinality(rare))::int] FROM pg_temp.phrases) ELSE '' END
        || CASE WHEN pg_temp.draw(n, 'case') < 0.01 THEN ' Case K' || floor(pg_temp.draw(n, 'number') * 90000 + 10000)::int ELSE '' END $$;
"""

# With whom the conversations are held, when the last word fell, and how much was said: few say much, most say little.
PEOPLE = """
CREATE TEMPORARY TABLE talks ON COMMIT DROP AS
SELECT n, lead, patient, person_name, location, assigned_to, reached.channel, coalesce(
        CASE reached.channel WHEN 'EMAIL' THEN email WHEN 'FACEBOOK_MESSENGER' THEN NULL ELSE phone END, 'page-' || n) AS address,
    CASE WHEN n = 1 THEN %(now)s - interval '1 minute' ELSE
        captured + (%(now)s - captured) * (1 - power(pg_temp.draw(n::text, 'last'), 0.6)) END AS last_at,
    1 + floor((%(each)s - 0.5) / 1.3293 * power(-ln(1 - pg_temp.draw(n::text, 'much')), 1.5))::int AS count
FROM (
    SELECT row_number() OVER (ORDER BY md5(key)) AS n, people.* FROM (
        (SELECT 'l' || id AS key, id AS lead, NULL::uuid AS patient, first_name || ' ' || last_name AS person_name, phone_e164 AS phone,
            email_norm AS email, location_id AS location, assigned_to_id AS assigned_to, captured_at AS captured
         FROM crm_lead WHERE NOT EXISTS (SELECT FROM inbox_unifiedconversation held WHERE held.lead_id = crm_lead.id)
         ORDER BY md5(id::text) LIMIT %(leads)s)
        UNION ALL
        (SELECT 'p' || id, NULL, id, first_name || ' ' || last_name, phone_e164, email_norm, NULL, NULL, created_at
         FROM patients_patient ORDER BY md5(id::text) LIMIT %(patients)s)
        UNION ALL
        (SELECT 's' || n, NULL, NULL, '', '+1414' || lpad((2000000 + n)::text, 7, '0'), 'stranger' || n || '@example.com', NULL, NULL,
            %(now)s - interval '730 days' * pg_temp.draw(n::text, 'stranger') FROM generate_series(1, %(strangers)s) n)
    ) people
) people,
LATERAL (SELECT CASE WHEN draw < 0.7 THEN 'SMS' WHEN draw < 0.85 THEN 'EMAIL' WHEN draw < 0.95 THEN 'WHATSAPP'
    ELSE 'FACEBOOK_MESSENGER' END AS channel FROM (SELECT pg_temp.draw(n::text, 'channel') AS draw) drawn) reached
"""
# Exactly as many messages as were asked for: the last that are too many or too few are taken from, or given to, many.
EXACTLY = [
    "UPDATE talks SET count = %(longest)s WHERE n = 1",
    """UPDATE talks SET count = talks.count + share.more FROM (
        SELECT n, CASE WHEN place <= abs(lacking) %% others THEN sign(lacking) ELSE 0 END + sign(lacking) * (abs(lacking) / others) AS more
        FROM (SELECT n, row_number() OVER (ORDER BY talks.count DESC, n) AS place, count(*) OVER () AS others,
                  %(messages)s - (SELECT sum(t.count) FROM talks t)::bigint AS lacking
              FROM talks WHERE n > 1) ranked) share
    WHERE share.n = talks.n""",
    "UPDATE talks SET count = greatest(count, 0)",
    "CREATE INDEX ON talks (n)",
    "ANALYZE talks",
]
CONVERSATIONS = """
INSERT INTO inbox_unifiedconversation (id, clinic_id, created_at, updated_at, patient_id, lead_id, unknown_channel, unknown_address,
    person_name, location_id, status, assigned_to_id, subject, unread_count, message_count, last_message_at, last_message_preview,
    last_direction, last_channel, channels, waiting_since, answer_due_at, first_answered_at, snoozed_until, resolved_at, is_urgent,
    sentiment)
SELECT pg_temp.row_id(last_at, %(clinic)s || 'talk' || n), %(clinic)s::uuid, last_at, last_at, patient, lead,
    CASE WHEN is_stranger THEN channel ELSE '' END, CASE WHEN is_stranger THEN address ELSE '' END, person_name, location,
    CASE WHEN is_open THEN 'ACTIVE' ELSE 'RESOLVED' END,
    CASE WHEN draw < 0.7 THEN coalesce(assigned_to, (SELECT id FROM members WHERE place = floor(draw * 1000)::int %% %(members)s)) END,
    '', CASE WHEN is_open AND is_theirs AND draw < 0.4 THEN 1 ELSE 0 END, count, last_at, left(pg_temp.said(last), 160),
    CASE WHEN is_theirs THEN 'INBOUND' ELSE 'OUTBOUND' END, channel, jsonb_build_array(channel),
    CASE WHEN is_open AND is_theirs THEN last_at END, CASE WHEN is_open AND is_theirs THEN last_at + interval '4 hours' END, NULL,
    CASE WHEN is_open AND draw > 0.97 THEN %(now)s + interval '3 days' END, CASE WHEN NOT is_open THEN last_at END, false,
    CASE WHEN draw < 0.1 THEN 'NEGATIVE' ELSE '' END
FROM (SELECT *, pg_temp.is_theirs(last) AS is_theirs, lead IS NULL AND patient IS NULL AS is_stranger,
          n = 1 OR pg_temp.draw(n::text, 'open') < CASE WHEN last_at > %(now)s - interval '14 days' THEN 0.6 ELSE 0.03 END AS is_open
      FROM (SELECT *, n || '-' || count AS last, pg_temp.draw(n::text, 'whose') AS draw FROM talks) drawn) known
"""
MESSAGES = """
INSERT INTO inbox_unifiedmessage (id, clinic_id, created_at, updated_at, conversation_id, account_id, channel, direction, kind, address,
    subject, text, full_text, html, external_message_id, in_reply_to, metadata, happened_at, by_id, is_automatic, sentiment, is_urgent,
    attachment_count, status, purpose, tries, sent_at, status_at, status_rank, segments, body_digest, reason, reason_detail)
SELECT pg_temp.row_id(moment, %(clinic)s || key), %(clinic)s::uuid, moment, moment, talk, account, channel,
    CASE WHEN is_theirs THEN 'INBOUND' ELSE 'OUTBOUND' END, 'TEXT', address, CASE WHEN channel = 'EMAIL' THEN 'Your visit' ELSE '' END,
    pg_temp.said(key), '', '', 'SM' || md5(%(clinic)s || key), '', '{}', moment,
    CASE WHEN NOT is_theirs AND NOT is_care THEN (SELECT id FROM members WHERE place = floor(draw * 1000)::int %% %(members)s) END,
    NOT is_theirs AND is_care, CASE WHEN NOT is_theirs THEN '' WHEN draw < 0.1 THEN 'NEGATIVE' WHEN draw < 0.25 THEN 'POSITIVE' ELSE 'NEUTRAL' END,
    false, 0, CASE WHEN is_theirs THEN 'RECEIVED' WHEN draw < 0.03 THEN 'FAILED' WHEN draw < 0.6 THEN 'DELIVERED' ELSE 'READ' END,
    CASE WHEN NOT is_theirs AND is_care THEN 'CARE' ELSE 'REPLY' END, CASE WHEN is_theirs THEN 0 ELSE 1 END,
    CASE WHEN NOT is_theirs THEN moment END, CASE WHEN NOT is_theirs THEN moment END, CASE WHEN is_theirs THEN 0 ELSE 4 END,
    CASE WHEN is_theirs THEN 0 ELSE 1 END, '', CASE WHEN NOT is_theirs AND draw < 0.03 THEN 'unreachable' ELSE '' END, ''
FROM (SELECT drawn.*, c.id AS talk, accounts.id AS account, last_at - (drawn.count - j) * interval '7 hours' * (0.1 + pg_temp.draw(n::text, 'pace') * 3) AS moment,
          pg_temp.is_theirs(key) AS is_theirs, pg_temp.draw(key, 'care') < 0.3 AS is_care, pg_temp.draw(key, 'state') AS draw
      FROM (SELECT *, n || '-' || j AS key FROM talks, generate_series(1, talks.count) j WHERE n > %(after)s AND n <= %(until)s) drawn
      JOIN inbox_unifiedconversation c ON c.id = pg_temp.row_id(last_at, %(clinic)s || 'talk' || n)
      JOIN accounts ON accounts.channel = drawn.channel) known
"""
HANGING = [
    """INSERT INTO inbox_conversationaddress (id, clinic_id, created_at, updated_at, conversation_id, channel, address, display_name,
        last_inbound_at, last_outbound_at)
    SELECT pg_temp.row_id(last_at, %(clinic)s || 'at' || n), %(clinic)s::uuid, last_at, last_at, pg_temp.row_id(last_at, %(clinic)s || 'talk' || n),
        channel, address, '', last_at - interval '1 hour', last_at FROM talks""",
    """INSERT INTO inbox_conversationtag (id, clinic_id, created_at, updated_at, conversation_id, tag_id)
    SELECT pg_temp.row_id(last_at, %(clinic)s || 'tag' || n), %(clinic)s::uuid, last_at, last_at, pg_temp.row_id(last_at, %(clinic)s || 'talk' || n),
        tags.id FROM talks JOIN tags ON tags.place = floor(pg_temp.draw(n::text, 'tag') * 60)""",
    """INSERT INTO inbox_readmark (id, clinic_id, created_at, updated_at, conversation_id, member_id, read_until)
    SELECT pg_temp.row_id(last_at, %(clinic)s || 'read' || n), %(clinic)s::uuid, last_at, last_at, pg_temp.row_id(last_at, %(clinic)s || 'talk' || n),
        members.id, last_at FROM talks JOIN members ON members.place = n %% %(members)s""",
    """INSERT INTO inbox_conversationnote (id, clinic_id, created_at, updated_at, conversation_id, author_id, text)
    SELECT pg_temp.row_id(last_at, %(clinic)s || 'note' || n), %(clinic)s::uuid, last_at, last_at, pg_temp.row_id(last_at, %(clinic)s || 'talk' || n),
        members.id, 'Asked for the doctor herself.' FROM talks JOIN members ON members.place = n %% %(members)s WHERE pg_temp.draw(n::text, 'note') < 0.1 OR n = 1""",
]


def fill_inbox(clinic, messages, conversations):
    """Draw exactly `messages` messages of `conversations` conversations into a clinic of leads; returns the clinic.

    One of them is as long as LONGEST. The words that were said are kept by the triggers, for thousands at once.
    """
    with clinic_scope(clinic), connection.cursor() as cursor:
        _list_places(cursor)
        strangers, patients = int(conversations * STRANGERS), int(conversations * PATIENTS)
        cursor.execute("SELECT count(*) FROM (SELECT FROM patients_patient LIMIT %s) found", [patients])
        patients = cursor.fetchone()[0]
        facts = {
            "clinic": str(clinic.pk), "now": timezone.now(), "messages": messages, "each": messages / conversations,
            "strangers": strangers, "patients": patients, "leads": conversations - strangers - patients,
            "longest": min(LONGEST, max(1, messages // 2)), "members": ClinicUser.objects.count(),
        }  # fmt: skip
        for statement in [PEOPLE, *EXACTLY, CONVERSATIONS]:
            cursor.execute(statement, facts)
        for after in range(0, conversations, AT_ONCE):
            cursor.execute(MESSAGES, facts | {"after": after, "until": after + AT_ONCE})
        for statement in HANGING:
            cursor.execute(statement, facts)
    return clinic


def longest_conversation():
    """The conversation of the open clinic with the most messages."""
    return UnifiedConversation.objects.order_by("-message_count", "-pk").first()


def _list_places(cursor):
    """The functions that draw, and what they pick from: members, tags and accounts, numbered in temporary tables."""
    InboxSettings.objects.get_or_create()
    for channel in (Channel.SMS, Channel.EMAIL, Channel.WHATSAPP, Channel.FACEBOOK_MESSENGER):
        if not ChannelAccount.objects.on(channel).exists():
            ChannelAccount.objects.create(
                channel=channel, carrier=Carrier.SANDBOX, label=channel.label, address=f"measured-{channel.lower()}", is_default=True
            )  # fmt: skip
    accounts = {account.channel: account.pk for account in ChannelAccount.objects.active().order_by("is_default")}
    tables = {
        "accounts": ("id uuid, channel text", [(pk, channel) for channel, pk in accounts.items()]),
        "members": ("id uuid, place int", _numbered(ClinicUser.objects.order_by("pk"))),
        "tags": ("id uuid, place int", _numbered(Tag.objects.order_by("pk"))),
    }
    for name, (columns, rows) in tables.items():
        cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{name}")
        cursor.execute(f"CREATE TEMPORARY TABLE {name} ({columns}) ON COMMIT DROP")
        cursor.executemany(f"INSERT INTO pg_temp.{name} VALUES (%s, %s)", rows)
    cursor.execute("DROP TABLE IF EXISTS pg_temp.phrases")
    cursor.execute("CREATE TEMPORARY TABLE phrases (theirs text[], ours text[], rare text[]) ON COMMIT DROP")
    cursor.execute("INSERT INTO pg_temp.phrases VALUES (%s, %s, %s)", [list(THEIRS), list(OURS), list(RARE)])
    cursor.execute(FUNCTIONS)


def _numbered(rows):
    return [(row.pk, place) for place, row in enumerate(rows)]
