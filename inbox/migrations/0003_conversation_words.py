import django.db.models.deletion
import uuid_utils.compat
from django.db import migrations, models

import clinics.models.base
from inbox.words import keeping_words


class Migration(migrations.Migration):
    dependencies = [
        ("clinics", "0009_views_of_the_inbox"),
        ("inbox", "0002_sending"),
    ]

    operations = [
        migrations.CreateModel(
            name="ConversationWord",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("word", models.CharField(db_collation="C", max_length=40)),
                ("conversation", models.UUIDField()),
                (
                    "clinic",
                    models.ForeignKey(
                        db_index=False,
                        default=clinics.models.base.current_clinic_id,
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="clinics.clinic",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["clinic", "conversation"], name="words_of_a_conversation")],
                "constraints": [
                    models.UniqueConstraint(fields=("clinic", "word", "conversation"), name="conversation_word_once")
                ],
            },
        ),
        *keeping_words(),
    ]
