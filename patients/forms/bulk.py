"""What is done to many patients, and which they are."""

import uuid

from django import forms
from django.utils.translation import gettext_lazy as _

from clinics.models import Location, Tag
from patients.bulk import Chosen
from patients.bulk_acts import Kind
from patients.models import Channel, ContactPriority, Provider

AT_MOST_BY_HAND = 500


class PatientsForm(forms.Form):
    """Patients ticked one by one (`patient`, several), or with `whole` all that match the filter `query`."""

    whole = forms.BooleanField(required=False)
    query = forms.CharField(required=False, max_length=4000)
    key = forms.CharField(required=False, max_length=64)
    back = forms.CharField(required=False, max_length=4000)

    def clean(self):
        cleaned = super().clean()
        try:
            cleaned["ids"] = tuple({uuid.UUID(text) for text in self.data.getlist("patient")})
        except ValueError:
            cleaned["ids"] = ()
        if len(cleaned["ids"]) > AT_MOST_BY_HAND:
            raise forms.ValidationError(_("Choose fewer patients, or all that match."))
        return cleaned

    @property
    def chosen(self):
        if self.cleaned_data["whole"]:
            return Chosen(query=self.cleaned_data["query"])
        return Chosen(ids=self.cleaned_data["ids"])


class ActForm(forms.Form):
    """What an act needs to know: nothing."""

    @property
    def facts(self):
        """What it says, rows as ids, ready to be kept."""
        return {name: str(getattr(value, "pk", value)) for name, value in self.cleaned_data.items()}


class TagForm(ActForm):
    tag = forms.ModelChoiceField(Tag.objects.none(), label=_("Tag"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["tag"].queryset = Tag.objects.all()


class PriorityForm(ActForm):
    contact_priority = forms.ChoiceField(choices=ContactPriority)


class ChannelForm(ActForm):
    preferred_channel = forms.ChoiceField(choices=Channel)


class LocationForm(ActForm):
    location = forms.ModelChoiceField(Location.objects.none())

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["location"].queryset = Location.objects.all()


class ProviderForm(ActForm):
    provider = forms.ModelChoiceField(Provider.objects.none())

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["provider"].queryset = Provider.objects.working()


FORMS = {
    Kind.TAG: TagForm,
    Kind.UNTAG: TagForm,
    Kind.PRIORITY: PriorityForm,
    Kind.CHANNEL: ChannelForm,
    Kind.LOCATION: LocationForm,
    Kind.PROVIDER: ProviderForm,
    Kind.SILENCE: ActForm,
    Kind.UNSILENCE: ActForm,
    Kind.DELETE: ActForm,
}
