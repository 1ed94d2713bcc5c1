from django import forms
from django.utils.translation import gettext_lazy as _


class EraseLeadForm(forms.Form):
    """The name of the lead, typed out: nobody erases by a slip of the finger."""

    typed_name = forms.CharField(label=_("Type the lead’s name"), max_length=200)
