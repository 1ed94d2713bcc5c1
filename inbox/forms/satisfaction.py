from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from inbox.models.satisfaction import MOST_STARS


class SatisfactionForm(forms.Form):
    """What somebody says of a conversation: 1 to 5 stars, and words of their own."""

    stars = forms.TypedChoiceField(
        label=_("Stars"), coerce=int, error_messages={"required": _("Choose from 1 to 5 stars.")}
    )
    comment = forms.CharField(label=_("What went well, or what could be better?"), max_length=2000, required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        numbers = range(1, MOST_STARS + 1)
        self.fields["stars"].choices = [(n, ngettext("%(n)s star", "%(n)s stars", n) % {"n": n}) for n in numbers]


class PeriodForm(forms.Form):
    """How far back figures reach: the last 30 or 90 days."""

    days = forms.TypedChoiceField(choices=[(30, 30), (90, 90)], coerce=int, required=False, empty_value=30)

    @property
    def period(self):
        return self.cleaned_data.get("days", 30) if self.is_valid() else 30
