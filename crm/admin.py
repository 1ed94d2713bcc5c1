from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from clinics.admin_fields import CentsField
from clinics.admin_site import ClinicForm, ClinicModelAdmin, ReadOnlyAdmin
from clinics.models import Tag
from clinics.templatetags.ui import money
from crm.assignment import admin as assignment_admin  # noqa: F401 - registers its tables
from crm.following_up import admin as follow_up_admin  # noqa: F401 - registers its tables
from crm.models import AdCampaign, LeadSource, LeadSubmission, PipelineStage, ReferringProvider, TaskTemplate


@admin.register(PipelineStage)
class PipelineStageAdmin(ClinicModelAdmin):
    list_display = ["name", "kind", "order", "max_days_in_stage", "auto_task_template", "asks_on_entry", "is_default"]
    list_editable = ["order"]
    list_select_related = ["auto_task_template"]
    prepopulated_fields = {"slug": ["name"]}
    autocomplete_fields = ["auto_task_template"]
    ordering = ["order"]

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        """In the list the order is typed without a label beside it."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "order":
            field.widget.attrs["aria-label"] = _("Order")
        return field


@admin.register(TaskTemplate)
class TaskTemplateAdmin(ClinicModelAdmin):
    list_display = ["title", "type", "priority", "due_after_minutes", "is_active"]
    list_filter = ["type", "is_active"]
    search_fields = ["title"]
    ordering = ["title"]


@admin.register(Tag)
class TagAdmin(ClinicModelAdmin):
    list_display = ["name", "color"]
    search_fields = ["name"]
    ordering = ["name"]


class LeadSourceForm(ClinicForm):
    monthly_cost_cents = CentsField(label=_("Cost a month"), required=False)


@admin.register(LeadSource)
class LeadSourceAdmin(ClinicModelAdmin):
    form = LeadSourceForm
    list_display = ["name", "category", "monthly_cost", "is_active"]
    list_filter = ["category", "is_active"]
    search_fields = ["name"]
    ordering = ["name"]

    @admin.display(description=_("cost a month"), ordering="monthly_cost_cents")
    def monthly_cost(self, source):
        return money(source.monthly_cost_cents)


class AdCampaignForm(ClinicForm):
    monthly_spend_cents = CentsField(label=_("Budget a month"))


@admin.register(AdCampaign)
class AdCampaignAdmin(ClinicModelAdmin):
    form = AdCampaignForm
    list_display = ["name", "platform", "monthly_spend"]
    list_filter = ["platform"]
    search_fields = ["name"]
    ordering = ["name"]

    @admin.display(description=_("budget a month"), ordering="monthly_spend_cents")
    def monthly_spend(self, campaign):
        return money(campaign.monthly_spend_cents)


@admin.register(ReferringProvider)
class ReferringProviderAdmin(ClinicModelAdmin):
    list_display = ["name", "practice", "phone", "email", "is_active"]
    search_fields = ["name", "practice"]
    ordering = ["name"]


@admin.register(LeadSubmission)
class LeadSubmissionAdmin(ReadOnlyAdmin):
    list_display = ["received_at", "channel", "status", "error"]
    list_filter = ["channel", "status"]
    ordering = ["-received_at"]
