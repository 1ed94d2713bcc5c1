"""Let the database keep the words by which people are found."""

import clinics.models.base
import django.db.models.deletion
import uuid_utils.compat
from django.db import migrations, models

from clinics.search_words import keeping_words


class Migration(migrations.Migration):

    dependencies = [
        ('clinics', '0005_shared_views_and_tags'),
        ('patients', '0009_refunds_and_payment_files'),
    ]

    operations = [
        migrations.CreateModel(
            name='PatientWord',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('word', models.CharField(db_collation='C', max_length=80)),
                ('person', models.UUIDField()),
                ('clinic', models.ForeignKey(db_index=False, default=clinics.models.base.current_clinic_id, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='clinics.clinic')),
            ],
            options={
                'indexes': [models.Index(fields=['clinic', 'word', 'person'], name='patient_by_word'), models.Index(fields=['clinic', 'person', 'word'], name='words_of_patient')],
            },
        ),
        *keeping_words("patients_patient", "patients_patientword"),
    ]
