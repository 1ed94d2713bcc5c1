from django import forms
from django.utils.translation import gettext_lazy as _

from clinics.forms.keyed import KeyedForm
from clinics.models import ClinicUser
from crm.forms.editing import SECTIONS, editable_fields
from crm.forms.leads import LOOKED_UP, LeadForm
from crm.models import Lead

ALSO_LOOKED_UP = {"address_line1", "postal_code"}


class LeadFullForm(KeyedForm, LeadForm):
    """A new lead with everything that can be known of one, in sections; nothing of it must be."""

    assigned_to = forms.ModelChoiceField(
        ClinicUser.objects.none(), label=_("Coordinator"), required=False, empty_label=_("whose turn it is")
    )

    def __init__(self, *args, clinic, may_assign, **kwargs):
        self.base_fields = self.base_fields | editable_fields(clinic, Lead())
        super().__init__(*args, clinic=clinic, **kwargs)
        for field in self.fields.values():
            field.required = False
        for name in (LOOKED_UP | ALSO_LOOKED_UP) & set(self.fields):
            self.fields[name].widget.attrs |= {"autocomplete": "off", "data-looks-up": True}
        if may_assign:
            self.fields["assigned_to"].queryset = ClinicUser.objects.coordinators().select_related("user")
        else:
            del self.fields["assigned_to"]

    @property
    def sections(self):
        """(title, bound fields) of each section that has any."""
        care = (_("Who takes care"), ["assigned_to"])
        found = [(title, [self[name] for name in names if name in self.fields]) for title, names in [*SECTIONS, care]]
        return [(title, fields) for title, fields in found if fields]

    @property
    def values(self):
        """What capture_lead takes."""
        return {name: value for name, value in self.cleaned_data.items() if name != "key"}

    def referral(self, *, by):
        """Nothing beyond the fields: who sent the caller is chosen among them."""
        return {}
