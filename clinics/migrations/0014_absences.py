"""Let somebody be away more than once: the days that each member had become the first of a list."""

from django.db import migrations, models
from uuid_utils.compat import uuid7

from clinics.tenancy import clinic_scope


def keep_days(apps, schema_editor):
    """Take over the days away, clinic by clinic: behind the wall, a migration sees one at a time."""
    for clinic_id in apps.get_model("clinics", "Clinic").objects.values_list("pk", flat=True):
        with clinic_scope(clinic_id):
            for member in apps.get_model("clinics", "ClinicUser").objects.exclude(out_of_office_from=None):
                last, deputy = member.out_of_office_until, member.deputy_id
                member.absences = [
                    {
                        "id": str(uuid7()),
                        "first_day": str(member.out_of_office_from),
                        "last_day": str(last) if last else None,
                        "deputy_id": str(deputy) if deputy else None,
                        "back_on": None,
                    }
                ]
                member.save(update_fields=["absences"])


class Migration(migrations.Migration):

    dependencies = [
        ('clinics', '0013_phones_of_staff'),
    ]

    operations = [
        migrations.AddField(
            model_name='clinicuser',
            name='absences',
            field=models.JSONField(blank=True, default=list, editable=False),
        ),
        migrations.RunPython(keep_days, migrations.RunPython.noop),
        migrations.RemoveField(
            model_name='clinicuser',
            name='out_of_office_from',
        ),
        migrations.RemoveField(
            model_name='clinicuser',
            name='out_of_office_until',
        ),
    ]
