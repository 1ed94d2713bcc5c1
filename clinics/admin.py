from django.contrib import admin
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from clinics import admin_site
from clinics.admin_fields import DaysOffField, WeekField
from clinics.admin_site import ClinicModelAdmin, ReadOnlyAdmin
from clinics.models import AuditLog, Clinic, Location, Reaction, WebhookLog
from clinics.reactions import repeat_reaction


class ClinicForm(admin_site.ClinicForm):
    business_hours = WeekField(label=_("Opening hours"), help_text=_("As 8:00-12:00, 13:00-17:00. Empty means closed."))
    holidays = DaysOffField(label=_("Days off"), required=False, help_text=_("One date a line, as 2026-12-25."))


class LocationForm(admin_site.ClinicForm):
    business_hours = WeekField(label=_("Opening hours"), help_text=_("All empty: the hours of the clinic."))

    def clean_business_hours(self):
        return self.cleaned_data["business_hours"] or None


@admin.register(Clinic)
class ClinicAdmin(ClinicModelAdmin):
    """The clinic's own settings: one row, changed but neither added nor removed here."""

    form = ClinicForm
    readonly_fields = ["slug", "preset", "subscription_tier", "subscription_status", "message_limit", "locations_limit"]
    fieldsets = [
        (None, {"fields": ["name", "email", "slug", "preset"]}),
        (_("Place and language"), {"fields": ["time_zone", "currency", "language", "phone_region"]}),
        (_("Hours"), {"fields": ["business_hours", "holidays"]}),
        (_("Leads"), {"fields": ["entered_leads_stay", "lead_privacy", "leaves_out_private"]}),
        (
            _("First call"),
            {
                "fields": [
                    "speed_to_lead_minutes",
                    "speed_warn_minutes",
                    "speed_escalate_minutes",
                    "speed_reassign_minutes",
                ]
            },
        ),
        (
            _("Overdue tasks"),
            {
                "fields": [
                    "task_patience_urgent_hours",
                    "task_patience_high_hours",
                    "task_patience_normal_hours",
                    "task_patience_low_hours",
                ]
            },
        ),
        (
            _("Patients"),
            {
                "fields": [
                    "patient_new_days",
                    "patient_risk_percent",
                    "patient_dormant_days",
                    "patient_recall_rest_days",
                ]
            },
        ),
        (_("Safety"), {"fields": ["requires_second_factor"]}),
        (_("Keeping"), {"fields": ["lead_retention_years", "activity_retention_years", "kpi_retention_years"]}),
        (_("Plan"), {"fields": ["subscription_tier", "subscription_status", "message_limit", "locations_limit"]}),
    ]

    def get_queryset(self, request):
        return Clinic.objects.filter(pk=request.clinic.pk)

    def changelist_view(self, request, extra_context=None):
        """There is one clinic to set up: go straight to it."""
        return redirect("admin:clinics_clinic_change", request.clinic.pk)

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(Location)
class LocationAdmin(ClinicModelAdmin):
    form = LocationForm
    list_display = ["name", "phone_number", "address", "is_active"]
    search_fields = ["name", "address"]


@admin.register(AuditLog)
class AuditLogAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "actor", "action", "resource_type", "resource_id", "ip_address"]
    list_select_related = ["actor__user"]
    list_filter = ["action"]
    ordering = ["-id"]


@admin.register(Reaction)
class ReactionAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "handler", "status", "attempts", "due_at", "error"]
    list_filter = ["status", "handler"]
    ordering = ["-id"]
    actions = ["repeat"]

    @action(description=_("Run again"))
    def repeat(self, request, reactions):
        for reaction in reactions:
            repeat_reaction(reaction, by=request.member)


@admin.register(WebhookLog)
class WebhookLogAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "source", "event_type", "status", "attempts", "error_message"]
    list_filter = ["source", "status"]
    ordering = ["-id"]
