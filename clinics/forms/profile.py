from crispy_forms.layout import Layout, Row
from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from clinics.forms.members import Tagless
from clinics.models import User
from clinics.notifications import Copies


class ProfileForm(Tagless, forms.ModelForm):
    layout = Layout(Row("first_name", "last_name"), "language")

    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)

    class Meta:
        model = User
        fields = ["first_name", "last_name", "language"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["first_name"].required = True


class NotificationsForm(Tagless, forms.Form):
    layout = Layout("email")

    email = forms.ChoiceField(
        label=_("Copies by e-mail"),
        choices=Copies.choices,
        widget=forms.RadioSelect,
        help_text=_("A copy names no patient and no lead: it says that something waits for you, and where."),
    )
