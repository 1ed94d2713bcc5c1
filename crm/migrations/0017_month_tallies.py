# ruff: noqa: E501, S608 - statements read better in long lines, and nothing a person typed enters them
"""Let the database count the leads of each month, remember from where one was lost, and keep touches as they were."""

import clinics.models.base
import django.db.models.deletion
import uuid_utils.compat
from django.db import connection, migrations, models

from clinics.tenancy import clinic_scope

GROUP = "l.clinic_id, date_trunc('month', l.captured_at AT TIME ZONE c.time_zone)::date, l.source_id, l.location_id, l.assigned_to_id, l.stage_id, l.status, l.lost_reason, l.lost_from"
SUMS = """sum({sign})::bigint, sum({sign} * coalesce(l.expected_value_cents, 0))::bigint,
        sum({sign} * (l.first_contacted_at IS NOT NULL)::int)::bigint,
        sum({sign} * CASE WHEN l.status = 'CONVERTED' THEN extract(epoch FROM l.converted_at - l.captured_at) ELSE 0 END)::bigint"""
COUNTED = f"SELECT gen_random_uuid(), l.clinic_id, now(), now(), {GROUP.removeprefix('l.clinic_id, ')}, {SUMS} FROM {{rows}} l JOIN clinics_clinic c ON c.id = l.clinic_id WHERE l.deleted_at IS NULL GROUP BY {GROUP}"
LINES = "INSERT INTO crm_leadmonth (id, clinic_id, created_at, updated_at, month, source, location, assigned_to, stage, status, lost_reason, lost_from, count, cents, contacted, convert_seconds)"
ONE, MINUS_ONE = COUNTED.format(sign="1", rows="{rows}"), COUNTED.format(sign="-1", rows="{rows}")
BOTH = "(SELECT *, 1 AS sign FROM after_rows UNION ALL SELECT *, -1 FROM before_rows)"
# An update that leaves every group as it was adds no line.
MOVED = f"SELECT * FROM ({COUNTED.format(sign='l.sign', rows=BOTH)}) moved (id, clinic_id, created_at, updated_at, month, source, location, assigned_to, stage, status, lost_reason, lost_from, count, cents, contacted, convert_seconds) WHERE count <> 0 OR cents <> 0 OR contacted <> 0 OR convert_seconds <> 0"
KEEP_MONTHS = f"""
CREATE FUNCTION tally_months() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE TRIGGER month_new AFTER INSERT ON crm_lead
    REFERENCING NEW TABLE AS after_rows FOR EACH STATEMENT EXECUTE FUNCTION tally_months();
CREATE TRIGGER month_changed AFTER UPDATE ON crm_lead
    REFERENCING OLD TABLE AS before_rows NEW TABLE AS after_rows FOR EACH STATEMENT EXECUTE FUNCTION tally_months();
CREATE TRIGGER month_gone AFTER DELETE ON crm_lead
    REFERENCING OLD TABLE AS before_rows FOR EACH STATEMENT EXECUTE FUNCTION tally_months();
-- In another time zone leads belong to other months.
CREATE FUNCTION tally_months_anew() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM crm_leadmonth WHERE clinic_id = NEW.id;
    {LINES} {ONE.format(rows="crm_lead").replace("WHERE l.deleted_at", "WHERE l.clinic_id = NEW.id AND l.deleted_at")};
    RETURN NULL;
END $$;
CREATE TRIGGER months_anew AFTER UPDATE OF time_zone ON clinics_clinic FOR EACH ROW
    WHEN (OLD.time_zone IS DISTINCT FROM NEW.time_zone) EXECUTE FUNCTION tally_months_anew();
"""
FORGET_MONTHS = """
DROP TRIGGER month_new ON crm_lead; DROP TRIGGER month_changed ON crm_lead; DROP TRIGGER month_gone ON crm_lead;
DROP TRIGGER months_anew ON clinics_clinic; DROP FUNCTION tally_months(); DROP FUNCTION tally_months_anew();
"""
# What a page still holds of the lead may be older than the loss: only the database says where it was lost.
KEEP_LOSS = """
CREATE FUNCTION remember_loss() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.lost_from := CASE
        WHEN NEW.status <> 'LOST' THEN NULL
        WHEN OLD.status = 'LOST' THEN OLD.lost_from
        ELSE OLD.stage_id END;
    RETURN NEW;
END $$;
CREATE TRIGGER lost_from_where BEFORE UPDATE ON crm_lead FOR EACH ROW
    WHEN (NEW.status = 'LOST' OR NEW.lost_from IS NOT NULL) EXECUTE FUNCTION remember_loss();
"""
FORGET_LOSS = "DROP TRIGGER lost_from_where ON crm_lead; DROP FUNCTION remember_loss();"
# A touch stays as it was; only whose it is may change, when two leads are merged.
KEEP_TOUCHES = """
CREATE FUNCTION keep_touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(OLD) - '{lead_id,updated_at,is_repeat}'::text[]
            <> to_jsonb(NEW) - '{lead_id,updated_at,is_repeat}'::text[] THEN
        RAISE EXCEPTION 'A touch is never changed.' USING ERRCODE = 'check_violation';
    END IF;
    NEW.is_repeat := EXISTS (SELECT 1 FROM crm_touchpoint t
        WHERE t.clinic_id = NEW.clinic_id AND t.lead_id = NEW.lead_id AND t.id <> NEW.id);
    RETURN NEW;
END $$;
CREATE TRIGGER touch_kept BEFORE INSERT OR UPDATE ON crm_touchpoint FOR EACH ROW EXECUTE FUNCTION keep_touch();
"""
FORGET_TOUCHES = "DROP TRIGGER touch_kept ON crm_touchpoint; DROP FUNCTION keep_touch();"
# Of very many moves every sixteenth is read for how long leads stay: their ids end in a digit of chance.
SAMPLE = "CREATE INDEX stage_change_sample ON crm_stagechange (clinic_id, changed_at) WHERE right(id::text, 1) = '0'"


