import uuid

from django import forms

from patients.models import Channel, RecallOutcome


class AskedForm(forms.Form):
    """How a family was asked to come again, and how it went; the key makes two presses of one button one message."""

    channel = forms.ChoiceField(choices=Channel)
    outcome = forms.ChoiceField(choices=RecallOutcome, required=False)
    key = forms.UUIDField(required=False)

    def clean_key(self):
        return self.cleaned_data["key"] or uuid.uuid4()
