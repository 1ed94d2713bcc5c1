from crispy_forms.layout import Layout, Row
from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from clinics.forms.members import Tagless
from clinics.models import ClinicUser, User
from clinics.notifications import Copies, Digests, InBrowser, Reminders


class ProfileForm(Tagless, forms.ModelForm):
    layout = Layout(Row("first_name", "last_name"), "language")

    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)

    class Meta:
        model = User
        fields = ["first_name", "last_name", "language"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["first_name"].required = True


class AbsenceForm(Tagless, forms.ModelForm):
    """When somebody is away, and who stands in."""

    layout = Layout(Row("out_of_office_from", "out_of_office_until"), "deputy")

    class Meta:
        model = ClinicUser
        fields = ["out_of_office_from", "out_of_office_until", "deputy"]
        labels = {
            "out_of_office_from": _("Out of office from"),
            "out_of_office_until": _("Last day away"),
            "deputy": _("Deputy when away"),
        }
        widgets = {
            "out_of_office_from": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "out_of_office_until": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        others = ClinicUser.objects.active().exclude(pk=self.instance.pk).select_related("user")
        self.fields["deputy"].queryset, self.fields["deputy"].empty_label = others, _("nobody")

    def clean(self):
        cleaned = super().clean()
        first, last = cleaned.get("out_of_office_from"), cleaned.get("out_of_office_until")
        if last and not first:
            self.add_error("out_of_office_from", _("The first day away is missing."))
        if first and last and last < first:
            self.add_error("out_of_office_until", _("The last day away is before the first."))
        return cleaned


class NotificationsForm(Tagless, forms.Form):
    USUAL = {"email": "never", "reminders": "like_all", "browser": "never", "digest": "never"}
    layout = Layout("email", "reminders", "digest", "browser")

    email = forms.ChoiceField(
        label=_("Copies by e-mail"),
        choices=Copies.choices,
        widget=forms.RadioSelect,
        help_text=_("A copy names no patient and no lead: it says that something waits for you, and where."),
    )
    reminders = forms.ChoiceField(
        label=_("Reminders of tasks"),
        choices=Reminders.choices,
        widget=forms.RadioSelect,
        required=False,
        help_text=_("Text messages to staff are not sent yet."),
    )

    digest = forms.ChoiceField(
        label=_("What waits in the inbox"),
        choices=Digests.choices,
        widget=forms.RadioSelect,
        required=False,
        help_text=_("One e-mail says how many conversations wait and since when. It names nobody."),
    )
    browser = forms.ChoiceField(
        label=_("Shown by the browser while you look at something else"),
        choices=InBrowser.choices,
        widget=forms.RadioSelect,
        required=False,
    )

    def clean(self):
        """What a form leaves out is as usual."""
        said = super().clean()
        return {name: said.get(name) or usual for name, usual in self.USUAL.items()}
