"""Tags, saved views and arranged lists belong to the clinic now; their tables stand there under new names."""

import django.db.models.deletion
from django.db import migrations, models

import clinics.models.base


class Migration(migrations.Migration):
    dependencies = [("clinics", "0005_shared_views_and_tags"), ("crm", "0010_lead_forms")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="leadtag",
                    name="tag",
                    field=clinics.models.base.ClinicForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="lead_links", to="clinics.tag"
                    ),
                ),
                migrations.AlterField(
                    model_name="leadform",
                    name="tag",
                    field=clinics.models.base.ClinicForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="clinics.tag",
                        verbose_name="tag",
                    ),
                ),
                migrations.DeleteModel(name="ViewTab"),
                migrations.DeleteModel(name="SavedView"),
                migrations.DeleteModel(name="ListLayout"),
                migrations.DeleteModel(name="Tag"),
            ]
        ),
        migrations.AlterField(
            model_name='bulkact',
            name='is_gathered',
            field=models.BooleanField(default=False, help_text='Whether its people are written down.'),
        ),
        migrations.AlterField(
            model_name='bulkact',
            name='query',
            field=models.TextField(help_text='The filter that chose the people, if no hand did.', null=True),
        ),
        migrations.AlterField(
            model_name='bulkactlead',
            name='trace',
            field=models.CharField(blank=True, default='', help_text='What takes it back.', max_length=40),
        ),
    
    ]
