"""What somebody said about being reached, written down by staff; and a file of what they said elsewhere."""

from django import forms
from django.utils.translation import gettext_lazy as _

from clinics.tables.reading import LIMIT_BYTES
from inbox.consent import ASKED_FOR, Said
from inbox.evidence import places_of, places_to_stop
from inbox.models import Channel, ConsentSource, ConsentState, ConsentWording, Purpose

HEARD = (ConsentSource.IN_PERSON, ConsentSource.PHONE, ConsentSource.PAPER)


class SaidForm(forms.Form):
    """One decision about one of the addresses of a conversation."""

    place = forms.ChoiceField(label=_("Address"))
    purpose = forms.ChoiceField(label=_("For"), choices=[(each.value, each.label) for each in map(Purpose, ASKED_FOR)])
    state = forms.ChoiceField(label=_("They"), choices=ConsentState.choices, widget=forms.RadioSelect)
    source = forms.ChoiceField(label=_("How"), choices=[(each.value, each.label) for each in HEARD])
    shown = forms.ModelChoiceField(
        ConsentWording.objects.none(),
        label=_("Which words they were shown"),
        required=False,
        empty_label=_("others, as written below"),
    )
    wording = forms.CharField(
        label=_("With which words"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args, conversation, **kwargs):
        super().__init__(*args, **kwargs)
        self.places = {f"{channel} {address}": (channel, address) for channel, address in places_of(conversation)}
        labels = [(key, f"{Channel(channel).label}: {address}") for key, (channel, address) in self.places.items()]
        self.fields["place"].choices = labels
        self.fields["shown"].queryset = ConsentWording.objects.current()

    def clean(self):
        said = super().clean()
        if said.get("shown") and said["shown"].purpose != said.get("purpose"):
            self.add_error("shown", _("These words are for something else."))
        return said

    @property
    def said(self):
        """The Said that was filled in."""
        facts = self.cleaned_data
        channel, address = self.places[facts["place"]]
        proof = {"noted": "by staff"}
        about = (channel, address, facts["purpose"], facts["state"], facts["source"])
        return Said(*about, wording=facts["shown"], wording_text=facts["wording"], proof=proof)


class RefusalForm(forms.Form):
    """What somebody meant whose words sound like a refusal, and where nothing is sent to them any more."""

    refuses = forms.ChoiceField(choices=[("yes", ""), ("no", "")])
    places = forms.MultipleChoiceField(required=False)

    def __init__(self, *args, suppression, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["places"].choices = [(key_of(*place), "") for place in places_to_stop(suppression)]

    @property
    def decision(self):
        """What settle_refusal takes."""
        chosen = [tuple(key.split(" ", 1)) for key in self.cleaned_data["places"]]
        return {"refuses": self.cleaned_data["refuses"] == "yes", "places": chosen}


def key_of(channel, address):
    return f"{channel} {address}"


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
