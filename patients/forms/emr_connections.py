from crispy_forms.layout import Fieldset, Layout, Row
from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from clinics.forms.members import Tagless
from patients.emr.addresses import check_url
from patients.emr.connections import CHANGEABLE, usual_scopes
from patients.emr.errors import AddressRefused
from patients.emr.policy import GROUPS, Policy, Winner
from patients.models import EmrConnection

EXAMPLE = "https://fhir.epic.com/interconnect-fhir-oauth/api/FHIR/R4"
POLICY = "wins_"


class EmrConnectionForm(Tagless, forms.Form):
    """Where an EMR is, who we are there, what we may do, how often it is read, and who wins field by field."""

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("As you will see it in the lists."))
    system = forms.ChoiceField(label=_("System"), choices=EmrConnection.System.choices)
    base_url = forms.CharField(
        label=_("Address of the FHIR server"),
        max_length=400,
        help_text=format_lazy(_("The R4 address from the documentation of your EMR, as {example}"), example=EXAMPLE),
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
    )
    client_id = forms.CharField(
        label=_("Client ID"),
        max_length=200,
        required=False,
        help_text=_("The EMR gives it when the app is registered there. It can be put in later."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    scopes = forms.CharField(
        label=_("Scopes"),
        max_length=1000,
        required=False,
        help_text=_("What we ask the EMR for. Empty: to read what is taken in, and to book where that is allowed."),
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
    )
    token_url = forms.CharField(
        label=_("Address that hands out tokens"),
        max_length=400,
        required=False,
        help_text=_("Only where the server does not tell it by itself."),
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
    )
    sync_minutes = forms.IntegerField(label=_("Minutes between two looks"), min_value=5, max_value=1440, initial=15)
    uses_bulk = forms.BooleanField(
        label=_("Load the first time by bulk export"),
        required=False,
        help_text=_("Faster for many patients. Where the EMR cannot do it, everything is read page by page."),
    )
    may_write = forms.BooleanField(
        label=_("Book, move and cancel in the EMR, too"),
        required=False,
        help_text=_("For patients whom the EMR knows. Its people have to grant system/Appointment.write."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, connection=None, **kwargs):
        super().__init__(*args, **kwargs)
        policy = Policy(own=connection.field_policy if connection else {})
        for name, group in GROUPS.items():
            self.fields[POLICY + name] = forms.ChoiceField(label=group.label, choices=Winner.choices)
            self.initial[POLICY + name] = policy.winner(name)
        if connection:
            self.initial |= {name: getattr(connection, name) for name in CHANGEABLE if name in self.fields}
            self.initial["version"] = connection.version
        else:
            self.fields["scopes"].widget.attrs["placeholder"] = usual_scopes()

    @property
    def layout(self):
        return Layout(
            Row("name", "system"),
            "base_url",
            Row("client_id", "sync_minutes"),
            "may_write",
            "uses_bulk",
            Fieldset(_("Where both know something, and not the same"), *(POLICY + name for name in GROUPS)),
            Fieldset(_("Seldom needed"), "scopes", "token_url"),
            "version",
        )

    def clean_base_url(self):
        return self._checked("base_url")

    def clean_token_url(self):
        return self._checked("token_url")

    def _checked(self, name):
        text = self.cleaned_data[name].strip()
        try:
            return str(check_url(text)) if text else ""
        except AddressRefused as refused:
            raise forms.ValidationError(f"{refused} {refused.advice}") from None

    def clean_scopes(self):
        return " ".join(self.cleaned_data["scopes"].split())

    @property
    def values(self):
        """What connect_emr and change_emr take."""
        cleaned = {name: value for name, value in self.cleaned_data.items() if name in CHANGEABLE}
        chosen = {name: self.cleaned_data[POLICY + name] for name in GROUPS}
        own = {name: winner for name, winner in chosen.items() if winner != GROUPS[name].usual}
        return cleaned | {"field_policy": own}
