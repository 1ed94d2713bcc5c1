"""The kinds of filters that a list of leads has: several values at once, and a fact that is on or off."""

import django_filters
from django import forms


class KnownChoicesField(forms.MultipleChoiceField):
    """Several of the choices; a value that nobody knows any more is passed over, and counted in `unknown`."""

    widget = forms.CheckboxSelectMultiple

    def clean(self, value):
        wanted = [text for text in self.to_python(value) if text]
        known = [text for text in wanted if self.valid_value(text)]
        self.unknown = [text for text in wanted if text not in known]
        return known


class SeveralFilter(django_filters.MultipleChoiceFilter):
    """Narrows to rows that have any of the chosen values."""

    field_class = KnownChoicesField

    def __init__(self, *args, **kwargs):
        super().__init__(*args, choices=[], **kwargs)


class FlagFilter(django_filters.Filter):
    """Narrows when it is ticked, and otherwise not at all."""

    field_class = forms.BooleanField

    def __init__(self, *args, **kwargs):
        super().__init__(*args, widget=forms.CheckboxInput, **kwargs)
