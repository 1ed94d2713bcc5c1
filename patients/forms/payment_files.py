"""A file of payments, and what its columns are."""

from django import forms
from django.utils.translation import gettext_lazy as _

from clinics.tables.reading import LIMIT_BYTES
from patients.payment_files.columns import TARGETS


class PaymentFileForm(forms.Form):
    file = forms.FileField(label=_("File"), help_text=_("CSV or Excel, with one payment or refund in each row."))

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > LIMIT_BYTES:
            raise forms.ValidationError(_("This file is too large."))
        return file


class PaymentColumnsForm(forms.Form):
    """One choice for each column of a file, in order."""

    def __init__(self, *args, file, **kwargs):
        super().__init__(*args, **kwargs)
        self.file = file
        for place, header in enumerate(file.headers):
            target = file.mapping[place] if place < len(file.mapping) else ""
            self.fields[f"column_{place}"] = forms.ChoiceField(
                label=header,
                choices=list(TARGETS.items()),
                required=False,
                initial=target,
                widget=forms.Select(attrs={"class": "input"}),
            )

    @property
    def rows(self):
        """(bound field, samples) of each column."""
        return [(self[name], self.file.samples[place]) for place, name in enumerate(self.fields)]

    @property
    def mapping(self):
        return [self.cleaned_data[name] for name in self.fields]
