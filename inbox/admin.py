from django.contrib import admin
from django.http import HttpResponseRedirect
from django.urls import reverse

from clinics.admin_site import ClinicModelAdmin, ReadOnlyAdmin
from inbox.models import ApprovedTemplate, ChannelAccount, ConsentWording, InboxSettings, Purpose
from inbox.wordings import write_wording


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


@admin.register(ConsentWording)
class ConsentWordingAdmin(ClinicModelAdmin):
    """The words under which people agree: what is written here is a new version, and stays for ever as it is."""

    list_display = ["purpose", "language", "version", "text", "created_at"]
    list_filter = ["purpose", "language"]
    search_fields = ["text"]
    ordering = ["purpose", "language", "-version"]
    fields = ["purpose", "language", "text"]

    def has_change_permission(self, request, obj=None):
        return obj is None and super().has_change_permission(request)

    def has_delete_permission(self, request, obj=None):
        return False

    def formfield_for_choice_field(self, db_field, request, **kwargs):
        if db_field.name == "purpose":  # an answer to their own words needs no agreement
            kwargs["choices"] = [choice for choice in Purpose.choices if choice[0] != Purpose.REPLY]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def save_model(self, request, obj, form, change):
        obj.pk = write_wording(obj.purpose, obj.language, obj.text, by=request.member).pk
        obj.refresh_from_db()

    def log_addition(self, request, obj, message):
        """The verb has written it down."""
