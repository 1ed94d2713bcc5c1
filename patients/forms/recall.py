import uuid

from django import forms

from patients.models import Channel


class AskedForm(forms.Form):
    """How a family was asked to come again; the key makes two presses of one button one message."""

    channel = forms.ChoiceField(choices=Channel)
    key = forms.UUIDField(required=False)

    def clean_key(self):
        return self.cleaned_data["key"] or uuid.uuid4()
