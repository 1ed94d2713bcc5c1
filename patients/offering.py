"""Offering a freed time to those who wait: to one on the phone, or in rounds, a few at a time, until somebody takes it.

An offer runs until a moment. Whoever accepts first is booked; the others learn that it is gone. When nobody of a round
takes it, the next in turn are asked, until the time is too near or nobody is left.
"""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from clinics.audit import SYSTEM, record
from clinics.live import publish
from clinics.public_tokens import new_token
from patients.attendance import cancel_appointment
from patients.freed_times import WAITLIST, close_time
from patients.models import CancellationReason, FreedTime, WaitlistEntry, WaitlistOffer, WaitlistStatus
from patients.rules import NoLongerWaiting, NothingToUndo, OfferIsOver, TimeIsGone
from patients.scheduling import book_appointment
from patients.waitlist import lock_waiting

State = WaitlistOffer.State
USUAL_MINUTES = 60
AGAIN = timedelta(minutes=15)  # so long an answer that was taken back may be given anew


@transaction.atomic
def offer_time(freed, entry, *, by, minutes=USUAL_MINUTES):
    """Ask somebody who waits whether they take a freed time; returns the WaitlistOffer, open for so many minutes.

    Records "patients.waitlist.offered". Raises TimeIsGone, NoLongerWaiting.
    """
    freed = lock_freed(freed)
    return _offer(freed, lock_waiting(entry), minutes=minutes, by=by)


@transaction.atomic
def offer_in_rounds(freed, *, size, minutes, by):
    """Ask the next `size` whom a freed time fits, and go on asking until one takes it; returns the first offers.

    Each has `minutes` to answer. Records what offer_time records. Raises TimeIsGone.
    """
    freed = lock_freed(freed)
    freed.round_size, freed.answer_minutes = size, minutes
    freed.save(update_fields=["round_size", "answer_minutes", "updated_at"])
    return _next_round(freed, by=by)


@transaction.atomic
def stop_rounds(freed, *, by):
    """Ask nobody else, and tell whoever has not answered that the time is gone; it stays free.

    Records "patients.waitlist.withdrawn" for each.
    """
    freed = FreedTime.objects.for_list().select_for_update(of=("self",)).get(pk=freed.pk)
    if freed.closed_at is None:
        close_time(freed, by=by)
        freed.closed_at = None
        freed.save(update_fields=["closed_at", "updated_at"])
    return freed


@transaction.atomic
def accept_offer(offer, *, by):
    """They take it: booked in the freed time, off the list, and everybody else learns that it is gone; the offer.

    Records "patients.waitlist.booked" and what booking records. Raises NoLongerWaiting, TimeIsGone, and what booking
    raises.
    """
    freed, offer = lock_freed(offer.freed), lock_offer(offer)
    if not offer.is_open:
        raise NoLongerWaiting
    entry = lock_waiting(offer.entry)
    entry.appointment = book_appointment(_booking(entry, freed) | _told(offer), by=by)
    entry.status = WaitlistStatus.BOOKED
    entry.save(update_fields=["appointment", "status", "updated_at"])
    _answer(offer, State.ACCEPTED)
    close_time(freed, by=by, accepted=offer)
    offer.entry = entry
    record("patients.waitlist.booked", entry, by=by, after={"appointment": str(entry.appointment.pk)})
    return offer


@transaction.atomic
def accept_by_visitor(offer):
    """They take it by the address that they were sent; returns the offer. Whoever is first has it.

    Records what accept_offer records. Raises OfferIsOver beyond its time, and what accept_offer raises.
    """
    if offer.is_open and offer.is_over:
        raise OfferIsOver
    return accept_offer(offer, by=SYSTEM)


@transaction.atomic
def ask_later(offer, *, until, channel):
    """Note by which channel somebody is asked, who has until a moment to answer; returns the offer as it stands.

    One that was answered meanwhile stays as it is.
    """
    offer = WaitlistOffer.objects.select_related("freed").select_for_update(of=("self",)).get(pk=offer.pk)
    if offer.is_open:
        offer.asked_by, offer.offered_until = channel, min(until, offer.freed.starts_at)
        offer.save(update_fields=["asked_by", "offered_until", "updated_at"])
        publish(WAITLIST)
    return offer


@transaction.atomic
def decline_offer(offer, *, by):
    """They said no and wait for another time; of a round in which nobody is left to answer, the next begins.

    Records "patients.waitlist.refused". Raises NoLongerWaiting if it was answered already.
    """
    freed = FreedTime.objects.for_list().select_for_update(of=("self",)).get(pk=offer.freed_id)
    offer = lock_offer(offer)
    if not offer.is_open:
        raise NoLongerWaiting
    _answer(offer, State.DECLINED)
    record("patients.waitlist.refused", offer.entry, by=by, after={"freed": str(offer.freed_id)})
    _go_on(freed, by=by)
    publish(WAITLIST)
    return offer


