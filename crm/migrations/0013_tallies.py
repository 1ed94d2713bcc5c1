# ruff: noqa: E501, S608 - statements read better in long lines, and nothing a person typed enters them
"""Let the database keep count of the leads: in the transaction of every change, whichever way it comes."""

import clinics.models.base
import django.db.models.deletion
import uuid_utils.compat
from django.db import connection, migrations, models

from clinics.tenancy import clinic_scope

COUNTED = """
    SELECT gen_random_uuid(), clinic_id, now(), now(), stage_id, status, assigned_to_id, source_id, location_id,
        sum({sign})::bigint, sum({sign} * coalesce(expected_value_cents, 0))::bigint
    FROM {rows} WHERE deleted_at IS NULL
    GROUP BY clinic_id, stage_id, status, assigned_to_id, source_id, location_id
"""
LINES = "INSERT INTO crm_leadtally (id, clinic_id, created_at, updated_at, stage, status, assigned_to, source, location, count, cents)"
ONE, MINUS_ONE = COUNTED.format(sign="1", rows="{rows}"), COUNTED.format(sign="-1", rows="{rows}")
BOTH = """(
        SELECT *, 1 AS sign FROM after_rows UNION ALL SELECT *, -1 FROM before_rows
    ) both_rows"""
# An update that leaves every group as it was adds no line.
MOVED = f"{COUNTED.format(sign='sign', rows=BOTH)} HAVING sum(sign) <> 0 OR sum(sign * coalesce(expected_value_cents, 0)) <> 0"
KEEP = f"""
CREATE FUNCTION tally_leads() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        {LINES} {ONE.format(rows="after_rows")};
    ELSIF TG_OP = 'DELETE' THEN
        {LINES} {MINUS_ONE.format(rows="before_rows")};
    ELSE
        {LINES} {MOVED};
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER tally_new AFTER INSERT ON crm_lead
    REFERENCING NEW TABLE AS after_rows FOR EACH STATEMENT EXECUTE FUNCTION tally_leads();
CREATE TRIGGER tally_changed AFTER UPDATE ON crm_lead
    REFERENCING OLD TABLE AS before_rows NEW TABLE AS after_rows FOR EACH STATEMENT EXECUTE FUNCTION tally_leads();
CREATE TRIGGER tally_gone AFTER DELETE ON crm_lead
    REFERENCING OLD TABLE AS before_rows FOR EACH STATEMENT EXECUTE FUNCTION tally_leads();
"""
FORGET = """
DROP TRIGGER tally_new ON crm_lead; DROP TRIGGER tally_changed ON crm_lead; DROP TRIGGER tally_gone ON crm_lead;
DROP FUNCTION tally_leads();
"""


def count_leads(apps, schema_editor):
    """Tally the leads that are here, clinic by clinic: behind the wall, a migration sees one at a time."""
    for clinic_id in apps.get_model("clinics", "Clinic").objects.values_list("pk", flat=True):
        with clinic_scope(clinic_id), connection.cursor() as cursor:
            cursor.execute(f"{LINES} {ONE.format(rows='crm_lead')}")


class Migration(migrations.Migration):

    dependencies = [
        ('clinics', '0004_webhooks'),
        ('crm', '0012_booking_pages'),
    ]

    operations = [
        migrations.CreateModel(
            name='LeadTally',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('stage', models.UUIDField()),
                ('status', models.CharField(max_length=10)),
                ('assigned_to', models.UUIDField(null=True)),
                ('source', models.UUIDField()),
                ('location', models.UUIDField(null=True)),
                ('count', models.BigIntegerField()),
                ('cents', models.BigIntegerField()),
            ],
            options={
                'verbose_name': 'tally of leads',
                'verbose_name_plural': 'tallies of leads',
            },
        ),
        migrations.RemoveIndex(
            model_name='lead',
            name='lead_board_totals',
        ),
        migrations.AddField(
            model_name='leadtally',
            name='clinic',
            field=models.ForeignKey(db_index=False, default=clinics.models.base.current_clinic_id, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='clinics.clinic'),
        ),
        migrations.AddIndex(
            model_name='leadtally',
            index=models.Index(fields=['clinic', 'stage'], name='tally_by_stage'),
        ),
        migrations.RunSQL(KEEP, FORGET),
        migrations.RunPython(count_leads, migrations.RunPython.noop),
    ]
