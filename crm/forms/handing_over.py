from django import forms
from django.utils.translation import gettext_lazy as _

from clinics.forms.keyed import KeyedForm
from clinics.models import ClinicUser


class HandOverForm(KeyedForm):
    """Who gets what somebody has; nobody chosen means that the rules decide about each lead."""

    to = forms.ModelChoiceField(
        ClinicUser.objects.none(), label=_("Give them to"), required=False, empty_label=_("whom the rules choose")
    )

    def __init__(self, *args, member, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = ClinicUser.objects.coordinators().exclude(pk=member.pk).select_related("user")
        if member.is_out_of_office and member.stand_in_id:
            self.initial["to"] = member.stand_in_id
