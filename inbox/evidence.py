"""Everything that one person said about being reached, with what shows it: for a page, for paper, and as JSON."""

from dataclasses import dataclass

from clinics.audit import plain
from inbox.addresses import address_of
from inbox.consent import ASKED_FOR, Standing
from inbox.models import Channel, ContactConsent, Suppression

ASKED_ON = (Channel.SMS, Channel.WHATSAPP, Channel.EMAIL, Channel.VOICE)
MOST = 500


@dataclass(frozen=True)
class Place:
    """An address of somebody on a channel, and for each purpose what would become of a message now."""

    channel: str
    address: str
    permissions: list  # (purpose, inbox.consent.Permission)

    @property
    def channel_label(self):
        return Channel(self.channel).label


@dataclass(frozen=True)
class Evidence:
    """`entries` are the ledger of all addresses, newest first; `stops` the addresses stopped, ever."""

    places: list
    entries: list
    stops: list


def evidence_of(conversation):
    """What is known of consent about the person of a conversation, at every address of theirs."""
    pairs = places_of(conversation)
    addresses = [address for _channel, address in pairs]
    standing = Standing(pairs)
    places = [
        Place(channel, address, [(purpose, standing.permission(channel, address, purpose)) for purpose in ASKED_FOR])
        for channel, address in pairs
    ]
    entries = ContactConsent.objects.filter(address__in=addresses).newest_first()[:MOST]
    stops = Suppression.objects.filter(address__in=addresses).select_related("by__user", "lifted_by__user")
    return Evidence(places, list(entries), list(stops.order_by("-created_at", "-pk")[:MOST]))


def places_to_stop(suppression):
    """The addresses at which nothing more may be sent once somebody's words were read: theirs, all that are known."""
    own = (suppression.channel, suppression.address)
    conversation = suppression.message.conversation if suppression.message else None
    return sorted({own, *(places_of(conversation) if conversation else ())})


def places_of(conversation):
    """Every channel and address at which the person of a conversation is reached, or was: sorted pairs."""
    pairs = {(row.channel, row.address) for row in conversation.addresses.all() if row.channel in ASKED_ON}
    person = conversation.person
    if person is not None:
        known = ((channel, address_of(person, channel)) for channel in (Channel.SMS, Channel.EMAIL, Channel.VOICE))
        pairs |= {(channel, address) for channel, address in known if address}
    elif conversation.unknown_channel in ASKED_ON:
        pairs.add((conversation.unknown_channel, conversation.unknown_address))
    return sorted((str(channel), address) for channel, address in pairs)


def as_plain(conversation, evidence):
    """The same as plain values, for a file that outlives this installation."""
    return plain(
        {
            "person": str(conversation),
            "conversation": str(conversation.pk),
            "consents": [
                {
                    "channel": row.channel,
                    "address": row.address,
                    "purpose": row.purpose,
                    "said": row.state,
                    "how": row.source,
                    "when": row.decided_at,
                    "wording": row.wording_text,
                    "wording_version": row.wording.version if row.wording else None,
                    "noted_by": row.by.display_name if row.by else "",
                    "message": row.message_id and str(row.message_id),
                    "proof": row.proof,
                    "stands": row.is_current,
                }
                for row in evidence.entries
            ],
            "stops": [
                {
                    "channel": row.channel,
                    "address": row.address,
                    "because": row.reason,
                    "detail": row.detail,
                    "since": row.created_at,
                    "lifted_at": row.lifted_at,
                    "lifted_by": row.lifted_by.display_name if row.lifted_by else "",
                }
                for row in evidence.stops
            ],
        }
    )
