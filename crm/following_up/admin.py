from django.contrib import admin
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from clinics.admin_fields import CentsField
from clinics.admin_site import ClinicForm, ClinicModelAdmin
from clinics.models import ClinicUser
from crm.following_up.sentences import sentence_of
from crm.models import FollowUpRule
from crm.models.choices import interests_offered


class FollowUpRuleForm(ClinicForm):
    value_from_cents = CentsField(label=_("Value from"), required=False)
    value_to_cents = CentsField(label=_("Value up to"), required=False)


@admin.register(FollowUpRule)
class FollowUpRuleAdmin(ClinicModelAdmin):
    form = FollowUpRuleForm
    list_display = ["name", "sentence", "is_active", "place"]
    list_filter = ["trigger", "action", "is_active"]
    search_fields = ["name"]
    ordering = ["place", "name"]
    fieldsets = [
        (None, {"fields": ["name", "is_active", "place"]}),
        (_("When"), {"fields": ["trigger", "trigger_stage", "threshold"]}),
        (
            _("For which leads"),
            {
                "description": _("Whatever stays empty is not asked."),
                "fields": [
                    "source", "stage", "interest", "has_tag", "coordinator", "location", "value_from_cents",
                    "value_to_cents",
                ],
            },
        ),
        (_("After how long"), {"fields": ["delay", "delay_unit"]}),
        (
            _("What"),
            {
                "fields": [
                    "action", "task_template", "message_channel", "message_subject", "message_text", "target_stage",
                    "tag", "daily_cap",
                ]
            },
        ),
    ]  # fmt: skip

    def get_queryset(self, request):
        return super().get_queryset(request).for_sentence()

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        """Interests are those of this kind of practice, coordinators those who own leads."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "interest":
            field.choices = [("", "---------"), *interests_offered(request.clinic)]
        if db_field.name == "coordinator":
            field.queryset = ClinicUser.objects.coordinators().select_related("user")
        return field

    def response_post_save_add(self, request, obj):
        """Whoever has made or changed a rule sees at once what it would have done last month."""
        return redirect("crm:rule_rehearse", obj.pk)

    response_post_save_change = response_post_save_add

    @admin.display(description=_("what it does"))
    def sentence(self, rule):
        return sentence_of(rule)
