"""One provider, and one room, has one appointment at a time: PostgreSQL itself refuses an overlap.

GiST compares ranges by itself, but uuids only with an extension that not every build has. Written as an IPv6 address a
uuid is compared by inet_ops, which every build has: 128 bits either way, so the comparison is exact.
"""

from django.db import migrations

AS_ADDRESS = "regexp_replace(replace({column}::text, '-', ''), '(.{{4}})(?!$)', '\\1:', 'g')::inet"


def one_at_a_time(column, name):
    clinic, whom = AS_ADDRESS.format(column="clinic_id"), AS_ADDRESS.format(column=column)
    return migrations.RunSQL(
        f"""
        ALTER TABLE patients_appointment ADD CONSTRAINT {name} EXCLUDE USING gist (
            (({clinic})) inet_ops WITH =,
            (({whom})) inet_ops WITH =,
            tstzrange(starts_at, ends_at) WITH &&
        ) WHERE ({column} IS NOT NULL AND NOT may_overlap AND status IN ('SCHEDULED', 'CONFIRMED', 'COMPLETED'))
        """,
        f"ALTER TABLE patients_appointment DROP CONSTRAINT {name}",
    )


class Migration(migrations.Migration):
    dependencies = [("patients", "0001_initial")]

    operations = [
        one_at_a_time("provider_id", "appointment_one_at_a_time_of_a_provider"),
        one_at_a_time("room_id", "appointment_one_at_a_time_in_a_room"),
    ]
