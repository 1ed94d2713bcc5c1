from django import forms
from django.utils.translation import gettext_lazy as _

from clinics.models import SavedView


class ViewForm(forms.Form):
    """The name of a view, who sees it, and how its reader keeps it."""

    name = forms.CharField(label=_("Name"), max_length=60)
    is_shared = forms.BooleanField(label=_("Everybody in the clinic may use it"), required=False)
    is_pinned = forms.BooleanField(label=_("Show it as a tab"), required=False)
    is_default = forms.BooleanField(label=_("Open this page with it"), required=False)

    def __init__(self, *args, may_change=True, may_share=False, **kwargs):
        super().__init__(*args, **kwargs)
        if not may_change:
            del self.fields["name"]
        if not (may_change and may_share):
            del self.fields["is_shared"]

    @property
    def changes(self):
        """What change_view takes."""
        return {name: self.cleaned_data[name] for name in ("name", "is_shared") if name in self.cleaned_data}


class NewViewForm(ViewForm):
    """A new view of the filters at hand."""

    layout = forms.ChoiceField(choices=SavedView.Layout, widget=forms.HiddenInput)
    query = forms.CharField(required=False, max_length=4000, widget=forms.HiddenInput)
    field_order = ["name", "is_shared", "is_default"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        del self.fields["is_pinned"]


class QueryForm(forms.Form):
    """The filters that a view shall have from now on."""

    query = forms.CharField(required=False, max_length=4000)


class ShiftForm(forms.Form):
    """One place to the left or to the right."""

    step = forms.TypedChoiceField(coerce=int, choices=[(-1, "left"), (1, "right")])
