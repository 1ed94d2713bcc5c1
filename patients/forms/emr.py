"""The forms of EMR files: what is uploaded, where it comes from, and what the columns of a table hold."""

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms
from django.utils.translation import gettext_lazy as _

from clinics.forms.files import ManyFiles, ManyFilesField
from clinics.tables.reading import LIMIT_BYTES
from patients.emr.files.recognising import Part
from patients.emr.files.tables import IGNORE, TARGETS
from patients.emr.files.uploading import AT_ONCE
from patients.emr.policy import Winner
from patients.models import EmrConnection

ACCEPT = ".json,.ndjson,.csv,.tsv,.txt,.xlsx,.gz,.zip,application/json,text/csv,application/zip"


class EmrUploadForm(forms.Form):
    files = ManyFilesField(
        label=_("Files"),
        at_most=AT_ONCE,
        max_length=255,
        help_text=_(
            "FHIR R4 as JSON or NDJSON, tables as CSV or Excel, the CSV of Synthea; .gz and ZIP too. 50 MB in all."
        ),
        widget=ManyFiles(attrs={"accept": ACCEPT, "multiple": True}),
        error_messages={"empty": _("This file is empty."), "required": _("Choose a file.")},
    )
    connection = forms.ModelChoiceField(
        label=_("They come from"), queryset=None, required=False, empty_label=_("No EMR that is connected here")
    )
    winner = forms.ChoiceField(
        label=_("Where a file and Recare know different things"), choices=Winner, initial=Winner.ASK
    )

    def __init__(self, *args, was_too_large=False, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["connection"].queryset = EmrConnection.objects.for_list()
        self.was_too_large = was_too_large
        if was_too_large:
            self.fields["files"].error_messages["required"] = _("These files are larger than 50 MB together.")

    @property
    def helper(self):
        helper = FormHelper()
        helper.attrs = {"class": "form form--narrow"}
        helper.add_input(Submit("", _("Upload")))
        return helper

    def clean_files(self):
        files = self.cleaned_data["files"]
        if sum(upload.size for upload in files) > LIMIT_BYTES:
            raise forms.ValidationError(_("These files are larger than 50 MB together."))
        return files


class ColumnsForm(forms.Form):
    """A select for each column of each table that is not known by itself."""

    def __init__(self, data=None, *, emr_file):
        super().__init__(data)
        self.parts = [Part.of(facts) for facts in emr_file.parts]
        choices = [(IGNORE, _("Leave out")), *TARGETS.items()]
        for number, part in enumerate(self.parts):
            for place, header in enumerate(part.headers if part.needs_columns else ()):
                self.fields[f"column_{number}_{place}"] = forms.ChoiceField(
                    label=header, choices=choices, required=False, initial=part.columns[place]
                )

    @property
    def tables(self):
        """Of each table: its name, and of each column its heading, its control and its first values."""
        return [
            {
                "name": part.name,
                "columns": [
                    {"header": header, "field": self[f"column_{number}_{place}"], "samples": part.samples[place]}
                    for place, header in enumerate(part.headers)
                ],
            }
            for number, part in enumerate(self.parts)
            if part.needs_columns
        ]

    def columns(self):
        """What was chosen, a list of targets for each part."""
        return [
            [self.cleaned_data[f"column_{number}_{place}"] for place in range(len(part.headers))]
            if part.needs_columns
            else part.columns
            for number, part in enumerate(self.parts)
        ]
