"""What is done to many conversations, and which they are."""

from django import forms
from django.utils.translation import gettext_lazy as _

from clinics.forms.bulk import ChosenForm
from clinics.models import ClinicUser, Tag
from clinics.templatetags.ui import day_and_time
from inbox.bulk import Chosen
from inbox.bulk_acts import Kind
from inbox.forms.acts import PutOffForm


class ConversationsForm(ChosenForm):
    field, chosen_class = "conversation", Chosen
    too_many = _("Choose fewer conversations, or all of this view.")


class ActForm(forms.Form):
    """What an act needs to know: nothing."""

    @property
    def facts(self):
        """What it says, rows as ids, ready to be kept."""
        return {name: str(value.pk) for name, value in self.cleaned_data.items()}


class TagForm(ActForm):
    tag = forms.ModelChoiceField(Tag.objects.none())

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["tag"].queryset = Tag.objects.all()


class GiveForm(ActForm):
    member = forms.ModelChoiceField(ClinicUser.objects.none())

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["member"].queryset = ClinicUser.objects.active().select_related("user")


class PutAllOffForm(PutOffForm):
    """Until when: the moment itself, and in the words of the reader."""

    @property
    def facts(self):
        until = self.cleaned_data["due_at"]
        return {"until": until.isoformat(), "when": str(day_and_time(until))}


FORMS = dict.fromkeys(Kind, ActForm) | {
    Kind.TAG: TagForm,
    Kind.UNTAG: TagForm,
    Kind.ASSIGN: GiveForm,
    Kind.SNOOZE: PutAllOffForm,
}


def facts_of(form):
    """What the form of an act says, ready to be kept."""
    return form.facts
