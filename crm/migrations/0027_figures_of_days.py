# ruff: noqa: E501, S608 - statements read better in long lines, and nothing a person typed enters them
"""Keep moves as facts of their own, lengths of time in wider classes, and lines by location; all leads are made anew.

What was kept so far was made in another way: it is thrown away, and the clock makes it anew within minutes. Until then
the reports say how many leads they miss.
"""

import clinics.models.base
import django.db.models.deletion
import uuid_utils.compat
from django.db import connection, migrations, models

from clinics.tenancy import clinic_scope

KINDS = ("WAIT", "WAIT_BY_LOCATION", "WAIT_BY_SOURCE", "TAKE", "TAKE_BY_LOCATION", "TAKE_BY_SOURCE", "WEEK", "STAY", "STAY_BY_LOCATION", "STAY_BY_SOURCE", "MOVE", "PAID", "SHOW", "AD", "CARD", "CREDIT")
FORGET = "TRUNCATE crm_figurefacts, crm_figureline"
STALE = """INSERT INTO crm_stalelead (id, clinic_id, created_at, updated_at, lead)
    SELECT gen_random_uuid(), clinic_id, now(), now(), id FROM crm_lead WHERE deleted_at IS NULL"""


def ask_of_all(apps, schema_editor):
    """Call every lead stale, clinic by clinic: behind the wall, a migration sees one at a time."""
    for clinic_id in apps.get_model("clinics", "Clinic").objects.values_list("pk", flat=True):
        with clinic_scope(clinic_id), connection.cursor() as cursor:
            cursor.execute("DELETE FROM crm_stalelead")
            cursor.execute(STALE)


class Migration(migrations.Migration):

    dependencies = [
        ('crm', '0026_lines_of_a_source'),
    ]

    operations = [
        migrations.RunSQL(FORGET, FORGET),
        migrations.RemoveConstraint(
            model_name='figurefacts',
            name='figure_facts_once_a_lead',
        ),
        migrations.RemoveField(
            model_name='figurefacts',
            name='lead',
        ),
        migrations.RemoveField(
            model_name='figurefacts',
            name='moved_from',
        ),
        migrations.RemoveField(
            model_name='figurefacts',
            name='moved_on',
        ),
        migrations.RemoveField(
            model_name='figurefacts',
            name='moved_to',
        ),
        migrations.RemoveField(
            model_name='figurefacts',
            name='stayed',
        ),
        migrations.AddField(
            model_name='figureline',
            name='squares',
            field=models.FloatField(),
        ),
        migrations.AlterField(
            model_name='figureline',
            name='kind',
            field=models.CharField(choices=[(kind, kind) for kind in KINDS], max_length=16),
        ),
        migrations.CreateModel(
            name='FigureMove',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('lead', models.UUIDField()),
                ('moved_on', models.DateField()),
                ('source', models.UUIDField()),
                ('location', models.UUIDField(null=True)),
                ('moved_from', models.UUIDField(null=True)),
                ('moved_to', models.UUIDField()),
                ('stayed', models.FloatField(null=True)),
                ('clinic', models.ForeignKey(db_index=False, default=clinics.models.base.current_clinic_id, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='clinics.clinic')),
            ],
            options={
                'verbose_name': 'facts of a move',
                'verbose_name_plural': 'facts of moves',
                'indexes': [models.Index(fields=['clinic', 'moved_on'], name='figure_move_by_day'), models.Index(fields=['clinic', 'lead'], name='figure_move_of_lead')],
            },
        ),
        migrations.RunPython(ask_of_all, migrations.RunPython.noop),
    ]
