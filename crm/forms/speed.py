from datetime import datetime, time, timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

DAYS = 30
LONGEST = 366 * 3


class SpeedForm(forms.Form):
    """A span of days, both of them included; the last thirty if nothing sensible is said."""

    first = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    last = forms.DateField(label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    @property
    def days(self):
        """(first, last) as they are used."""
        asked = self.cleaned_data if self.is_valid() else {}
        today = timezone.localdate()
        last = min(asked.get("last") or today, today)
        first = asked.get("first") or last - timedelta(days=DAYS - 1)
        if not 0 <= (last - first).days <= LONGEST:
            first = last - timedelta(days=DAYS - 1)
        return first, last

    @property
    def period(self):
        """The moments from which on and before which leads asked, as the clinic's days begin."""
        first, last = self.days
        zone = timezone.get_current_timezone()
        begins, ends = (datetime.combine(day, time.min, zone) for day in (first, last + timedelta(days=1)))
        return begins, ends
