from itertools import zip_longest

from django import forms
from django.utils.translation import gettext_lazy as _

from clinics.forms.keyed import KeyedForm
from clinics.models import ClinicUser
from crm.forms.referral import ReferralForm
from crm.intake import REFUSED_WHEN_MINIMAL
from crm.models import Lead, LeadSource, PatientRelationship
from crm.models.choices import interests_offered
from crm.referrers import asked_about, referred_by
from crm.rules import FieldRefused

LOOKED_UP = {"phone", "email", "first_name", "last_name"}
NOT_OF_THE_LEAD = {"key", "referrer", "referrer_id"}


class LeadForm(forms.Form):
    """What entering and editing a lead have in common: fields that this clinic's lead privacy allows, and no others.

    A forbidden field is not shown; if it is sent all the same, the form is refused and says which.
    """

    def __init__(self, *args, clinic, **kwargs):
        super().__init__(*args, **kwargs)
        self.clinic = clinic
        if not clinic.asks_full_names:
            for name in REFUSED_WHEN_MINIMAL & set(self.fields):
                del self.fields[name]

    def clean(self):
        cleaned = super().clean()
        if not self.clinic.asks_full_names:
            for name in sorted(REFUSED_WHEN_MINIMAL & {name for name in self.data if self.data[name]}):
                self.refuse(FieldRefused(name, Lead._meta.get_field(name).verbose_name))
        return cleaned

    def refuse(self, broken):
        """Show a broken rule at the field that it is about, or above the form."""
        field = getattr(broken, "field", None)
        self.add_error(field if field in self.fields else None, str(broken))


class NewLeadForm(KeyedForm, ReferralForm, LeadForm):
    """What both forms of a new lead have in common: who sent them, and who takes care."""

    assigned_to = forms.ModelChoiceField(
        ClinicUser.objects.none(), label=_("Coordinator"), required=False, empty_label=_("whose turn it is")
    )

    def __init__(self, *args, may_assign, **kwargs):
        super().__init__(*args, **kwargs)
        for name in LOOKED_UP & set(self.fields):
            self.fields[name].widget.attrs |= {"autocomplete": "off", "data-looks-up": True}
        if may_assign:
            self.fields["assigned_to"].queryset = ClinicUser.objects.coordinators().select_related("user")
        else:
            del self.fields["assigned_to"]

    @property
    def sources(self):
        """Each source that can be picked, with its key on the keyboard or "", and what is asked next about it."""
        chosen = str(self["source"].value() or "")
        keys = [*map(str, range(1, 10))]
        return [
            {"source": source, "key": key, "is_chosen": str(source.pk) == chosen, "asks": asked_about(source)}
            for source, key in zip_longest(self.fields["source"].queryset, keys, fillvalue="")
            if source
        ]

    @property
    def values(self):
        """What capture_lead takes."""
        return {name: value for name, value in self.cleaned_data.items() if name not in NOT_OF_THE_LEAD}

    def referral(self, *, by):
        """The fields that say who sent the caller; a doctor who was not known is added (see referred_by)."""
        source, cleaned = self.cleaned_data["source"], self.cleaned_data
        category = source.category if source else ""
        return referred_by(category, cleaned["referrer"], chosen=cleaned["referrer_id"], by=by)


class LeadCreateForm(NewLeadForm):
    """A new lead while the phone is at the ear: any one way to know the person is enough."""

    phone = forms.CharField(
        label=_("Phone"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off", "inputmode": "tel", "autofocus": True}),
    )
    first_name = forms.CharField(label=_("First name"), required=False, max_length=80)
    last_name = forms.CharField(label=_("Last name"), required=False, max_length=80)
    email = forms.EmailField(label=_("E-mail"), required=False)
    source = forms.ModelChoiceField(
        LeadSource.objects.none(), label=_("How did you hear about us?"), required=False, widget=forms.RadioSelect
    )
    patient_relationship = forms.ChoiceField(
        label=_("Who is it for"), choices=PatientRelationship, initial=PatientRelationship.SELF, required=False
    )
    patient_first_name = forms.CharField(label=_("The patient’s first name"), required=False, max_length=80)
    treatment_interest = forms.ChoiceField(label=_("Interest"), required=False)
    notes = forms.CharField(
        label=_("What they said"), required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["source"].queryset = LeadSource.objects.filter(is_active=True)
        self.fields["source"].empty_label = None
        if self.initial.get("phone"):  # beside a relative one goes on with what is still to be asked
            del self.fields["phone"].widget.attrs["autofocus"]
            self.fields["first_name"].widget.attrs["autofocus"] = True
        self.fields["treatment_interest"].choices = [("", _("not said")), *interests_offered(self.clinic)]

    @property
    def values(self):
        interest = self.cleaned_data["treatment_interest"]
        return super().values | {"treatment_interest": [interest] if interest else []}
