"""Who sent somebody: a name typed beside the source, of a doctor or of a patient."""

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.referrers import asked_about


class SourceSelect(forms.Select):
    """Each source says whom one names beside it; which event it was has a field of its own here."""

    def create_option(self, name, value, *args, **kwargs):
        option = super().create_option(name, value, *args, **kwargs)
        if source := getattr(value, "instance", None):
            asked = asked_about(source)
            option["attrs"]["data-asks"] = "" if asked == "detail" else asked
        return option


class ReferralForm(forms.Form):
    """The name of whoever sent somebody, and which one of those who bear it was chosen."""

    referrer = forms.CharField(
        label=_("Who sent them"),
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    referrer_id = forms.UUIDField(required=False, widget=forms.HiddenInput)
