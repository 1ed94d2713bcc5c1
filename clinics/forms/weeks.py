from django import forms

from clinics.admin_fields import WeekWidget


class PlainWeekWidget(WeekWidget):
    """Seven lines, one a day, as the pages of the house draw them."""

    template_name = "clinics/plain_week_widget.html"
    line = forms.TextInput
