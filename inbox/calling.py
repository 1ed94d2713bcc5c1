"""Calling somebody from a page: the member's own phone rings first, and whoever picks up is put through."""

from datetime import timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clinics.access import may
from clinics.live import publish
from inbox.addresses import address_of
from inbox.conversations import conversation_with
from inbox.models import Carrier, Channel, ChannelAccount, MessageKind, UnifiedMessage
from inbox.planning import plan_message
from inbox.rules import NoAccount, NobodyToWriteTo, NoPhoneOfYourOwn

OF_USE_FOR = timedelta(minutes=2)  # a phone that rings later would puzzle whoever pressed the button
SPOKE, NO_ANSWER = "SPOKE", "NO_ANSWER"


def calling_account():
    """The phone line by which calls are put through; None if the clinic has none that really calls."""
    lines = ChannelAccount.objects.on(Channel.VOICE).filter(carrier=Carrier.TWILIO, blocked_reason="")
    return lines.exclude(connection=None).first()


def put_through_to(member):
    """By what address a page puts a member through to a patient or lead: a function of the person, "" if it cannot.

    It can where the member may answer and has said their number, and the clinic has a line; asked once for a page.
    """
    if member is None or not (member.phone_e164 and may(member, "inbox:reply") and calling_account()):
        return lambda person: ""
    return _address_that_calls


def _address_that_calls(person):
    if not address_of(person, Channel.VOICE):
        return ""
    return reverse("inbox:patient_call" if hasattr(person, "segment") else "inbox:lead_call", args=[person.pk])


@transaction.atomic
def start_call(person, *, by, key):
    """Ring a member's phone and put them through to a patient or lead; returns the UnifiedMessage, the call's entry.

    The same `key` of a member twice rings once. Goes the way of every message, so that a number that wants no calls is
    not called. Records "inbox.message.planned". Raises NoAccount, NoPhoneOfYourOwn, NobodyToWriteTo.
    """
    account = calling_account()
    if account is None:
        raise NoAccount
    if not by.phone_e164:
        raise NoPhoneOfYourOwn
    number = address_of(person, Channel.VOICE)
    if not number:
        raise NobodyToWriteTo
    message = plan_message(
        conversation_with(person),
        channel=Channel.VOICE,
        text=_("Call"),
        by=by,
        dedupe_key=f"call {by.pk} {key}"[:200],
        account=account,
        address=number,
        expires_at=timezone.now() + OF_USE_FOR,
        undo_seconds=0,
    )
    if message.kind != MessageKind.CALL:
        message.kind, message.metadata = MessageKind.CALL, message.metadata | {"rings": by.phone_e164}
        message.save(update_fields=["kind", "metadata", "updated_at"])
    return message


@transaction.atomic
def note_outcome(message, outcome, seconds):
    """Write down whether somebody answered a call of ours, SPOKE or NO_ANSWER, and for how long they spoke."""
    message = UnifiedMessage.objects.select_for_update(of=("self",)).get(pk=message.pk)
    message.metadata = message.metadata | {"outcome": outcome}
    message.text = _("Call") if outcome == SPOKE else _("Call: nobody answered")
    message.duration_seconds = seconds if outcome == SPOKE else None
    message.save(update_fields=["metadata", "text", "duration_seconds", "updated_at"])
    publish(f"conversation-{message.conversation_id}")
    return message
