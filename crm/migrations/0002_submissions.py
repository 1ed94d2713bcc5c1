import django.utils.timezone
from django.db import migrations, models
from django.db.models import F, Q

import clinics.encryption
from clinics.tenancy import clinic_scope

CHANNELS = [
    ("STAFF", "Entered by staff"),
    ("WEBFORM", "Web form"),
    ("WALK_IN", "Walk-in form"),
    ("PHONE", "Phone call"),
    ("META", "Meta lead ad"),
    ("GOOGLE", "Google lead form"),
    ("WEBHOOK", "Another system"),
    ("EMAIL", "E-mail"),
    ("IMPORT", "Import"),
    ("API", "API"),
]
REASONS = [
    ("PHONE", "The phone number cannot be read"),
    ("REACH", "Nobody to reach"),
    ("PRIVATE", "Says what this clinic does not keep"),
    ("SOURCE", "The source is not known here"),
    ("UNCLEAR", "Not understood"),
    ("RULE", "A rule stands against it"),
    ("TROUBLE", "Something went wrong on our side"),
]


def seal_payloads(apps, schema_editor):
    """Seal what was kept in clear, clinic by clinic: behind the wall, a migration sees one at a time."""
    clinics, submissions = apps.get_model("clinics", "Clinic"), apps.get_model("crm", "LeadSubmission")
    for clinic_id in clinics.objects.values_list("pk", flat=True):
        with clinic_scope(clinic_id):
            kept = submissions.objects.filter(clinic_id=clinic_id)
            kept.update(due_at=F("received_at"))
            kept.filter(status="FAILED", reason="").update(reason="TROUBLE", error="?")
            for submission in kept.iterator():
                submission.payload = submission.plain_payload
                submission.save(update_fields=["payload"])


class Migration(migrations.Migration):
    dependencies = [("clinics", "0001_initial"), ("crm", "0001_initial")]

    operations = [
        migrations.RenameField("touchpoint", "click_id", "gclid"),
        migrations.AddField("touchpoint", "fbclid", models.CharField(blank=True, default="", max_length=255)),
        migrations.AlterModelOptions(
            "leadsubmission", {"verbose_name": "inquiry", "verbose_name_plural": "inquiries"}
        ),
        migrations.RemoveIndex("leadsubmission", "submission_by_status"),
        migrations.AlterField(
            "leadsubmission", "channel", models.CharField(choices=CHANNELS, max_length=8, verbose_name="came by")
        ),
        migrations.AlterField(
            "leadsubmission", "error", models.TextField(blank=True, default="", verbose_name="what went wrong")
        ),
        migrations.AlterField("leadsubmission", "received_at", models.DateTimeField(verbose_name="received")),
        migrations.AddField(
            "leadsubmission",
            "context",
            models.JSONField(
                blank=True,
                default=dict,
                help_text="Through which door it came: form, source, tag, location, language. "
                "Never what a person said.",
            ),
        ),
        migrations.AddField(
            "leadsubmission", "corrections", clinics.encryption.EncryptedJSONField(blank=True, null=True)
        ),
        migrations.AddField(
            "leadsubmission",
            "outcome",
            models.CharField(
                blank=True,
                choices=[("NEW_LEAD", "New lead"), ("NEW_TOUCH", "Asked again")],
                default="",
                max_length=10,
                verbose_name="became",
            ),
        ),
        migrations.AddField(
            "leadsubmission",
            "reason",
            models.CharField(blank=True, choices=REASONS, default="", max_length=8, verbose_name="reason"),
        ),
        migrations.AddField("leadsubmission", "processed_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField(
            "leadsubmission",
            "due_at",
            models.DateTimeField(default=django.utils.timezone.now),
            preserve_default=False,
        ),
        migrations.RenameField("leadsubmission", "payload", "plain_payload"),
        migrations.AddField("leadsubmission", "payload", clinics.encryption.EncryptedJSONField(null=True)),
        migrations.RunPython(seal_payloads, migrations.RunPython.noop),
        migrations.RemoveField("leadsubmission", "plain_payload"),
        migrations.AlterField(
            "leadsubmission",
            "payload",
            clinics.encryption.EncryptedJSONField(help_text="As it came; never changed afterwards."),
        ),
        migrations.AddIndex(
            "leadsubmission",
            models.Index(fields=["clinic", "status", "-received_at", "-id"], name="submission_by_status"),
        ),
        migrations.AddIndex(
            "leadsubmission", models.Index(fields=["clinic", "-received_at", "-id"], name="submission_newest")
        ),
        migrations.AddIndex(
            "leadsubmission",
            models.Index(
                condition=Q(status="RECEIVED"), fields=["clinic", "due_at", "id"], name="submission_to_work_off"
            ),
        ),
        migrations.AddConstraint(
            "leadsubmission",
            models.CheckConstraint(
                condition=~Q(status="FAILED") | (~Q(reason="") & ~Q(error="")), name="submission_failed_says_why"
            ),
        ),
    ]
