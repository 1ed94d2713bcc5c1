from django.utils.translation import gettext_lazy as _

from crm.forms.editing import SECTIONS, editable_fields
from crm.forms.leads import NewLeadForm
from crm.models import Lead

ALSO_LOOKED_UP = {"address_line1", "postal_code"}


class LeadFullForm(NewLeadForm):
    """A new lead with everything that can be known of one, in sections; nothing of it must be."""

    def __init__(self, *args, clinic, **kwargs):
        self.base_fields = self.base_fields | editable_fields(clinic, Lead())
        super().__init__(*args, clinic=clinic, **kwargs)
        for field in self.fields.values():
            field.required = False
        self.fields["first_name"].widget.attrs["autofocus"] = True
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
