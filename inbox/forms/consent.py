"""What somebody said about being reached, written down by staff; and a file of what they said elsewhere."""

from django import forms
from django.utils.translation import gettext_lazy as _

from clinics.tables.reading import LIMIT_BYTES
from inbox.consent import ASKED_FOR, Said
from inbox.evidence import places_of
from inbox.models import Channel, ConsentSource, ConsentState, Purpose

HEARD = (ConsentSource.IN_PERSON, ConsentSource.PHONE, ConsentSource.PAPER)


class SaidForm(forms.Form):
    """One decision about one of the addresses of a conversation."""

    place = forms.ChoiceField(label=_("Address"))
    purpose = forms.ChoiceField(label=_("For"), choices=[(each.value, each.label) for each in map(Purpose, ASKED_FOR)])
    state = forms.ChoiceField(label=_("They"), choices=ConsentState.choices, widget=forms.RadioSelect)
    source = forms.ChoiceField(label=_("How"), choices=[(each.value, each.label) for each in HEARD])
    wording = forms.CharField(
        label=_("With which words"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args, conversation, **kwargs):
        super().__init__(*args, **kwargs)
        self.places = {f"{channel} {address}": (channel, address) for channel, address in places_of(conversation)}
        labels = [(key, f"{Channel(channel).label}: {address}") for key, (channel, address) in self.places.items()]
        self.fields["place"].choices = labels

    @property
    def said(self):
        """The Said that was filled in."""
        facts = self.cleaned_data
        channel, address = self.places[facts["place"]]
        proof = {"noted": "by staff"}
        words = facts["wording"]
        return Said(
            channel, address, facts["purpose"], facts["state"], facts["source"], wording_text=words, proof=proof
        )


class ConsentFileForm(forms.Form):
    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV or Excel with the columns address, channel, purpose, agreed, when and proof."),
    )

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > LIMIT_BYTES:
            raise forms.ValidationError(_("This file is too large."))
        return file
