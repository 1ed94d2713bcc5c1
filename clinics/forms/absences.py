from crispy_forms.layout import Layout, Row
from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinics.forms.members import Tagless
from clinics.models import ClinicUser


class AbsenceForm(Tagless, forms.Form):
    """When somebody is away, and who stands in."""

    layout = Layout(Row("first_day", "last_day"), "deputy")

    first_day = forms.DateField(label=_("Out of office from"), widget=forms.DateInput(attrs={"type": "date"}))
    last_day = forms.DateField(
        label=_("Last day away"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Empty: until you say that they are back."),
    )
    deputy = forms.ModelChoiceField(ClinicUser.objects.none(), label=_("Deputy when away"), required=False)

    def __init__(self, *args, member, **kwargs):
        super().__init__(*args, **kwargs)
        others = ClinicUser.objects.active().exclude(pk=member.pk).select_related("user")
        self.fields["deputy"].queryset, self.fields["deputy"].empty_label = others, _("nobody")
        self.initial.setdefault("deputy", member.deputy_id)

    def clean_first_day(self):
        day = self.cleaned_data["first_day"]
        if abs((day - timezone.localdate()).days) > 731:
            raise forms.ValidationError(_("Choose a day within two years."))
        return day

    def clean(self):
        cleaned = super().clean()
        first, last = cleaned.get("first_day"), cleaned.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", _("The last day away is before the first."))
        return cleaned
