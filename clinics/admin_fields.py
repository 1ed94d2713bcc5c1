"""Form fields of the admin: a week's opening hours, days off and money, written as people write them."""

import re
from datetime import date, time
from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

DAYS = [_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday")]
SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})")


def read_spans(text, day):
    """Turn "8:00-12:00, 13:00-17:00" into [["08:00", "12:00"], ["13:00", "17:00"]]; an empty text is a closed day.

    Raises ValidationError naming the day.
    """
    spans = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        match = SPAN.fullmatch(part)
        try:
            opens, closes = (time(int(match[1]), int(match[2])), time(int(match[3]), int(match[4])))
        except (TypeError, ValueError):
            raise ValidationError(_("%(day)s: write hours as 8:00-17:00.") % {"day": day}) from None
        if closes <= opens or (spans and opens.isoformat("minutes") < spans[-1][1]):
            raise ValidationError(_("%(day)s: the hours must follow each other.") % {"day": day})
        spans.append([opens.isoformat("minutes"), closes.isoformat("minutes")])
    return spans


class WeekWidget(forms.MultiWidget):
    """Seven lines, one a day."""

    template_name = "clinics/week_widget.html"
    line = UnfoldAdminTextInputWidget

    def __init__(self, attrs=None):
        super().__init__([self.line({"aria-label": day, "placeholder": _("closed")}) for day in DAYS], attrs)

    def decompress(self, value):
        week = value or {}
        return [", ".join(f"{opens}-{closes}" for opens, closes in week.get(str(day), [])) for day in range(7)]

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        for day, widget in zip(DAYS, context["widget"]["subwidgets"], strict=True):
            widget["day"] = day
        return context


class WeekField(forms.MultiValueField):
    """Opening hours of a week: weekday number as text (0 = Monday) -> list of [opens, closes]."""

    widget = WeekWidget

    def __init__(self, **kwargs):
        super().__init__(
            [forms.CharField(required=False) for _day in DAYS], require_all_fields=False, required=False, **kwargs
        )

    def compress(self, values):
        week = {str(number): read_spans(text, DAYS[number]) for number, text in enumerate(values or [""] * 7)}
        return {day: spans for day, spans in week.items() if spans}

    def has_changed(self, initial, data):
        return self.widget.decompress(initial) != [text or "" for text in data or [""] * 7]


class DaysOffField(forms.CharField):
    """Dates on which the clinic is closed, one a line."""

    widget = UnfoldAdminTextareaWidget

    def prepare_value(self, value):
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value):
        days = []
        for line in filter(None, (line.strip() for line in (value or "").splitlines())):
            try:
                days.append(date.fromisoformat(line).isoformat())
            except ValueError:
                raise ValidationError(_("“%(line)s” is not a date. Write it as 2026-12-25.") % {"line": line}) from None
        return sorted(set(days))

    def has_changed(self, initial, data):
        return self.to_python(data) != (initial or [])


class CentsField(forms.DecimalField):
    """An amount typed in the currency's whole units and kept in cents."""

    widget = UnfoldAdminTextInputWidget

    def __init__(self, **kwargs):
        super().__init__(max_digits=12, decimal_places=2, min_value=0, **kwargs)

    def prepare_value(self, value):
        return Decimal(value) / 100 if isinstance(value, int) else value

    def clean(self, value):
        amount = super().clean(value)
        return None if amount is None else int(amount * 100)

    def has_changed(self, initial, data):
        return super().has_changed(self.prepare_value(initial), data)
