"""Times that were given up: kept as long as they are ahead, so that they can be offered to those who wait."""

from django.utils import timezone

from clinics.audit import SYSTEM, record
from clinics.live import publish
from patients.models import FreedTime, WaitlistOffer

WAITLIST = "waitlist"  # the topic of the waiting list and of freed times
PLACE = ("provider", "room", "type", "location")


def release_time(former, *, by):
    """Note that the time of an appointment, as `former` stood, is free again; returns the FreedTime.

    None for a time that is over, or of nobody in particular. Records "patients.time.freed". Runs in the transaction of
    what gave it up.
    """
    if former.starts_at <= timezone.now() or former.provider_id is None:
        return None
    place = {name: getattr(former, name) for name in PLACE}
    freed = FreedTime.objects.create(
        starts_at=former.starts_at, ends_at=former.ends_at, appointment_id=former.pk, **place
    )
    record("patients.time.freed", freed, by=by, after={"starts_at": freed.starts_at, "appointment": str(former.pk)})
    publish(WAITLIST)
    return freed


def take_back_time(appointment):
    """The time of an appointment is its own again: what was offered of it is gone."""
    for freed in FreedTime.objects.open().filter(appointment=appointment).select_for_update(of=("self",)):
        close_time(freed, by=SYSTEM)


def close_time(freed, *, by, accepted=None):
    """End the offering of a locked FreedTime; whoever was asked and has not answered is told that it is gone."""
    freed.closed_at, freed.round_size = timezone.now(), 0
    freed.save(update_fields=["closed_at", "round_size", "updated_at"])
    for offer in freed.offers.open().exclude(pk=getattr(accepted, "pk", None)).select_related("entry"):
        offer.state, offer.answered_at = WaitlistOffer.State.WITHDRAWN, timezone.now()
        offer.save(update_fields=["state", "answered_at", "updated_at"])
        record("patients.waitlist.withdrawn", offer.entry, by=by, after={"freed": str(freed.pk)})
    publish(WAITLIST)
