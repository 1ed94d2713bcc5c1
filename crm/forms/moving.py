from django import forms
from django.utils.translation import gettext_lazy as _

from crm.models import LostReason, PipelineStage


class MoveForm(forms.Form):
    """Where a lead goes; `version` is the lead that the mover saw, where a page wants to be strict about it."""

    stage = forms.ModelChoiceField(PipelineStage.objects.none(), label=_("Stage"), empty_label=None)
    lost_reason = forms.ChoiceField(label=_("Reason"), choices=[("", ""), *LostReason.choices], required=False)
    lost_notes = forms.CharField(label=_("What happened"), required=False, max_length=2000)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["stage"].queryset = PipelineStage.objects.in_order()


class LostForm(forms.Form):
    """Why a lead was lost: one reason, and more words if there are any."""

    lost_reason = forms.ChoiceField(label=_("Reason"), choices=LostReason, widget=forms.RadioSelect)
    lost_notes = forms.CharField(
        label=_("What happened"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )
