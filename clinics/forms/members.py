from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout, Row
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from clinics.admin_fields import WeekField
from clinics.forms.login import RULES
from clinics.forms.weeks import PlainWeekWidget
from clinics.models import ClinicUser, Location, Role, User

ROLES = [("", _("Choose a role")), *Role.choices]


class Tagless:
    """A form whose template writes the tag and the buttons round it."""

    @property
    def helper(self):
        helper = FormHelper(self)
        helper.form_tag = False
        helper.disable_csrf = True
        helper.layout = self.layout
        return helper


class InviteForm(Tagless, forms.Form):
    layout = Layout("email", Row("role", "location"))

    email = forms.EmailField(label=_("E-mail"), max_length=254)
    role = forms.ChoiceField(label=_("Role"), choices=ROLES)
    location = forms.ModelChoiceField(Location.objects.none(), label=_("Location"), required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["location"].queryset = Location.objects.filter(is_active=True)
        self.fields["location"].empty_label = _("All locations")
        self.fields["email"].widget.attrs["autocomplete"] = "off"


class MemberForm(Tagless, forms.ModelForm):
    layout = Layout(
        Row("role", "location"),
        Row("manager", "deputy"),
        Row("capacity", "new_leads_a_day"),
        "working_hours",
    )

    working_hours = WeekField(
        label=_("Working hours"),
        help_text=_("As 8:00-12:00, 13:00-17:00. All empty: while their location is open."),
        widget=PlainWeekWidget,
    )

    class Meta:
        model = ClinicUser
        fields = [
            "role", "location", "manager", "deputy", "capacity", "new_leads_a_day", "working_hours",
        ]  # fmt: skip
        labels = {
            "location": _("Location"),
            "manager": _("Reports to"),
            "deputy": _("Usual deputy"),
        }
        help_texts = {
            "capacity": _("Who has this many open leads is passed over when new ones are given out."),
        }

    def __init__(self, *args, by, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["location"].queryset = Location.objects.filter(is_active=True)
        self.fields["location"].empty_label = _("All locations")
        others = ClinicUser.objects.active().exclude(pk=self.instance.pk).select_related("user")
        for name, words in {"manager": _("the clinic admins"), "deputy": _("nobody")}.items():
            self.fields[name].queryset, self.fields[name].empty_label = others, words
        if self.instance.pk == by.pk:
            self.fields["role"].disabled = True
            self.fields["role"].help_text = _("Another clinic admin can change your role.")

    def place(self):
        """What `change_place` takes: all but the role."""
        return {name: value for name, value in self.cleaned_data.items() if name != "role"}


class JoinForm(Tagless, forms.Form):
    """Who somebody is who has no login yet."""

    layout = Layout(Row("first_name", "last_name"), "password")

    first_name = forms.CharField(label=_("First name"), max_length=80)
    last_name = forms.CharField(label=_("Last name"), max_length=80, required=False)
    password = forms.CharField(
        label=_("Choose a password"),
        strip=False,
        max_length=256,
        help_text=RULES,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args, email, **kwargs):
        super().__init__(*args, **kwargs)
        self.email = email
        self.fields["first_name"].widget.attrs["autocomplete"] = "given-name"
        self.fields["last_name"].widget.attrs["autocomplete"] = "family-name"

    def clean(self):
        cleaned = super().clean()
        person = {name: cleaned.get(name, "") for name in ("first_name", "last_name")}
        if cleaned.get("password"):
            try:
                validate_password(cleaned["password"], User(email=self.email, **person))
            except forms.ValidationError as error:
                self.add_error("password", error)
        return cleaned
