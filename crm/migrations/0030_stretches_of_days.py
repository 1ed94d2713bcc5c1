# ruff: noqa: E501 - statements read better in long lines
"""Keep lines of stretches of days beside those of months, of statuses and interests, too; all leads are made anew.

What was kept so far is thrown away, and the clock makes it anew within minutes. Until then the reports say how many
leads they miss.
"""

from django.db import connection, migrations, models

from clinics.tenancy import clinic_scope

KINDS = ("WAIT", "WAIT_BY_LOCATION", "WAIT_BY_SOURCE", "TAKE", "TAKE_BY_LOCATION", "TAKE_BY_SOURCE", "WEEK", "STAY", "STAY_BY_LOCATION", "STAY_BY_SOURCE", "MOVE", "PAID", "SHOW", "MIX", "MIX_BY_LOCATION", "TOTAL", "PEOPLE", "WAY", "LOST", "LOST_OF", "AD", "CARD", "CREDIT")
FORGET = "TRUNCATE crm_figurefacts, crm_figuremove, crm_figureline"
STALE = "INSERT INTO crm_stalelead (id, clinic_id, created_at, updated_at, lead) SELECT gen_random_uuid(), found.clinic_id, now(), now(), found.lead FROM"
ASKED = "clinic_id, id, source_id, location_id, assigned_to_id, ad_campaign_id, status = 'CONVERTED', consultation_id, captured_at, first_contacted_at, converted_at, deleted_at"
ALSO = "status, stage_id, lost_reason, lost_from, expected_value_cents, treatment_interest"
NOTE = """
CREATE OR REPLACE FUNCTION stale_by_crm_lead() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN {stale} (SELECT clinic_id, id AS lead FROM after_rows) found;
    ELSIF TG_OP = 'DELETE' THEN {stale} (SELECT clinic_id, id AS lead FROM before_rows) found;
    ELSE {stale} (SELECT clinic_id, id AS lead FROM (SELECT {asked} FROM after_rows EXCEPT SELECT {asked} FROM before_rows) changed) found;
    END IF;
    RETURN NULL;
END $$;
"""


def ask_of_all(apps, schema_editor):
    """Call every lead stale, clinic by clinic: behind the wall, a migration sees one at a time."""
    for clinic_id in apps.get_model("clinics", "Clinic").objects.values_list("pk", flat=True):
        with clinic_scope(clinic_id), connection.cursor() as cursor:
            cursor.execute("DELETE FROM crm_stalelead")
            cursor.execute(f"{STALE} (SELECT clinic_id, id AS lead FROM crm_lead WHERE deleted_at IS NULL) found")


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0029_rules_tell_managers"),
    ]

    operations = [
        migrations.RunSQL(FORGET, FORGET),
        migrations.RemoveIndex(model_name="figureline", name="figure_line_by_month"),
        migrations.RemoveIndex(model_name="figureline", name="figure_line_by_source"),
        migrations.AddField("figurefacts", "interest", models.UUIDField(null=True)),
        migrations.AddField("figurefacts", "status", models.CharField(max_length=10, default="")),
        migrations.AddField("figurefacts", "stage", models.UUIDField(null=True)),
        migrations.AddField("figurefacts", "lost_reason", models.CharField(blank=True, default="", max_length=20)),
        migrations.AddField("figurefacts", "lost_from", models.UUIDField(null=True)),
        migrations.AddField("figurefacts", "worth", models.BigIntegerField(default=0)),
        migrations.AddField("figureline", "stretch", models.SmallIntegerField(default=0)),
        migrations.AlterField(
            "figureline", "kind", models.CharField(choices=[(kind, kind) for kind in KINDS], max_length=16)
        ),
        migrations.AlterField("figureline", "word", models.CharField(blank=True, max_length=20)),
        migrations.AddIndex(
            "figureline", models.Index(fields=["clinic", "kind", "month", "stretch"], name="figure_line_of_days")
        ),
        migrations.AddIndex(
            "figureline",
            models.Index(
                condition=models.Q(("source__isnull", False)),
                fields=["clinic", "kind", "source", "month", "stretch"],
                name="figure_line_of_source",
            ),
        ),
        migrations.RunSQL(
            NOTE.format(stale=STALE, asked=f"{ASKED}, {ALSO}"), NOTE.format(stale=STALE, asked=ASKED)
        ),
        migrations.RunPython(ask_of_all, migrations.RunPython.noop),
    ]
