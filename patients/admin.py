from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline

from clinics.access import may
from clinics.admin_fields import CentsField
from clinics.admin_site import ClinicForm, ClinicModelAdmin
from clinics.templatetags.ui import money
from patients.models import AppointmentType, Provider, ProviderType, Room, RoomKind, ScheduleBlock, WorkingHours


class WorkingHoursInline(TabularInline):
    """When somebody works; without any line, whenever the location is open."""

    model = WorkingHours
    form = ClinicForm
    extra = 1
    fields = ["weekday", "opens_at", "closes_at", "location"]

    def get_queryset(self, request):
        return WorkingHours.objects.order_by("weekday", "opens_at")

    def has_view_permission(self, request, obj=None):
        return may(request.member, "clinic:configure")

    has_add_permission = has_change_permission = has_delete_permission = has_view_permission


class ProviderTypeInline(TabularInline):
    """Which types of appointments somebody does; without any line, all of them."""

    model = ProviderType
    form = ClinicForm
    extra = 0
    fields = ["type"]
    verbose_name = _("type of appointment that they do")
    verbose_name_plural = _("what they do (without a line: everything)")

    def get_queryset(self, request):
        return ProviderType.objects.select_related("type").order_by("type__name")

    has_view_permission = WorkingHoursInline.has_view_permission
    has_add_permission = has_change_permission = has_delete_permission = has_view_permission


@admin.register(Provider)
class ProviderAdmin(ClinicModelAdmin):
    list_display = ["name", "role", "specialty", "location", "is_booked_online", "is_active"]
    list_select_related = ["location"]
    list_filter = ["role", "is_active"]
    search_fields = ["name", "specialty"]
    ordering = ["name"]
    inlines = [ProviderTypeInline, WorkingHoursInline]


@admin.register(RoomKind)
class RoomKindAdmin(ClinicModelAdmin):
    list_display = ["name"]
    search_fields = ["name"]
    ordering = ["name"]


@admin.register(Room)
class RoomAdmin(ClinicModelAdmin):
    list_display = ["name", "kind", "location", "is_active"]
    list_select_related = ["kind", "location"]
    list_filter = ["is_active"]
    search_fields = ["name"]
    ordering = ["name"]


class AppointmentTypeForm(ClinicForm):
    price_cents = CentsField(label=_("Price"), required=False)


@admin.register(AppointmentType)
class AppointmentTypeAdmin(ClinicModelAdmin):
    form = AppointmentTypeForm
    list_display = [
        "name",
        "duration_minutes",
        "room_kind",
        "price",
        "recall_interval_days",
        "risk_after_days",
        "dormant_after_days",
        "is_booked_online",
        "is_active",
    ]
    list_select_related = ["room_kind"]
    list_filter = ["is_active"]
    search_fields = ["name"]
    ordering = ["name"]

    @admin.display(description=_("price"), ordering="price_cents")
    def price(self, kind):
        return money(kind.price_cents)


@admin.register(ScheduleBlock)
class ScheduleBlockAdmin(ClinicModelAdmin):
    list_display = ["starts_at", "ends_at", "provider", "location", "room", "reason"]
    list_select_related = ["provider", "location", "room"]
    list_filter = ["provider", "location", "room"]
    search_fields = ["reason"]
    exclude = ["created_by"]
    ordering = ["-starts_at"]
