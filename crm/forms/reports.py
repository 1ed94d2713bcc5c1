from django import forms
from django.utils.translation import gettext_lazy as _

from clinics.access import PERMISSIONS
from clinics.models import ClinicUser, Location
from crm.models import ReportKind, ReportSubscription
from crm.report_mail import USUALLY

# What these tell of is said by their names.
ITS_OWN = {ReportKind.DAILY, ReportKind.WEEKLY, ReportKind.FUNNEL}
WHO_MAY = [role for role, codes in PERMISSIONS.items() if "lead:analytics" in codes]


class SubscriptionForm(forms.Form):
    """Which report goes to whom, how often and when."""

    kind = forms.ChoiceField(label=_("Report"), choices=ReportKind)
    every = forms.ChoiceField(
        label=_("How often"), choices=[("", _("As it is usual")), *ReportSubscription.Every.choices], required=False
    )
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

    def clean(self):
        """A summary of a day goes every day, of a week every week; the others once a month where nothing is said."""
        cleaned = super().clean()
        kind, every = cleaned.get("kind"), cleaned.get("every")
        usual = USUALLY.get(kind, ReportSubscription.Every.MONTH)
        if kind in ITS_OWN and every and every != usual:
            words = _("%(report)s goes %(every)s.")
            self.add_error("every", words % {"report": ReportKind(kind).label, "every": usual.label})
        cleaned["every"] = every or usual
        return cleaned
