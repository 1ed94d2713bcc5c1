from crispy_forms.layout import Layout
from django import forms
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from clinics.api_tokens import DAYS, scopes_of
from clinics.forms.keyed import KeyedForm, new_key
from clinics.forms.members import Tagless


def _in_days(days):
    return ngettext("%(n)s day", "%(n)s days", days) % {"n": days}


class ApiTokenForm(Tagless, KeyedForm):
    """What a program is called, what it may do, and for how long; the hidden key makes a double click one token."""

    layout = Layout("key", "name", "scopes", "days")

    name = forms.CharField(
        label=_("Which program is it for?"), max_length=80, help_text=_("Such as “website form” or “month’s report”.")
    )
    scopes = forms.MultipleChoiceField(
        label=_("It may"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Give it what it needs and no more. It never may what you may not."),
    )
    days = forms.TypedChoiceField(
        label=_("Good for"),
        coerce=int,
        initial=DAYS[1],
        choices=[(days, lazy(_in_days, str)(days)) for days in DAYS],
    )

    def __init__(self, *args, member, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["scopes"].choices = [(code, f"{words} ({code})") for code, words in scopes_of(member)]
        self.fields["name"].widget.attrs["autocomplete"] = "off"

    def clean_key(self):
        """A form that lost its key is a click of its own."""
        return self.cleaned_data["key"] or new_key()
