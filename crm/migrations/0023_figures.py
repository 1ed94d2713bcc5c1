# ruff: noqa: E501, S608 - statements read better in long lines, and nothing a person typed enters them
"""Keep what the reports know of leads, and let the database say of which leads that is no longer all."""

import clinics.models.base
import django.contrib.postgres.fields
import django.db.models.deletion
import uuid_utils.compat
from django.db import connection, migrations, models

from clinics.tenancy import clinic_scope

STALE = "INSERT INTO crm_stalelead (id, clinic_id, created_at, updated_at, lead) SELECT gen_random_uuid(), found.clinic_id, now(), now(), found.lead FROM"
BOTH = "(SELECT * FROM before_rows UNION ALL SELECT * FROM after_rows)"
# What figures ask of a lead itself; its moves, touches and payments are told apart.
ASKED = ("source_id", "location_id", "assigned_to_id", "ad_campaign_id", "status = 'CONVERTED'", "consultation_id", "captured_at", "first_contacted_at", "converted_at", "deleted_at")
CHANGED_LEADS = "SELECT a.clinic_id, a.id AS lead FROM after_rows a JOIN before_rows b USING (id) WHERE ({a}) IS DISTINCT FROM ({b})".format(
    **{name: ", ".join(f"{name}.{column}" for column in ASKED) for name in ("a", "b")}
)
# Who shares a patient with a conversion: a payment counts for the first of them.
SHARING = "crm_convertedpatient q JOIN crm_leadconversion w ON w.clinic_id = q.clinic_id AND w.id = q.conversion_id"
# By table: the leads of the rows that came, changed and went.
LEADS = {
    "crm_lead": ("SELECT clinic_id, id AS lead FROM after_rows", CHANGED_LEADS, "SELECT clinic_id, id AS lead FROM before_rows"),
    "crm_stagechange": "SELECT DISTINCT clinic_id, lead_id AS lead FROM {rows} r",
    "crm_touchpoint": "SELECT DISTINCT clinic_id, lead_id AS lead FROM {rows} r WHERE is_repeat OR TG_OP <> 'INSERT'",
    "crm_leadconversion": f"""SELECT clinic_id, lead_id AS lead FROM {{rows}} r UNION SELECT w.clinic_id, w.lead_id FROM {{rows}} r
        JOIN crm_convertedpatient p ON p.clinic_id = r.clinic_id AND p.conversion_id = r.id, {SHARING}
        WHERE q.clinic_id = p.clinic_id AND q.patient_id = p.patient_id""",
    "crm_convertedpatient": f"""SELECT w.clinic_id, w.lead_id AS lead FROM {{rows}} r JOIN crm_leadconversion w ON w.clinic_id = r.clinic_id AND w.id = r.conversion_id
        UNION SELECT w.clinic_id, w.lead_id FROM {{rows}} r, {SHARING} WHERE q.clinic_id = r.clinic_id AND q.patient_id = r.patient_id""",
    "patients_payment": f"SELECT DISTINCT w.clinic_id, w.lead_id AS lead FROM {{rows}} r, {SHARING} WHERE q.clinic_id = r.clinic_id AND q.patient_id = r.patient_id",
}
VISITS = """SELECT l.clinic_id, l.id AS lead FROM after_rows a JOIN before_rows b USING (id)
    JOIN crm_lead l ON l.clinic_id = a.clinic_id AND l.consultation_id = a.id
    WHERE (a.starts_at, a.status) IS DISTINCT FROM (b.starts_at, b.status)"""


def note_leads(table, leads):
    """The triggers of a table that write down whose facts have changed; at a visit nothing else is of interest."""
    came, changed, went = (leads.format(rows=rows) for rows in ("after_rows", BOTH, "before_rows")) if isinstance(leads, str) else leads
    function = f"stale_by_{table}"
    return f"""
CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN {STALE} ({came}) found;
    ELSIF TG_OP = 'DELETE' THEN {STALE} ({went}) found;
    ELSE {STALE} ({changed}) found;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER figures_new AFTER INSERT ON {table}
    REFERENCING NEW TABLE AS after_rows FOR EACH STATEMENT EXECUTE FUNCTION {function}();
CREATE TRIGGER figures_changed AFTER UPDATE ON {table}
    REFERENCING OLD TABLE AS before_rows NEW TABLE AS after_rows FOR EACH STATEMENT EXECUTE FUNCTION {function}();
CREATE TRIGGER figures_gone AFTER DELETE ON {table}
    REFERENCING OLD TABLE AS before_rows FOR EACH STATEMENT EXECUTE FUNCTION {function}();
"""


NOTE_VISITS = f"""
CREATE FUNCTION stale_by_patients_appointment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {STALE} ({VISITS}) found;
    RETURN NULL;
END $$;
CREATE TRIGGER figures_changed AFTER UPDATE ON patients_appointment
    REFERENCING OLD TABLE AS before_rows NEW TABLE AS after_rows FOR EACH STATEMENT EXECUTE FUNCTION stale_by_patients_appointment();
-- In another time zone leads belong to other days.
CREATE FUNCTION stale_by_zone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {STALE} (SELECT clinic_id, id AS lead FROM crm_lead WHERE clinic_id = NEW.id) found;
    RETURN NULL;
END $$;
CREATE TRIGGER figures_of_zone AFTER UPDATE OF time_zone ON clinics_clinic FOR EACH ROW
    WHEN (OLD.time_zone IS DISTINCT FROM NEW.time_zone) EXECUTE FUNCTION stale_by_zone();
"""
NOTE = "".join(note_leads(*pair) for pair in LEADS.items()) + NOTE_VISITS
FORGET = "".join(f"DROP FUNCTION stale_by_{name}() CASCADE;" for name in [*LEADS, "patients_appointment", "zone"])
# Stays are no longer told by a sample of the moves.
SAMPLE = "CREATE INDEX stage_change_sample ON crm_stagechange (clinic_id, changed_at) WHERE right(id::text, 1) = '0'"


