from django import forms
from django.utils.translation import gettext_lazy as _

from crm.forms.editing import SECTIONS, editable_fields
from crm.forms.leads import NewLeadForm
from crm.models import Lead
from crm.referrers import asked_about

ALSO_LOOKED_UP = {"address_line1", "postal_code"}
ASKED_BY_NAME = {"referring_provider"}  # who sent them is typed beside the source


class SourceSelect(forms.Select):
    """Each source says whom one names beside it; which event it was has a field of its own here."""

    def create_option(self, name, value, *args, **kwargs):
        option = super().create_option(name, value, *args, **kwargs)
        if source := getattr(value, "instance", None):
            asked = asked_about(source)
            option["attrs"]["data-asks"] = "" if asked == "detail" else asked
        return option


class LeadFullForm(NewLeadForm):
    """A new lead with everything that can be known of one, in sections; nothing of it must be."""

    def __init__(self, *args, clinic, **kwargs):
        fields = editable_fields(clinic, Lead())
        self.base_fields = self.base_fields | {name: fields[name] for name in fields.keys() - ASKED_BY_NAME}
        super().__init__(*args, clinic=clinic, **kwargs)
        self.fields["source"].widget = SourceSelect(choices=self.fields["source"].choices)
        for field in self.fields.values():
            field.required = False
        for name in ALSO_LOOKED_UP & set(self.fields):
            self.fields[name].widget.attrs |= {"autocomplete": "off", "data-looks-up": True}

    @property
    def sections(self):
        """(title, bound fields, whether it ends with who sent them) of each section that has any."""
        care = (_("Who takes care"), ["assigned_to"])
        found = [(title, [self[name] for name in names if name in self.fields]) for title, names in [*SECTIONS, care]]
        return [(title, fields, any(field.name == "source" for field in fields)) for title, fields in found if fields]

    def referral(self, *, by):
        """The same as at the phone; what was written beside the source stays as it was written."""
        found = super().referral(by=by)
        return found | ({"source_detail": written} if (written := self.cleaned_data["source_detail"]) else {})
