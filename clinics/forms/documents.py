from django.utils.translation import gettext_lazy as _

from clinics.documents.kinds import ACCEPT
from clinics.documents.rules import TooLarge
from clinics.forms.files import ManyFiles, ManyFilesField
from clinics.forms.keyed import KeyedForm


class DocumentForm(KeyedForm):
    """Files about somebody, from the disk or the camera."""

    files = ManyFilesField(
        label=_("Files"), allow_empty_file=True, widget=ManyFiles(attrs={"accept": ACCEPT, "multiple": True})
    )

    def __init__(self, *args, was_too_large=False, **kwargs):
        super().__init__(*args, auto_id="document-%s", **kwargs)
        if was_too_large:
            self.fields["files"].error_messages["required"] = TooLarge.message

    def key_of(self, number):
        """The key of one file of those that were sent: sending the form twice attaches each once."""
        key = self.cleaned_data["key"]
        return f"{key}-{number}" if key else ""
