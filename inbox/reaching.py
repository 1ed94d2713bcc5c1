"""By which channel somebody is told of something they did not write for: the one they prefer, if it may."""

from dataclasses import dataclass

from inbox.addresses import normal_address
from inbox.consent import Standing
from inbox.models import Carrier, Channel, ChannelAccount, Purpose
from inbox.planning import account_to_send_by
from inbox.rules import NoAccount, NobodyToWriteTo

TEXTS = ("SMS", "WHATSAPP", "TEXT")  # who prefers WhatsApp gets a text: more than a day later it takes templates alone


@dataclass(frozen=True)
class Reached:
    """A channel and the normal address of somebody there."""

    channel: str
    address: str


def prefers_text(person):
    """Whether a patient or lead would rather be sent texts than letters; False for whoever has not said."""
    said = getattr(person, "preferred_channel", "") or getattr(person, "preferred_contact", "")
    return said in TEXTS


def best_way(*, phone, email, likes_texts, purpose=Purpose.CARE):
    """The Reached by which somebody with a number and an e-mail, each or none, is told of something.

    What they refused comes last, then what only a pretended account could carry, then what they like less. Raises
    NobodyToWriteTo, NoAccount.
    """
    order = (Channel.SMS, Channel.EMAIL) if likes_texts else (Channel.EMAIL, Channel.SMS)
    given = {Channel.SMS: normal_address(Channel.SMS, phone), Channel.EMAIL: normal_address(Channel.EMAIL, email)}
    ways = [Reached(channel, given[channel]) for channel in order if given[channel]]
    if not ways:
        raise NobodyToWriteTo
    carriers = _carriers(order)
    ways = [way for way in ways if way.channel in carriers]
    if not ways:
        raise NoAccount
    standing = Standing([(way.channel, way.address) for way in ways])

    def against(way):
        refused = standing.permission(way.channel, way.address, purpose).reason
        return bool(refused), carriers[way.channel] == Carrier.SANDBOX

    return min(ways, key=against)


def account_for(conversation, channel):
    """The account that tells somebody of something: one that really sends before a pretended one. Raises NoAccount."""
    account = account_to_send_by(conversation, channel)
    if account.carrier != Carrier.SANDBOX:
        return account
    real = ChannelAccount.objects.on(channel).exclude(carrier=Carrier.SANDBOX)
    return real.first() or account


def _carriers(channels):
    """{channel: the best carrier that the clinic has for it}"""
    found = {}
    for account in ChannelAccount.objects.active().filter(channel__in=channels):
        if found.get(account.channel) in (None, Carrier.SANDBOX):
            found[account.channel] = account.carrier
    return found
