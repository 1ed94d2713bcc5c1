from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("inbox", "0008_staff_and_wordings")]

    operations = [
        migrations.AddIndex(
            model_name="unifiedconversation",
            index=models.Index(
                condition=models.Q(("deleted_at", None), ("merged_into", None), ("member", None)),
                fields=["clinic", "-last_message_at", "-id"],
                name="conversation_newest",
            ),
        ),
        migrations.AddIndex(
            model_name="unifiedconversation",
            index=models.Index(
                condition=models.Q(
                    ("deleted_at", None), ("merged_into", None), ("lead", None), ("member", None), ("patient", None)
                ),
                fields=["clinic", "status", "-last_message_at", "-id"],
                name="conversation_unmatched",
            ),
        ),
    ]
