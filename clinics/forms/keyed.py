import uuid

from django import forms


def new_key():
    return uuid.uuid4().hex


class KeyedForm(forms.Form):
    """A form whose hidden key makes sure that sending it twice acts once."""

    key = forms.CharField(widget=forms.HiddenInput, initial=new_key, required=False, max_length=64)