@transaction.atomic
def take_back_answer(offer, *, by):
    """Put an offer back to before its answer: one who was booked waits again, and the time is free; returns it.

    Records "patients.waitlist.answer_undone". Raises NothingToUndo, TimeIsGone.
    """
    freed = FreedTime.objects.for_list().select_for_update(of=("self",)).get(pk=offer.freed_id)
    offer = lock_offer(offer)
    if offer.state not in (State.ACCEPTED, State.DECLINED, State.EXPIRED):
        raise NothingToUndo
    if offer.state == State.ACCEPTED:
        _unbook(offer, freed, by=by)
    elif not FreedTime.objects.open().still_free().filter(pk=freed.pk).exists():
        raise TimeIsGone
    offer.state, offer.answered_at = State.OFFERED, None
    offer.offered_until = min(max(offer.offered_until, timezone.now() + AGAIN), freed.starts_at)
    offer.save(update_fields=["state", "answered_at", "offered_until", "updated_at"])
    record("patients.waitlist.answer_undone", offer.entry, by=by, after={"freed": str(freed.pk)})
    publish(WAITLIST)
    return offer


def _unbook(offer, freed, *, by):
    entry = WaitlistEntry.objects.for_list().select_for_update(of=("self",)).get(pk=offer.entry_id)
    if entry.appointment is None or not entry.appointment.is_open or freed.starts_at <= timezone.now():
        raise NothingToUndo
    cancelled = cancel_appointment(entry.appointment, reason=CancellationReason.MISTAKE, by=by)
    if cancelled.freed is not None:
        cancelled.freed.delete()  # it is the same time that was offered before
    entry.appointment, entry.status = None, WaitlistStatus.WAITING
    entry.save(update_fields=["appointment", "status", "updated_at"])
    freed.closed_at = None
    freed.save(update_fields=["closed_at", "updated_at"])


@transaction.atomic
def advance_offers(moment):
    """Let the offers run out whose time is over, and ask the next in turn; returns how many ran out.

    Records "patients.waitlist.expired" for each. What is free no longer is offered no further.
    """
    expired = list(WaitlistOffer.objects.overdue(moment).select_for_update(of=("self",), skip_locked=True)[:200])
    for offer in expired:
        _answer(offer, State.EXPIRED)
        record("patients.waitlist.expired", offer.entry, by=SYSTEM, after={"freed": str(offer.freed_id)})
    going = FreedTime.objects.in_rounds().filter(closed_at=None).select_for_update(of=("self",), skip_locked=True)
    for freed in going.for_list():
        _go_on(freed, by=SYSTEM)
    if expired:
        publish(WAITLIST)
    return len(expired)


def lock_freed(freed):
    """The freed time, locked. Raises TimeIsGone if it was taken, is too near, or was given to somebody else."""
    rows = FreedTime.objects.for_list().select_for_update(of=("self",))
    row = rows.get(pk=freed.pk)
    if not FreedTime.objects.open().still_free().filter(pk=row.pk).exists():
        raise TimeIsGone
    return row


def lock_offer(offer):
    return WaitlistOffer.objects.select_related("entry").select_for_update(of=("self",)).get(pk=offer.pk)


def _go_on(freed, *, by):
    """Begin the next round of a locked freed time if nobody of the last one is left to answer."""
    if not freed.round_size or freed.offers.open().exists():
        return
    if FreedTime.objects.open().still_free().filter(pk=freed.pk).exists():
        _next_round(freed, by=by)
    else:
        close_time(freed, by=by)


def _next_round(freed, *, by):
    asked = WaitlistEntry.objects.fitting(freed).not_asked_about(freed).select_for_update(of=("self",))
    by_message = {"minutes": freed.answer_minutes, "is_by_message": True}
    offers = [_offer(freed, entry, **by_message, by=by) for entry in asked[: freed.round_size]]
    if not offers:  # nobody is left to ask: it waits for whoever joins the list, or for the desk
        freed.round_size = 0
        freed.save(update_fields=["round_size", "updated_at"])
    return offers


def _offer(freed, entry, *, minutes, by, is_by_message=False):
    until = min(timezone.now() + timedelta(minutes=minutes), freed.starts_at)
    fresh = {"state": State.OFFERED, "offered_until": until, "answered_at": None, "created_by": by}
    fresh |= {
        "offered_at": timezone.now(),
        "asked_by": "",
        "token": new_token(freed.clinic_id) if is_by_message else "",
    }
    offer, _is_new = WaitlistOffer.objects.update_or_create(entry=entry, freed=freed, defaults=fresh)
    record(
        "patients.waitlist.offered",
        entry,
        by=by,
        after={"freed": str(freed.pk), "until": until, "offer": str(offer.pk)},
    )
    publish(WAITLIST)
    return offer


def _answer(offer, state):
    offer.state, offer.answered_at = state, timezone.now()
    offer.save(update_fields=["state", "answered_at", "updated_at"])


def _told(offer):
    """Whoever was asked by a message is told by one what they have taken, with the page where they change it."""
    return {"wants_mail": True, "visitor_token": new_token(offer.clinic_id)} if offer.token else {}


def _booking(entry, freed):
    """What book_appointment takes for somebody who waited; another room is found where that of the time will not do."""
    kind = entry.type or freed.type
    is_fit = kind is None or freed.room is None or kind.room_kind_id in (None, freed.room.kind_id)
    return {
        "patient": entry.patient,
        "contact_name": "" if entry.patient else entry.contact_name,
        "contact_phone": "" if entry.patient else entry.contact_phone,
        "starts_at": freed.starts_at,
        "duration_minutes": entry.type.duration_minutes if entry.type else freed.duration_minutes,
        "type": kind,
        "provider": freed.provider,
        "room": freed.room if is_fit else None,
        "location": freed.location,
        "notes": entry.note,
    }
