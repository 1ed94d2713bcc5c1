"""What is done to many patients, and which they are."""

from django import forms
from django.utils.translation import gettext_lazy as _

from clinics.forms.bulk import ChosenForm
from clinics.models import Location, Tag
from patients.bulk import Chosen
from patients.bulk_acts import Kind
from patients.models import Channel, ContactPriority, Provider


class PatientsForm(ChosenForm):
    field, chosen_class = "patient", Chosen
    too_many = _("Choose fewer patients, or all that match.")


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


def facts_of(form):
    """What the form of an act says, ready to be kept."""
    return form.facts
