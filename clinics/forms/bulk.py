"""Whom an act on many is about."""

import uuid

from django import forms

AT_MOST_BY_HAND = 500


class ChosenForm(forms.Form):
    """People ticked one by one (`field`, several), or with `whole` all that match the filter `query`.

    A room says what its `field` and its Chosen (`chosen_class`) are, and with what words too many are refused.
    """

    field = ""
    chosen_class = None
    too_many = ""

    whole = forms.BooleanField(required=False)
    query = forms.CharField(required=False, max_length=4000)
    key = forms.CharField(required=False, max_length=64)
    back = forms.CharField(required=False, max_length=4000)

    def clean(self):
        cleaned = super().clean()
        try:
            cleaned["ids"] = tuple({uuid.UUID(text) for text in self.data.getlist(self.field)})
        except ValueError:
            cleaned["ids"] = ()
        if len(cleaned["ids"]) > AT_MOST_BY_HAND:
            raise forms.ValidationError(self.too_many)
        return cleaned

    @property
    def chosen(self):
        if self.cleaned_data["whole"]:
            return self.chosen_class(query=self.cleaned_data["query"])
        return self.chosen_class(ids=self.cleaned_data["ids"])
