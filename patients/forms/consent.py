from django import forms
from django.utils.translation import gettext_lazy as _

from patients.consent import ASKED, Decision
from patients.models import ConsentSource, Purpose


class ConsentForm(forms.Form):
    """What somebody said about being contacted, and how they said it."""

    channel = forms.ChoiceField(label=_("Channel"), choices=[(channel.value, channel.label) for channel in ASKED])
    purpose = forms.ChoiceField(label=_("For"), choices=Purpose)
    answer = forms.ChoiceField(
        label=_("They said"), choices=[("yes", _("yes, you may")), ("no", _("no"))], widget=forms.RadioSelect
    )
    source = forms.ChoiceField(label=_("How"), choices=ConsentSource)
    wording = forms.CharField(
        label=_("In which words"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What was agreed to, as it was read or said. It is the proof."),
    )

    @property
    def decision(self):
        facts = self.cleaned_data
        return Decision(facts["channel"], facts["purpose"], facts["answer"] == "yes", facts["source"], facts["wording"])