def look_back(apps, schema_editor):
    """Fill in what the triggers would have kept, clinic by clinic: behind the wall, a migration sees one at a time."""
    for clinic_id in apps.get_model("clinics", "Clinic").objects.values_list("pk", flat=True):
        with clinic_scope(clinic_id), connection.cursor() as cursor:
            cursor.execute(
                """UPDATE crm_lead l SET lost_from = m.from_stage_id FROM crm_stagechange m
                WHERE m.clinic_id = l.clinic_id AND m.lead_id = l.id AND m.to_stage_id = l.stage_id
                    AND m.changed_at = l.stage_entered_at AND m.undone_at IS NULL AND l.status = 'LOST'"""
            )
            cursor.execute(
                """UPDATE crm_touchpoint t SET is_repeat = true FROM crm_touchpoint other
                WHERE other.clinic_id = t.clinic_id AND other.lead_id = t.lead_id AND other.id <> t.id"""
            )
            cursor.execute(f"{LINES} {ONE.format(rows='crm_lead')}")


class Migration(migrations.Migration):

    dependencies = [
        ('clinics', '0007_personal_keys'),
        ('crm', '0016_day'),
    ]

    operations = [
        migrations.CreateModel(
            name='LeadMonth',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('month', models.DateField()),
                ('source', models.UUIDField()),
                ('location', models.UUIDField(null=True)),
                ('assigned_to', models.UUIDField(null=True)),
                ('stage', models.UUIDField()),
                ('status', models.CharField(max_length=10)),
                ('lost_reason', models.CharField(blank=True, default='', max_length=20)),
                ('lost_from', models.UUIDField(null=True)),
                ('count', models.BigIntegerField()),
                ('cents', models.BigIntegerField()),
                ('contacted', models.BigIntegerField()),
                ('convert_seconds', models.BigIntegerField()),
            ],
            options={
                'verbose_name': 'month of leads',
                'verbose_name_plural': 'months of leads',
            },
        ),
        migrations.AddField(
            model_name='lead',
            name='lost_from',
            field=models.UUIDField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name='touchpoint',
            name='is_repeat',
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.AddIndex(
            model_name='touchpoint',
            index=models.Index(fields=['clinic', 'lead', 'occurred_at'], name='touch_of_a_lead'),
        ),
        migrations.AddIndex(
            model_name='touchpoint',
            index=models.Index(condition=models.Q(('is_repeat', True)), fields=['clinic', 'lead'], name='touch_repeated'),
        ),
        migrations.AddField(
            model_name='leadmonth',
            name='clinic',
            field=models.ForeignKey(db_index=False, default=clinics.models.base.current_clinic_id, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='clinics.clinic'),
        ),
        migrations.AddIndex(
            model_name='leadmonth',
            index=models.Index(fields=['clinic', 'month'], name='lead_month_by_month'),
        ),
        migrations.RunSQL(SAMPLE, "DROP INDEX stage_change_sample"),
        migrations.RunPython(look_back, migrations.RunPython.noop),
        migrations.RunSQL(KEEP_MONTHS, FORGET_MONTHS),
        migrations.RunSQL(KEEP_LOSS, FORGET_LOSS),
        migrations.RunSQL(KEEP_TOUCHES, FORGET_TOUCHES),
    ]
