from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("crm", "0018_spend_and_events")]

    operations = [
        migrations.RemoveIndex(model_name="lead", name="lead_newest"),
        migrations.AddIndex(
            model_name="lead",
            index=models.Index(
                condition=models.Q(("deleted_at", None)),
                fields=["clinic", "-captured_at", "-id"],
                include=("status",),
                name="lead_newest",
            ),
        ),
    ]
