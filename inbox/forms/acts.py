from django import forms

from crm.forms.timing import WhenFields


class AssignForm(forms.Form):
    """Who is to have a conversation; left empty, nobody."""

    member = forms.ModelChoiceField(queryset=None, required=False)

    def __init__(self, *args, members, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["member"].queryset = members


class PutOffForm(WhenFields):
    """Until when a conversation is put off; `due_at` holds it."""
