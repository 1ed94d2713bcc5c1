from django.contrib import admin
from django.http import HttpResponseRedirect
from django.urls import reverse

from clinics.admin_site import ClinicModelAdmin, ReadOnlyAdmin
from inbox.models import ApprovedTemplate, ChannelAccount, InboxSettings


@admin.register(ChannelAccount)
class ChannelAccountAdmin(ReadOnlyAdmin):
    """The accounts as a list; they are connected, tested and changed on their own pages."""

    list_display = ["label", "channel", "carrier", "address", "is_default", "is_active", "last_in_at", "last_out_at"]
    list_filter = ["channel", "carrier", "is_active"]
    search_fields = ["label", "address"]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        return HttpResponseRedirect(reverse("inbox:account_detail", args=[object_id]))


@admin.register(InboxSettings)
class InboxSettingsAdmin(ClinicModelAdmin):
    """How the clinic sends and answers: one row."""

    fieldsets = [
        (None, {"fields": ["answer_within_minutes", "makes_leads", "assigns_to_owner", "assigns_in_turn"]}),
        (None, {"fields": ["missed_call_text"]}),
        (None, {"fields": ["remind_hours_before", "remind_again_hours_before"]}),
        (None, {"fields": ["asks_satisfaction", "satisfaction_every_days"]}),
        (None, {"fields": ["quiet_from", "quiet_until", "most_a_day", "most_a_week"]}),
    ]


@admin.register(ApprovedTemplate)
class ApprovedTemplateAdmin(ClinicModelAdmin):
    """Texts that WhatsApp has approved."""

    list_display = ["name", "channel", "language", "external_id", "is_active"]
    list_filter = ["channel", "language", "is_active"]
    search_fields = ["name", "text"]
