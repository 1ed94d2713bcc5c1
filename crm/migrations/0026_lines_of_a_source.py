# ruff: noqa: E501, S608 - statements read better in long lines, and nothing a person typed enters them
"""Find the lines of one source, and the few deleted leads, without asking the others; and what changed, row by row no more."""

from django.db import migrations, models

STALE = "INSERT INTO crm_stalelead (id, clinic_id, created_at, updated_at, lead) SELECT gen_random_uuid(), found.clinic_id, now(), now(), found.lead FROM"
ASKED = "clinic_id, id, source_id, location_id, assigned_to_id, ad_campaign_id, status = 'CONVERTED', consultation_id, captured_at, first_contacted_at, converted_at, deleted_at"
VISIT = "clinic_id, id, starts_at, status"
# The plan of a trigger is kept from one row for thousands: a join of the rows before and after would go by their square.
CHANGED = "(SELECT {columns} FROM after_rows EXCEPT SELECT {columns} FROM before_rows)"
COMPARE = f"""
CREATE OR REPLACE FUNCTION stale_by_crm_lead() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN {STALE} (SELECT clinic_id, id AS lead FROM after_rows) found;
    ELSIF TG_OP = 'DELETE' THEN {STALE} (SELECT clinic_id, id AS lead FROM before_rows) found;
    ELSE {STALE} (SELECT clinic_id, id AS lead FROM {CHANGED.format(columns=ASKED)} changed) found;
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION stale_by_patients_appointment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {STALE} (SELECT l.clinic_id, l.id AS lead FROM {CHANGED.format(columns=VISIT)} visit
        JOIN crm_lead l ON l.clinic_id = visit.clinic_id AND l.consultation_id = visit.id) found;
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('crm', '0025_answers'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='figureline',
            index=models.Index(condition=models.Q(('source__isnull', False)), fields=['clinic', 'kind', 'source', 'month'], name='figure_line_by_source'),
        ),
        migrations.AddIndex(
            model_name='lead',
            index=models.Index(condition=models.Q(('deleted_at__isnull', False)), fields=['clinic', 'id'], name='lead_deleted'),
        ),
        migrations.RunSQL(COMPARE, migrations.RunSQL.noop),
        # Lines are added to all the time: with room beside them no index has to be told.
        migrations.RunSQL("ALTER TABLE crm_figureline SET (fillfactor = 70)", "ALTER TABLE crm_figureline RESET (fillfactor)"),
    ]
