"""What somebody chooses to be sent, on a page that opens by the link in each message, without a login."""

import base64
import binascii
import uuid
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from clinics.models import Clinic
from clinics.tenancy import clinic_scope
from inbox.consent import ASKED_FOR, Said, note_consent, opt_out
from inbox.models import (
    Channel,
    ConsentSource,
    ConsentState,
    ContactConsent,
    Purpose,
    Suppression,
    SuppressionReason,
    UnifiedMessage,
)

SALT = "inbox.preferences"
CHOSEN_ON = (Channel.SMS, Channel.WHATSAPP, Channel.EMAIL)


def token_of(message):
    """The secret in the link of one message: it names clinic and message, proves that we wrote it, tells nothing."""
    named = base64.urlsafe_b64encode(message.clinic_id.bytes + message.pk.bytes).rstrip(b"=").decode()
    return signing.Signer(salt=SALT, sep=".").sign(named)


def preferences_url(message):
    """The page at which the receiver of a message chooses what they are sent."""
    return settings.BASE_URL.rstrip("/") + reverse("inbox:public_preferences", args=[token_of(message)])


def one_click_url(message):
    """Where a mail program posts when its reader presses "unsubscribe" (RFC 8058)."""
    return settings.BASE_URL.rstrip("/") + reverse("inbox:public_unsubscribe", args=[token_of(message)])


@contextmanager
def open_preferences(token):
    """Open the clinic of a link and yield the message that it came with. Raises Http404 for any other token alike."""
    try:
        named = signing.Signer(salt=SALT, sep=".").unsign(token)
        both = base64.b64decode(named + "=" * (-len(named) % 4), altchars=b"-_", validate=True)
        clinic_id, message_id = uuid.UUID(bytes=both[:16]), uuid.UUID(bytes=both[16:])
    except (signing.BadSignature, binascii.Error, ValueError):
        raise Http404 from None
    clinic = Clinic.objects.filter(pk=clinic_id, is_active=True).first()
    if clinic is None:
        raise Http404
    with clinic_scope(clinic), timezone.override(clinic.zone):
        messages = UnifiedMessage.objects.outbound().select_related("conversation__location")
        message = messages.filter(pk=message_id).first()
        if message is None:
            raise Http404
        yield message


@dataclass(frozen=True)
class Choice:
    """One cell of the page: whether messages of a purpose go to an address; `is_fixed` where they want nothing."""

    channel: str
    address: str
    purpose: str
    is_on: bool
    is_fixed: bool = False

    @property
    def name(self):
        """The name of its checkbox; no address stands in the page in full."""
        return f"{self.purpose}-{self.channel}-{uuid.uuid5(uuid.NAMESPACE_OID, self.address).hex[:12]}"


def choices_of(message):
    """What the receiver of a message may choose: [(purpose, [Choice, one for each of their addresses])]."""
    held = message.conversation.addresses.filter(channel__in=CHOSEN_ON).order_by("channel", "created_at")
    places = dict.fromkeys((row.channel, row.address) for row in held)
    if message.channel in CHOSEN_ON:
        places.setdefault((message.channel, message.address))
    addresses = [address for _channel, address in places]
    standing = ContactConsent.objects.standing().filter(address__in=addresses)
    said = {(row.channel, row.address, row.purpose): row.state for row in standing}
    stops = Suppression.objects.standing().filter(address__in=addresses, reason=SuppressionReason.STOP)
    stopped = set(stops.values_list("channel", "address"))
    return [
        (purpose, [_choice(channel, address, purpose, said, stopped) for channel, address in sorted(places)])
        for purpose in ASKED_FOR
    ]


def _choice(channel, address, purpose, said, stopped):
    state, is_stopped = said.get((channel, address, purpose)), (channel, address) in stopped
    is_on = state == ConsentState.OPTED_IN or (state is None and purpose == Purpose.CARE)
    return Choice(channel, address, purpose, is_on and not is_stopped, is_stopped)


@transaction.atomic
def choose(message, chosen, *, proof):
    """Write down what the receiver of a message chose: `chosen` are the names of the cells that are on.

    Only what differs from before is a new word of theirs. Records "inbox.consent.decided" for each.
    """
    for _purpose, cells in choices_of(message):
        for cell in cells:
            if cell.is_fixed or (cell.name in chosen) == cell.is_on:
                continue
            state = ConsentState.OPTED_IN if cell.name in chosen else ConsentState.OPTED_OUT
            _note(message, cell, state, ConsentSource.PREFERENCES, proof)


@transaction.atomic
def choose_nothing(message, *, proof):
    """End news and offers on every address of theirs; what is about their own appointments still comes."""
    for purpose, cells in choices_of(message):
        for cell in cells:
            if purpose == Purpose.NEWS:
                _note(message, cell, ConsentState.OPTED_OUT, ConsentSource.PREFERENCES, proof)


@transaction.atomic
def choose_silence(message, *, proof):
    """End everything on every address of theirs, also what is about their appointments; they may still be called."""
    for channel, address in {(cell.channel, cell.address) for _purpose, cells in choices_of(message) for cell in cells}:
        opt_out(channel, address, source=ConsentSource.PREFERENCES, message=message, proof=proof)


@transaction.atomic
def unsubscribe(message, *, proof):
    """End what a message was about at the address that it went to, by one click in a mail program."""
    purpose = message.purpose if message.purpose in ASKED_FOR else Purpose.NEWS
    cell = Choice(message.channel, message.address, purpose, True)
    _note(message, cell, ConsentState.OPTED_OUT, ConsentSource.ONE_CLICK, proof)


def evidence_of(message):
    """The last word about each of the addresses and purposes, for "why do I get these?"."""
    addresses = {cell.address for _purpose, cells in choices_of(message) for cell in cells}
    return list(ContactConsent.objects.standing().filter(address__in=addresses).newest_first()[:20])


def _note(message, cell, state, source, proof):
    said = Said(cell.channel, cell.address, cell.purpose, state, source, message=message, proof=proof)
    note_consent(said, by=None)
