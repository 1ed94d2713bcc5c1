from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("crm", "0027_figures_of_days")]

    operations = [
        migrations.AlterField(
            model_name="leadimport",
            name="encoding",
            field=models.CharField(blank=True, default="", max_length=40),
        ),
        migrations.AlterField(
            model_name="leadimport",
            name="separator",
            field=models.CharField(blank=True, default="", max_length=4),
        ),
        migrations.AlterField(
            model_name="leadimport",
            name="headers",
            field=models.JSONField(default=list, help_text="Empty until the file has been read."),
        ),
        migrations.AlterField(
            model_name="leadimport",
            name="status",
            field=models.CharField(
                choices=[
                    ("READING", "Being read"),
                    ("UPLOADED", "Columns to be checked"),
                    ("CHECKING", "Being tried out"),
                    ("CHECKED", "Tried out"),
                    ("IMPORTING", "Being imported"),
                    ("DONE", "Imported"),
                    ("UNDOING", "Being undone"),
                    ("UNDONE", "Undone"),
                ],
                default="READING",
                max_length=10,
                verbose_name="status",
            ),
        ),
    ]
