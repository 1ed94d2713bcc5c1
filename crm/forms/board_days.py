from datetime import timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class PastDayField(forms.DateField):
    """A day that is over, in the clinic's time zone."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")

    def clean(self, value):
        day = super().clean(value)
        if day is not None and day >= timezone.localdate():
            raise forms.ValidationError(_("Choose a day that is over."))
        if day is not None and day.year < 2000:
            raise forms.ValidationError(_("That is before anything is known."))
        return day

    def widget_attrs(self, widget):
        return {"max": f"{timezone.localdate() - timedelta(days=1):%Y-%m-%d}"}


class DayForm(forms.Form):
    """Which past day the board is shown of; yesterday, if nothing or nonsense is asked."""

    day = PastDayField(label=_("Day"), required=False)

    @property
    def chosen(self):
        self.is_valid()
        return self.cleaned_data.get("day") or timezone.localdate() - timedelta(days=1)


class FlowForm(forms.Form):
    """Between which two past days the leads moved; the last month, if nothing or nonsense is asked."""

    first = PastDayField(label=_("From the end of"), required=False)
    last = PastDayField(label=_("To the end of"), required=False)

    def clean(self):
        cleaned = super().clean()
        first, last = cleaned.get("first"), cleaned.get("last")
        if first and last and first > last:
            raise forms.ValidationError(
                _("The first day comes after the last one: they are taken the other way round.")
            )
        return cleaned

    @property
    def chosen(self):
        """(first, last), the earlier one first."""
        self.is_valid()
        last = self.cleaned_data.get("last") or timezone.localdate() - timedelta(days=1)
        first = self.cleaned_data.get("first") or last - timedelta(days=30)
        return (first, last) if first <= last else (last, first)
