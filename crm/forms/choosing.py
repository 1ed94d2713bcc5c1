from django import forms
from django.utils.translation import gettext_lazy as _

from clinics.models import ClinicUser, Tag


class TagForm(forms.Form):
    """One of the clinic's tags."""

    tag = forms.ModelChoiceField(Tag.objects.none(), label=_("Tag"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["tag"].queryset = Tag.objects.all()


class AssignForm(forms.Form):
    """Who takes care of a lead from now on."""

    coordinator = forms.ModelChoiceField(ClinicUser.objects.none(), label=_("Coordinator"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["coordinator"].queryset = ClinicUser.objects.coordinators().select_related("user")
