"""Let leads be found by their answers to a clinic's own questions, and keep which sheet of a workbook is imported."""

import clinics.models.base
import django.db.models.deletion
import uuid_utils.compat
from django.db import connection, migrations, models

from clinics.tenancy import clinic_scope

LINES = """
    INSERT INTO crm_leadanswer (id, clinic_id, created_at, updated_at, question, answer, person)
    SELECT gen_random_uuid(), clinic_id, now(), now(), each->>'name', left(each->>'answer', 200), lead.id
    FROM {rows} lead, jsonb_array_elements(CASE jsonb_typeof(extra->'answers') WHEN 'array' THEN extra->'answers' END) each
    WHERE deleted_at IS NULL AND length(each->>'name') <= 20 AND each->>'answer' <> ''
"""  # noqa: E501
KEEP = f"""
CREATE FUNCTION crm_leadanswer_of_new() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {LINES.format(rows="after_rows")};
    RETURN NULL;
END $$;
CREATE FUNCTION crm_leadanswer_of_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM crm_leadanswer WHERE clinic_id = OLD.clinic_id AND person = OLD.id;
    IF TG_OP = 'UPDATE' THEN
        {LINES.format(rows="(SELECT NEW.*)")};
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER answers_new AFTER INSERT ON crm_lead
    REFERENCING NEW TABLE AS after_rows FOR EACH STATEMENT EXECUTE FUNCTION crm_leadanswer_of_new();
CREATE TRIGGER answers_changed AFTER UPDATE OF extra, deleted_at ON crm_lead FOR EACH ROW
    WHEN ((OLD.extra->'answers', OLD.deleted_at) IS DISTINCT FROM (NEW.extra->'answers', NEW.deleted_at))
    EXECUTE FUNCTION crm_leadanswer_of_changed();
CREATE TRIGGER answers_gone AFTER DELETE ON crm_lead FOR EACH ROW
    WHEN (OLD.extra ? 'answers') EXECUTE FUNCTION crm_leadanswer_of_changed();
"""
FORGET = """
DROP TRIGGER answers_new ON crm_lead; DROP TRIGGER answers_changed ON crm_lead; DROP TRIGGER answers_gone ON crm_lead;
DROP FUNCTION crm_leadanswer_of_new(); DROP FUNCTION crm_leadanswer_of_changed();
"""


def keep_answers(apps, schema_editor):
    """Those of the leads that are here, clinic by clinic: behind the wall, a migration sees one at a time."""
    for clinic_id in apps.get_model("clinics", "Clinic").objects.values_list("pk", flat=True):
        with clinic_scope(clinic_id), connection.cursor() as cursor:
            cursor.execute(LINES.format(rows="crm_lead"))


class Migration(migrations.Migration):

    dependencies = [
        ("clinics", "0012_private_left_out"),
        ("crm", "0024_retention_and_closers"),
    ]

    operations = [
        migrations.AddField(
            model_name='leadimport',
            name='sheet',
            field=models.CharField(blank=True, default='', help_text='Of a workbook: which one is read.', max_length=120),
        ),
        migrations.AddField(
            model_name='leadimport',
            name='sheets',
            field=models.JSONField(default=list, help_text='Of a workbook: the names of the sheets that hold anything.'),
        ),
        migrations.CreateModel(
            name='LeadAnswer',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('question', models.CharField(db_collation='C', max_length=20)),
                ('answer', models.CharField(max_length=200)),
                ('person', models.UUIDField()),
                ('clinic', models.ForeignKey(db_index=False, default=clinics.models.base.current_clinic_id, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='clinics.clinic')),
            ],
            options={
                'indexes': [models.Index(fields=['clinic', 'question', 'answer', 'person'], name='lead_by_answer'), models.Index(fields=['clinic', 'person'], name='answers_of_lead')],
            },
        ),
        migrations.RunSQL(KEEP, FORGET),
        migrations.RunPython(keep_answers, migrations.RunPython.noop),
    ]
