"""The admin as a clinic admin sees it: their own clinic's rows only, every change in the audit log."""

from functools import wraps

from csp.constants import NONCE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.decorators import csp_replace
from django import forms
from django.contrib.admin.models import LogEntry
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied
from django.shortcuts import redirect
from unfold.admin import ModelAdmin
from unfold.sites import UnfoldAdminSite

from clinics.access import may
from clinics.audit import record

# The admin theme's Alpine evaluates expressions and sets style attributes; nothing else of ours may.
ADMIN_POLICY = {"script-src": [SELF, NONCE, UNSAFE_EVAL], "style-src": [SELF, UNSAFE_INLINE]}


class ClinicAdminSite(UnfoldAdminSite):
    """Lets in members of staff who may configure their clinic; logging in is the house's own page."""

    def register(self, model_or_iterable, admin_class=None, **options):
        """Take in our own tables only: what packages register knows no clinic."""
        if admin_class is not None and issubclass(admin_class, ClinicModelAdmin):
            super().register(model_or_iterable, admin_class, **options)

    def has_permission(self, request):
        return may(request.member, "clinic:configure")

    def get_log_entries(self, request):
        """None of Django's own log, which knows no clinic: the audit log takes its place."""
        return LogEntry.objects.none()

    def index(self, request, extra_context=None):
        """The clinic's own settings are the front page."""
        return redirect("admin:clinics_clinic_changelist")

    def login(self, request, extra_context=None):
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(request.get_full_path(), login_url=None)

    def admin_view(self, view, cacheable=False):
        guarded = super().admin_view(csp_replace(ADMIN_POLICY)(view), cacheable)

        @wraps(guarded)
        def admin_page(request, *args, **kwargs):
            if request.user.is_authenticated and not self.has_permission(request):
                raise PermissionDenied
            return guarded(request, *args, **kwargs)

        admin_page.permission, admin_page.audience = "clinic:configure", "staff"
        return admin_page


class ClinicForm(forms.ModelForm):
    """A form that also checks what must be unique within the clinic, although the clinic is no field of it."""

    def _get_validation_exclusions(self):
        return super()._get_validation_exclusions() - {"clinic"}

    def _update_errors(self, errors):
        """What is wrong about the clinic, such as a second row where there may be one, stands above the fields."""
        told = getattr(errors, "error_dict", {})
        if "clinic" in told:
            told.setdefault(NON_FIELD_ERRORS, []).extend(told.pop("clinic"))
        super()._update_errors(errors)


class ClinicModelAdmin(ModelAdmin):
    """One table of the clinic: rows come through the scoped manager, writes end in `record()`."""

    form = ClinicForm
    permission = "clinic:configure"
    compressed_fields = True
    warn_unsaved_form = True
    list_fullwidth = True
    show_full_result_count = False

    def has_module_permission(self, request):
        return may(request.member, self.permission)

    def has_view_permission(self, request, obj=None):
        return may(request.member, self.permission)

    def has_add_permission(self, request):
        return may(request.member, self.permission)

    def has_change_permission(self, request, obj=None):
        return may(request.member, self.permission)

    def has_delete_permission(self, request, obj=None):
        return may(request.member, self.permission)

    def get_queryset(self, request):
        return self.model.objects.order_by(*self.get_ordering(request) or ["pk"])

    def log_addition(self, request, obj, message):
        """The audit log takes the place of Django's own, which knows no clinic."""
        record(f"{_name(obj)}.created", obj, by=request.member, after={"name": str(obj)})

    def log_change(self, request, obj, message):
        fields = [name for part in message if "changed" in part for name in part["changed"].get("fields", [])]
        record(f"{_name(obj)}.changed", obj, by=request.member, after={"name": str(obj), "fields": fields})

    def log_deletions(self, request, queryset):
        for row in queryset:
            record(f"{_name(row)}.deleted", row, by=request.member, before={"name": str(row)})

    def history_view(self, request, object_id, extra_context=None):
        raise PermissionDenied


class ReadOnlyAdmin(ClinicModelAdmin):
    """Rows that nobody may write by hand."""

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


def _name(row):
    return f"{row._meta.app_label}.{row._meta.model_name}"
