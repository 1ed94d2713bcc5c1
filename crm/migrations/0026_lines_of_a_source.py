"""Find the lines of one source, and the few leads that were deleted, without asking the others."""

from django.db import migrations, models


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
    ]
