"""The ways in which a clinic connects a channel: what each is called, what it asks for, and who tells what comes in."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from inbox.forms.accounts import AccountForm, MailForm, MetaForm, TextForm, VoiceForm
from inbox.models import Carrier, Channel


@dataclass(frozen=True)
class Way:
    """One way to connect a channel. `hook` is the webhook source that its carrier tells, "" for none of its own."""

    channel: str
    carrier: str
    label: str
    description: str
    icon: str
    form: type
    hook: str = ""


WAYS = {
    "sms": Way(
        Channel.SMS,
        Carrier.TWILIO,
        _("Text messages (Twilio)"),
        _("A phone number at Twilio. You need its account SID and auth token."),
        "sms",
        TextForm,
        "sms",
    ),
    "whatsapp": Way(
        Channel.WHATSAPP,
        Carrier.TWILIO,
        _("WhatsApp (Twilio)"),
        _("A WhatsApp sender at Twilio. More than a day after their last word only approved templates go."),
        "chat",
        TextForm,
        "whatsapp",
    ),
    "voice": Way(
        Channel.VOICE,
        Carrier.TWILIO,
        _("Phone line (Twilio)"),
        _("You call from a page by your own phone. Connect phone calls as a service too, for those that come in."),
        "phone",
        VoiceForm,
        "calling",
    ),
    "email": Way(
        Channel.EMAIL,
        Carrier.MAIL,
        _("E-mail"),
        _("Your mailbox: by a mail server (SMTP and IMAP), by a mail service, or by the mail of this installation."),
        "mail",
        MailForm,
        "mailbox",
    ),
    "messenger": Way(
        Channel.FACEBOOK_MESSENGER,
        Carrier.META,
        "Messenger",
        _("The messages of your Facebook page. You need its page token and the app secret."),
        "chat",
        MetaForm,
        "messenger",
    ),
    "instagram": Way(
        Channel.INSTAGRAM_DM,
        Carrier.META,
        "Instagram",
        _("Direct messages and mentions in stories of your Instagram account."),
        "image",
        MetaForm,
        "instagram",
    ),
}


def way_of(account):
    """(word, Way) by which an account is connected; no word, and a plain Way, for one of the house or the sandbox."""
    for word, way in WAYS.items():
        if (way.channel, way.carrier) == (account.channel, account.carrier):
            return word, way
    return "", Way(account.channel, account.carrier, account.label, "", "flask", AccountForm)
