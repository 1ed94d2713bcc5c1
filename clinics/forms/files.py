"""A control that takes several files at once."""

from django import forms
from django.utils.translation import ngettext_lazy

MOST_AT_ONCE = 10


class ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """Several files of one control; cleaned to a list of uploads."""

    def __init__(self, *args, at_most=MOST_AT_ONCE, **kwargs):
        super().__init__(*args, **kwargs)
        self.at_most = at_most

    def clean(self, data, initial=None):
        files = list(data) or [None] if isinstance(data, list | tuple) else [data]
        if len(files) > self.at_most:
            words = ngettext_lazy("Choose %(n)d file at most.", "Choose %(n)d files at most.", "n")
            raise forms.ValidationError(words, params={"n": self.at_most})
        return [super(ManyFilesField, self).clean(file, initial) for file in files]
