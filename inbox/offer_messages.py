"""Asking those who wait for a sooner time, by a message with the address at which they take it: whoever is first."""

from contextlib import suppress
from datetime import timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from clinics.audit import SYSTEM
from clinics.mail import absolute
from inbox.addresses import normal_address
from inbox.conversations import conversation_at, conversation_with
from inbox.models import Channel, InboxSettings, Purpose, UnifiedMessage
from inbox.planning import WAITING, cancel_message, plan_message
from inbox.quiet_hours import next_loud, zones_of
from inbox.reaching import account_for, best_way, prefers_text
from inbox.rules import AlreadyGone, NoAccount, NobodyToWriteTo
from patients.models import WaitlistOffer
from patients.offering import ask_later
from patients.working_time import zone_of


@transaction.atomic
def ask_waiting(offer_id):
    """Ask somebody whether they take a freed time; returns the UnifiedMessage.

    At night they are asked in the morning, and have their minutes from then on. None for one who is asked on the phone,
    has answered, or cannot be reached by a message: the front desk sees that nobody has asked them.
    """
    offer = WaitlistOffer.objects.select_related("clinic", "entry__patient", "freed__location", "freed__provider")
    offer = offer.filter(pk=offer_id).first()
    if offer is None or not offer.token or not offer.is_open or offer.freed.closed_at:
        return None
    entry, freed = offer.entry, offer.freed
    patient = entry.patient
    number = entry.reached_at
    with suppress(NobodyToWriteTo, NoAccount):
        way = best_way(
            phone=number, email=patient.email if patient else "", likes_texts=not patient or prefers_text(patient)
        )
        conversation = (
            conversation_with(patient, rests=True)
            if patient
            else conversation_at(way.channel, way.address, display_name=entry.contact_name)
        )
        account = account_for(conversation, way.channel)
        starts = _morning(offer, way)
        key = key_of(offer)
        offer = ask_later(offer, until=starts + timedelta(minutes=freed.answer_minutes), channel=way.channel)
        with translation.override((patient.preferred_language if patient else "") or offer.clinic.language):
            return plan_message(
                conversation,
                channel=way.channel,
                text=words_of(offer),
                subject=_("%(clinic)s: a sooner time is free") % {"clinic": offer.clinic.name}
                if way.channel == Channel.EMAIL
                else "",
                by=SYSTEM,
                dedupe_key=key,
                purpose=Purpose.CARE,
                account=account,
                address=way.address,
                not_before=starts,
                expires_at=offer.offered_until,
                is_automatic=True,
            )
    return None


def words_of(offer):
    """When and with whom, until when they may answer, and where; never what for."""
    freed = offer.freed
    start, until = freed.local_start, offer.local_until
    said = {
        "clinic": offer.clinic.name,
        "when": f"{date_format(start, _('l, F j'))}, {date_format(start, 'TIME_FORMAT')}".rstrip("."),
        "until": f"{date_format(until, _('l'))} {date_format(until, 'TIME_FORMAT')}",
        "url": absolute(reverse("crm:offer_visit", args=[offer.token])),
    }
    return _("%(clinic)s: a time is free: %(when)s. Whoever answers first has it, until %(until)s: %(url)s") % said


def take_back_question(entry_id, freed_id):
    """Take back the question of a time that is gone, if it has not gone out; returns the message, or None."""
    offer = WaitlistOffer.objects.filter(entry=entry_id, freed=freed_id).first()
    if offer is None or offer.is_open:
        return None
    message = UnifiedMessage.objects.filter(dedupe_key=key_of(offer), status__in=WAITING).first()
    if message is not None:
        with suppress(AlreadyGone):
            return cancel_message(message, by=SYSTEM)
    return None


def key_of(offer):
    """The intent of a question: asked again of the same time, it is another one."""
    return f"offer {offer.pk} {offer.offered_at.isoformat()}"


def _morning(offer, way):
    """When they may be asked: now, or when the night is over for them. A letter wakes nobody."""
    now, rules = timezone.now(), InboxSettings.objects.first() or InboxSettings()
    if way.channel == Channel.EMAIL:
        return now
    zones = zones_of(normal_address(way.channel, way.address), zone_of(offer.freed.location, offer.clinic))
    return next_loud(now, zones, rules.quiet_from, rules.quiet_until)
