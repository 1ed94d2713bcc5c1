"""What every channel's adapter does, whoever carries it: send one message, look one up, and check its account.

An adapter is a class named in `inbox.channels.known`; it may wait for the network, so nobody calls it inside of a
transaction. Incoming is the business of each channel's webhook source, which hands `inbox.receiving` what it read.
"""

from dataclasses import dataclass, field

from django.utils.module_loading import import_string

from inbox.models import Carrier, Channel

KNOWN = {
    Carrier.SANDBOX: "inbox.channels.sandbox.adapter.SandboxAdapter",
    (Carrier.TWILIO, Channel.SMS): "inbox.channels.sms.adapter.SmsAdapter",
    (Carrier.TWILIO, Channel.WHATSAPP): "inbox.channels.whatsapp.adapter.WhatsAppAdapter",
    (Carrier.TWILIO, Channel.VOICE): "inbox.channels.voice.adapter.VoiceAdapter",
    (Carrier.META, Channel.FACEBOOK_MESSENGER): "inbox.channels.messenger.adapter.MessengerAdapter",
    (Carrier.META, Channel.INSTAGRAM_DM): "inbox.channels.instagram.adapter.InstagramAdapter",
    (Carrier.MAIL, Channel.EMAIL): "inbox.channels.email.adapter.MailAdapter",
    (Carrier.HOUSE, Channel.PORTAL): "inbox.channels.portal.adapter.PortalAdapter",
}


@dataclass(frozen=True)
class Enclosure:
    """A file that goes with a message: its name and type, its bytes, and a signed address where carriers fetch it."""

    name: str
    content_type: str
    content: bytes
    url: str


@dataclass(frozen=True)
class Outgoing:
    """One frozen message as it goes out: `key` is the message's id, `report_url` where the carrier tells of it."""

    key: str
    from_address: str
    to_address: str
    text: str
    subject: str = ""
    html: str = ""
    from_name: str = ""
    in_reply_to: str = ""
    references: tuple = ()
    report_url: str = ""
    unsubscribe_url: str = ""
    template: dict | None = None  # {"id", "language", "values"} of an approved template
    enclosures: tuple = field(default=())
    rings: str = ""  # of a call: the phone of whoever makes it
    tag: str = ""  # HUMAN_AGENT, where the window of the channel is closed to anything but a person's own words


@dataclass(frozen=True)
class Accepted:
    """The carrier has it: its id there, and its first word about it."""

    external_id: str
    status: str = ""
    segments: int = 0


class NotSent(Exception):
    """The carrier said no: it did not go. `code` is a reason of `inbox.reasons`.

    Only what `is_passing` is tried again; `retry_after` (timedelta) is the pause that the carrier asked for.
    """

    def __init__(self, code, detail="", *, is_passing=False, retry_after=None):
        super().__init__(f"{code}: {detail}")
        self.code, self.detail, self.is_passing, self.retry_after = code, detail, is_passing, retry_after


class Unclear(Exception):
    """Nobody knows whether it went: a timeout, a broken line, a 5xx. Never sent again without having asked."""


class CannotTell(Exception):
    """The carrier cannot be asked what became of a message."""


class Adapter:
    """The defaults are those of a carrier that cannot be asked afterwards."""

    can_look_up = False

    def send(self, account, outgoing):
        """Hand one message to the carrier; returns Accepted. Raises NotSent, Unclear."""
        raise NotImplementedError

    def look_up(self, account, outgoing, *, since):
        """Accepted if the carrier has this message, None if it certainly does not. Raises CannotTell, Unclear.

        `since` is when it was handed over at the earliest.
        """
        raise CannotTell

    def check(self, account):
        """Try the account out; returns a list of `clinics.webhook_sources.Check`."""
        return []


def adapter_for(account):
    """The adapter by which an account sends."""
    path = KNOWN.get((account.carrier, account.channel)) or KNOWN[account.carrier]
    return import_string(path)()
