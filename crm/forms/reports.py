from django import forms
from django.utils.translation import gettext_lazy as _

from clinics.access import PERMISSIONS
from clinics.models import ClinicUser, Location
from crm.models import ReportKind, ReportSubscription

WHO_MAY = [role for role, codes in PERMISSIONS.items() if "lead:analytics" in codes]


class SubscriptionForm(forms.Form):
    """Which report goes to whom, how often and when."""

    kind = forms.ChoiceField(label=_("Report"), choices=ReportKind)
    every = forms.ChoiceField(label=_("How often"), choices=ReportSubscription.Every)
    hour = forms.TypedChoiceField(
        label=_("At"), coerce=int, initial=7, choices=[(hour, f"{hour:02d}:00") for hour in range(24)]
    )
    member = forms.ModelChoiceField(None, label=_("To"))
    location = forms.ModelChoiceField(None, label=_("Location"), required=False)

    def __init__(self, *args, member, may_choose, **kwargs):
        super().__init__(*args, **kwargs)
        people = ClinicUser.objects.active().filter(role__in=WHO_MAY).select_related("user")
        people = people if may_choose else people.filter(pk=member.pk)
        self.fields["member"].queryset = people.order_by("user__first_name", "pk")
        self.fields["member"].initial = member.pk
        self.fields["location"].queryset = Location.objects.order_by("name")
        self.fields["location"].empty_label = _("All locations")
