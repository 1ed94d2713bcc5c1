from crispy_forms.layout import Layout, Row
from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from clinics.forms.members import Tagless
from clinics.models import User
from clinics.normalising import phone_e164
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


class NotificationsForm(Tagless, forms.Form):
    USUAL = {"email": "never", "reminders": "like_all", "browser": "never", "digest": "never"}
    layout = Layout("email", "reminders", "phone", "digest", "browser")

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
        help_text=_("A text message names no patient and no lead, and costs the clinic as any other."),
    )

    phone = forms.CharField(
        label=_("Your mobile phone"),
        required=False,
        max_length=40,
        widget=forms.TelInput(attrs={"autocomplete": "tel"}),
        help_text=_("For reminders by text message. It is also rung first when you call somebody from a page here."),
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

    def __init__(self, *args, member, **kwargs):
        super().__init__(*args, **kwargs)
        self.member = member
        self.initial = self.USUAL | {"phone": member.phone_e164} | member.notification_preferences

    def clean_phone(self):
        typed = self.cleaned_data["phone"].strip()
        number = phone_e164(typed, region=self.member.clinic.phone_region)
        if typed and not number:
            raise forms.ValidationError(_("This number cannot be called. Write it with its area code."))
        return number

    def clean(self):
        """What a form leaves out is as usual; who wants texts says where."""
        said = super().clean()
        if said.get("reminders") == Reminders.SMS and not said.get("phone") and "phone" not in self.errors:
            self.add_error("phone", _("Say where text messages are to go."))
        usual = {name: said.get(name) or usual for name, usual in self.USUAL.items()}
        return usual | {"phone": said.get("phone", "")}
