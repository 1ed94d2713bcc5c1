from crispy_forms.helper import FormHelper
from django import forms
from django.utils.translation import gettext_lazy as _

from inbox.merge_fields import FIELD, FIELDS
from inbox.models import CannedReply


class CannedForm(forms.ModelForm):
    """A saved reply: its shortcut, and the words with their merge fields."""

    is_shared = forms.BooleanField(label=_("for everybody"), required=False)

    class Meta:
        model = CannedReply
        fields = ["shortcut", "title", "subject", "text"]
        widgets = {"text": forms.Textarea(attrs={"rows": 5})}

    def __init__(self, *args, may_share, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["is_shared"].initial = self.instance.owner_id is None and not self.instance._state.adding
        if not may_share:
            del self.fields["is_shared"]

    @property
    def helper(self):
        helper = FormHelper()
        helper.form_tag = False
        return helper

    def clean_text(self):
        unknown = [name for name in FIELD.findall(self.cleaned_data["text"]) if name not in FIELDS]
        if unknown:
            raise forms.ValidationError(_("There is no such field: %s.") % ", ".join(unknown))
        return self.cleaned_data["text"]

    def _post_clean(self):
        """The verb writes; what the database says about a shortcut that is taken is asked there."""