def ask_of_all(apps, schema_editor):
    """Call every lead stale, clinic by clinic; the clock or the first reader makes their facts."""
    for clinic_id in apps.get_model("clinics", "Clinic").objects.values_list("pk", flat=True):
        with clinic_scope(clinic_id), connection.cursor() as cursor:
            cursor.execute(f"{STALE} (SELECT clinic_id, id AS lead FROM crm_lead) found")


class Migration(migrations.Migration):

    dependencies = [
        ('clinics', '0010_sending_stopped'),
        ('crm', '0022_usual_rules'),
        ('patients', '0012_documents'),
    ]

    operations = [
        migrations.CreateModel(
            name='FigureFacts',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('lead', models.UUIDField()),
                ('asked_on', models.DateField()),
                ('source', models.UUIDField()),
                ('location', models.UUIDField(null=True)),
                ('assigned_to', models.UUIDField(null=True)),
                ('ad_campaign', models.UUIDField(null=True)),
                ('is_converted', models.BooleanField()),
                ('waited', models.FloatField(null=True)),
                ('took', models.FloatField(null=True)),
                ('cents', models.BigIntegerField()),
                ('shown_on', models.DateField(null=True)),
                ('show', models.CharField(blank=True, max_length=16)),
                ('moved_on', django.contrib.postgres.fields.ArrayField(base_field=models.DateField(), null=True, size=None)),
                ('moved_from', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(null=True), null=True, size=None)),
                ('moved_to', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), null=True, size=None)),
                ('stayed', django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(null=True), null=True, size=None)),
                ('touch_source', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(null=True), null=True, size=None)),
                ('touch_campaign', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(null=True), null=True, size=None)),
                ('touch_age', django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), null=True, size=None)),
            ],
            options={
                'verbose_name': 'facts of a lead',
                'verbose_name_plural': 'facts of leads',
            },
        ),
        migrations.CreateModel(
            name='FigureLine',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('kind', models.CharField(choices=[('WAIT', 'WAIT'), ('WAIT_BY_SOURCE', 'WAIT_BY_SOURCE'), ('TAKE', 'TAKE'), ('TAKE_BY_SOURCE', 'TAKE_BY_SOURCE'), ('WEEK', 'WEEK'), ('STAY', 'STAY'), ('STAY_BY_SOURCE', 'STAY_BY_SOURCE'), ('MOVE', 'MOVE'), ('PAID', 'PAID'), ('SHOW', 'SHOW'), ('AD', 'AD'), ('CARD', 'CARD'), ('CREDIT', 'CREDIT')], max_length=16)),
                ('month', models.DateField()),
                ('source', models.UUIDField(null=True)),
                ('location', models.UUIDField(null=True)),
                ('assigned_to', models.UUIDField(null=True)),
                ('place', models.UUIDField(null=True)),
                ('other', models.UUIDField(null=True)),
                ('word', models.CharField(blank=True, max_length=16)),
                ('span', models.IntegerField(null=True)),
                ('number', models.BigIntegerField()),
                ('seconds', models.FloatField()),
                ('leads', models.FloatField()),
                ('converted', models.FloatField()),
                ('cents', models.FloatField()),
            ],
            options={
                'verbose_name': 'line of figures',
                'verbose_name_plural': 'lines of figures',
            },
        ),
        migrations.CreateModel(
            name='StaleLead',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('lead', models.UUIDField()),
            ],
            options={
                'verbose_name': 'lead with new facts',
                'verbose_name_plural': 'leads with new facts',
            },
        ),
        migrations.AddIndex(
            model_name='stagechange',
            index=models.Index(fields=['clinic', 'changed_at'], name='stage_change_by_day'),
        ),
        migrations.AddField(
            model_name='figurefacts',
            name='clinic',
            field=models.ForeignKey(db_index=False, default=clinics.models.base.current_clinic_id, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='clinics.clinic'),
        ),
        migrations.AddField(
            model_name='figureline',
            name='clinic',
            field=models.ForeignKey(db_index=False, default=clinics.models.base.current_clinic_id, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='clinics.clinic'),
        ),
        migrations.AddField(
            model_name='stalelead',
            name='clinic',
            field=models.ForeignKey(db_index=False, default=clinics.models.base.current_clinic_id, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='clinics.clinic'),
        ),
        migrations.AddIndex(
            model_name='figurefacts',
            index=models.Index(fields=['clinic', 'asked_on'], name='figure_facts_by_day'),
        ),
        migrations.AddIndex(
            model_name='figurefacts',
            index=models.Index(condition=models.Q(('shown_on__isnull', False)), fields=['clinic', 'shown_on'], name='figure_facts_by_show'),
        ),
        migrations.AddConstraint(
            model_name='figurefacts',
            constraint=models.UniqueConstraint(fields=('clinic', 'lead'), name='figure_facts_once_a_lead'),
        ),
        migrations.AddIndex(
            model_name='figureline',
            index=models.Index(fields=['clinic', 'kind', 'month'], name='figure_line_by_month'),
        ),
        migrations.AddIndex(
            model_name='stalelead',
            index=models.Index(fields=['clinic', 'lead'], name='stale_lead'),
        ),
        migrations.RunSQL("DROP INDEX stage_change_sample", SAMPLE),
        migrations.RunPython(ask_of_all, migrations.RunPython.noop),
        migrations.RunSQL(NOTE, FORGET),
    ]
