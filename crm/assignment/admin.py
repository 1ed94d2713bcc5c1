from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminTextInputWidget

from clinics.access import may
from clinics.admin_site import ClinicForm, ClinicModelAdmin
from clinics.models import ClinicUser
from crm.assignment.words import people_in_words, rule_in_words, source_names
from crm.forms.assignment import RuleForm
from crm.models import AssignmentRule, AssignmentShare, PostalArea


class ShareForm(ClinicForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["member"].queryset = ClinicUser.objects.coordinators().select_related("user")


class AtLeastOnePerson(forms.BaseInlineFormSet):
    """Without anybody a rule would find nobody, ever."""

    def clean(self):
        super().clean()
        kept = [form for form in self.forms if form.cleaned_data and not form.cleaned_data.get("DELETE")]
        if not any(self.errors) and not kept:
            raise forms.ValidationError(_("Nobody gets these leads. Add at least one person."))


class ShareInline(TabularInline):
    """Who gets the leads of a rule, and how much of them."""

    model = AssignmentShare
    form = ShareForm
    formset = AtLeastOnePerson
    extra = 1
    fields = ["member", "weight", "place"]

    def get_queryset(self, request):
        return AssignmentShare.objects.select_related("member__user").order_by("place", "pk")

    def has_view_permission(self, request, obj=None):
        return may(request.member, "clinic:configure")

    has_add_permission = has_change_permission = has_delete_permission = has_view_permission


class AdminRuleForm(RuleForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("source_ids", "interests"):
            field = self.fields[name]
            field.widget = UnfoldAdminCheckboxSelectMultipleWidget(choices=field.choices)
        self.fields["postal_codes"].widget = UnfoldAdminTextInputWidget()


@admin.register(AssignmentRule)
class AssignmentRuleAdmin(ClinicModelAdmin):
    """The rules in their order: the first that a lead fits and that finds somebody decides."""

    form = AdminRuleForm
    inlines = [ShareInline]
    list_display = ["name", "order", "for_whom", "who_gets_them", "is_active"]
    list_editable = ["order"]
    ordering = ["order", "pk"]
    fieldsets = [
        (None, {"fields": ["name", "order", "is_active"]}),
        (
            _("Which leads: what is left empty fits all"),
            {
                "fields": [
                    "source_ids",
                    "interests",
                    "location",
                    "postal_codes",
                    "near_location",
                    "within_km",
                    "hours",
                ]
            },
        ),
        (_("Who of the people below"), {"fields": ["way", "only_on_shift", "minds_capacity"]}),
    ]

    def get_queryset(self, request):
        return super().get_queryset(request).whole()

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        """In the list the order is typed without a label beside it."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "order":
            field.widget.attrs["aria-label"] = _("Order")
        return field

    def changelist_view(self, request, extra_context=None):
        self.names = source_names()
        return super().changelist_view(request, extra_context)

    @admin.display(description=_("which leads"))
    def for_whom(self, rule):
        return "; ".join(rule_in_words(rule, self.names))

    @admin.display(description=_("who gets them"))
    def who_gets_them(self, rule):
        return people_in_words(rule)


@admin.register(PostalArea)
class PostalAreaAdmin(ClinicModelAdmin):
    list_display = ["code", "name", "latitude", "longitude"]
    search_fields = ["code", "name"]
    ordering = ["code"]
