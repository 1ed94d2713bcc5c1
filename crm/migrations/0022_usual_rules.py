"""Give the clinics that are here the follow-up rules that new ones start with."""

from django.db import migrations
from django.utils import timezone
from django.utils.translation import override

from clinics.tenancy import clinic_scope
from crm.following_up.usual import usual_rules


def add_usual_rules(apps, schema_editor):
    """Clinic by clinic: behind the wall, a migration sees one at a time."""
    Rule, Stage = apps.get_model("crm", "FollowUpRule"), apps.get_model("crm", "PipelineStage")
    Template = apps.get_model("crm", "TaskTemplate")
    for clinic in apps.get_model("clinics", "Clinic").objects.all():
        with clinic_scope(clinic.pk), override(clinic.language):
            known = set(Rule.objects.filter(clinic=clinic).values_list("key", flat=True))
            templates = {template.title: template for template in Template.objects.filter(clinic=clinic)}
            stages = {stage.slug: stage for stage in Stage.objects.filter(clinic=clinic)}
            rules = usual_rules(templates=templates, stages=stages)
            since = timezone.now()
            Rule.objects.bulk_create(
                Rule(clinic=clinic, active_since=since, **facts) for facts in rules if facts["key"] not in known
            )


class Migration(migrations.Migration):

    dependencies = [("crm", "0021_money")]

    operations = [migrations.RunPython(add_usual_rules, migrations.RunPython.noop)]
