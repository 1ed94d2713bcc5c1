"""What is typed in to connect a channel: names and addresses are kept as they are, credentials sealed."""

from crispy_forms.layout import Layout
from django import forms
from django.core.validators import validate_domain_name
from django.utils.translation import gettext_lazy as _

from clinics.forms.members import Tagless
from clinics.models import Location
from inbox.addresses import normal_address
from inbox.channels.email.providers import CHOICES, HOUSE, SMTP
from inbox.models import Carrier, Channel, ChannelAccount


class Sealed(forms.CharField):
    """A key or password: typed in, never shown again; left empty when an account is changed, the old one stays."""

    widget = forms.PasswordInput

    def __init__(self, *args, **kwargs):
        attributes = {"autocomplete": "off", "spellcheck": "false"}
        super().__init__(*args, widget=forms.PasswordInput(attrs=attributes), max_length=2000, **kwargs)


class AccountForm(Tagless, forms.Form):
    """Name, address and location of an account; each way to connect one adds its own fields.

    `kept_sealed` are credentials, `kept_open` settings; `proves` maps keys by which a carrier proves itself to the
    credential that holds them.
    """

    kept_sealed, kept_open, proves = (), (), {}

    label = forms.CharField(label=_("Name"), max_length=80, help_text=_("As your team will see it."))
    address = forms.CharField(label=_("Phone number"), max_length=254)
    location = forms.ModelChoiceField(Location.objects.none(), label=_("Location"), required=False)

    def __init__(self, *args, way, account=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.way, self.account = way, account
        self.fields["location"].queryset = Location.objects.filter(is_active=True)
        self.fields["location"].empty_label = _("All locations")
        if account is not None:
            for name in self.kept_sealed:
                if isinstance(self.fields[name], Sealed):
                    self.fields[name].required = False
                    self.fields[name].help_text = _("Empty: the one that is kept stays.")
            shown = {name: account.credentials.get(name) for name in self.kept_sealed}
            shown = {name: text for name, text in shown.items() if not isinstance(self.fields[name], Sealed)}
            facts = {"label": account.label, "address": account.address, "location": account.location_id}
            self.initial = account.settings | shown | facts
            self.fields["address"].disabled = account.carrier in (Carrier.SANDBOX, Carrier.HOUSE)

    @property
    def layout(self):
        return Layout(*self.fields)

    def clean_address(self):
        address = normal_address(self.way.channel, self.cleaned_data["address"])
        if not address or (self.way.channel != Channel.EMAIL and "@" in address):
            raise forms.ValidationError(_("This address cannot be used on this channel."))
        others = ChannelAccount.objects.on_any(self.way.channel, address)
        if others.exclude(pk=self.account.pk if self.account else None).exists():
            raise forms.ValidationError(_("Another account has this address already."))
        return address

    def facts(self):
        """What an account keeps of it: label, address, location, settings and the credentials that were typed in."""
        said = self.cleaned_data
        return {
            "label": said["label"],
            "address": said["address"],
            "location": said["location"],
            "settings": {name: said[name] for name in self.kept_open},
            "credentials": {name: said[name].strip() for name in self.kept_sealed if said.get(name)},
        }

    def proofs(self):
        """Keys by which the carrier will prove itself, as far as they were typed in."""
        said = self.cleaned_data
        return {name: said[field].strip() for name, field in self.proves.items() if said.get(field)}


class TwilioForm(AccountForm):
    kept_sealed = ("account_sid", "auth_token")

    account_sid = forms.RegexField(
        r"^AC[0-9a-fA-F]{32}$", label=_("Account SID"), help_text=_("Begins with AC, on the first page of the console.")
    )
    auth_token = Sealed(
        label=_("Auth token"),
        help_text=_("Of the account or subaccount that owns the number. An API key cannot prove who calls."),
    )


class TextForm(TwilioForm):
    kept_open = ("messaging_service",)
    proves = {"auth_token": "auth_token"}

    messaging_service = forms.RegexField(
        r"^MG[0-9a-fA-F]{32}$",
        label=_("Messaging Service"),
        required=False,
        help_text=_("Its SID, if messages go by one. Otherwise they go by the number itself."),
    )


class VoiceForm(TwilioForm):
    """A phone line: what comes in on it is told to the connected service for phone calls."""

    proves = {"auth_token": "auth_token"}


class MailForm(AccountForm):
    kept_sealed = ("api_key", "smtp_password", "imap_password")
    kept_open = (
        "provider", "domain", "smtp_host", "smtp_port", "smtp_user", "imap_host", "imap_port", "imap_user",
    )  # fmt: skip
    proves = {"signing_key": "signing_key"}

    provider = forms.ChoiceField(label=_("Letters go by"), choices=CHOICES)
    api_key = Sealed(label=_("API key or server token"), required=False, help_text=_("Of the mail service."))
    domain = forms.CharField(
        label=_("Sending domain"), required=False, validators=[validate_domain_name], help_text=_("Mailgun only.")
    )
    signing_key = Sealed(
        label=_("Signing key"),
        required=False,
        help_text=_("Mailgun: the HTTP webhook signing key. SendGrid: the verification key of its event webhook."),
    )
    smtp_host = forms.CharField(label=_("Mail server (SMTP)"), required=False, validators=[validate_domain_name])
    smtp_port = forms.TypedChoiceField(
        label=_("Its port"),
        choices=[(587, "587 STARTTLS"), (465, "465 TLS"), (25, "25 STARTTLS")],
        coerce=int,
        initial=587,
    )
    smtp_user = forms.CharField(label=_("Its user name"), required=False)
    smtp_password = Sealed(label=_("Its password"), required=False)
    imap_host = forms.CharField(
        label=_("Mailbox (IMAP)"),
        required=False,
        validators=[validate_domain_name],
        help_text=_("Read every minute. Empty: letters are posted to the address by your mail service."),
    )
    imap_port = forms.TypedChoiceField(
        label=_("Port of the mailbox"), choices=[(993, "993 TLS")], coerce=int, initial=993
    )
    imap_user = forms.CharField(label=_("User name of the mailbox"), required=False)
    imap_password = Sealed(label=_("Password of the mailbox"), required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["address"].label = _("E-mail address")
        self.fields["address"].widget = forms.EmailInput()

    def clean(self):
        said = super().clean()
        kept = self.account.credentials if self.account else {}
        if said.get("provider") == SMTP and not said.get("smtp_host"):
            self.add_error("smtp_host", _("Say by which mail server letters go."))
        if said.get("provider") not in (None, SMTP, HOUSE) and not (said.get("api_key") or kept.get("api_key")):
            self.add_error("api_key", _("Letters cannot go without it."))
        return said


class MetaForm(AccountForm):
    kept_sealed = ("page_token", "app_secret")
    kept_open = ("page_id",)
    proves = {"app_secret": "app_secret"}

    page_id = forms.RegexField(
        r"^\d{5,25}$", label=_("Id of the Facebook page"), help_text=_("The page that messages are answered by.")
    )
    page_token = Sealed(label=_("Page token"), help_text=_("With the right to read and answer messages."))
    app_secret = Sealed(label=_("App secret"), help_text=_("Of the Meta app: it proves that Meta speaks."))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        is_instagram = self.way.channel == Channel.INSTAGRAM_DM
        self.fields["address"].label = _("Id of the Instagram account") if is_instagram else _("Id of the page")
        self.fields["address"].help_text = _("The number that Meta knows it by.")
        if not is_instagram:
            del self.fields["page_id"]
            self.kept_open = ()
