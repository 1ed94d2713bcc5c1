"""How addresses and channels are called on pages that anybody may open by a link."""

from django import template
from django.utils.translation import gettext as _

from inbox.evidence import places_to_stop
from inbox.forms.consent import key_of
from inbox.models import Channel
from inbox.refusal_words import means_everything
from inbox.ways import in_words

register = template.Library()


@register.filter
def places_to_choose(suppression):
    """[(key, channel, address, whether it is chosen at first)] of a refusal that somebody has to read."""
    is_all = means_everything(suppression.detail)
    own = (suppression.channel, suppression.address)
    return [
        (
            key_of(channel, address),
            Channel(channel).label,
            in_words(channel, address) or address,
            is_all or place == own,
        )
        for place in places_to_stop(suppression)
        for channel, address in [place]
    ]


@register.filter
def channel_name(channel):
    """The name of a channel, in one short word."""
    return {Channel.SMS: _("Text"), Channel.EMAIL: _("E-mail")}.get(channel) or Channel(channel).label


@register.filter
def all_masked(places):
    """Several addresses in a row, each as its owner knows it, and each once."""
    return ", ".join(dict.fromkeys(masked(place) for place in places))


@register.filter
def masked(place):
    """An address that its owner knows by: a•••@example.com, or the last four digits of a number."""
    name, at, host = place.address.partition("@")
    return f"{name[:1]}•••@{host}" if at else f"••• {place.address[-4:]}"
