"""A provider's appointments for the calendar on their phone: one secret address, read only, without health data.

The secret is derived from the provider and the server's key, so that the address can be shown again; the database
keeps its digest. Issuing it anew makes another, and the former address dies.
"""

import hashlib
from datetime import timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from icalendar import Calendar

from clinics.audit import record
from clinics.mail import absolute
from patients.calendar_files import event_of
from patients.models import Appointment, Provider

PAST, COMING = timedelta(days=30), timedelta(days=180)


@transaction.atomic
def issue_feed(provider, *, by):
    """Give a provider a new secret address; the former one dies. Records "patients.provider.feed_issued"."""
    provider = Provider.objects.select_for_update().get(pk=provider.pk)
    provider.feed_issued_at = timezone.now()
    provider.feed_digest = digest(_secret(provider))
    provider.save(update_fields=["feed_issued_at", "feed_digest", "updated_at"])
    record("patients.provider.feed_issued", provider, by=by)
    return provider


@transaction.atomic
def withdraw_feed(provider, *, by):
    """Make a provider's address useless. Records "patients.provider.feed_withdrawn"."""
    provider = Provider.objects.select_for_update().get(pk=provider.pk)
    provider.feed_issued_at, provider.feed_digest = None, ""
    provider.save(update_fields=["feed_issued_at", "feed_digest", "updated_at"])
    record("patients.provider.feed_withdrawn", provider, by=by)
    return provider


def feed_address(provider):
    """The address to put into a calendar; None before one was issued, or if the server's key has changed since."""
    if not provider.feed_issued_at or not constant_time_compare(digest(_secret(provider)), provider.feed_digest):
        return None
    return absolute(reverse("patients:provider_feed", args=[provider.clinic_id, _secret(provider)]))


def provider_of(token):
    """The provider whose secret this is, in the clinic at hand; None if it is nobody's any more."""
    return Provider.objects.working().filter(feed_digest=digest(token)).exclude(feed_digest="").first()


def digest(token):
    return hashlib.sha256(token.encode()).hexdigest()


def _secret(provider):
    moment = provider.feed_issued_at.timestamp()
    return salted_hmac("patients.feed", f"{provider.pk}:{moment:.6f}", algorithm="sha256").hexdigest()


def feed_of(provider, now):
    """The iCalendar file of a provider: initials and type of each appointment, never a full name or a note."""
    calendar = Calendar()
    calendar.add("prodid", "-//Recare//Schedule//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", f"{provider.name}, {provider.clinic.name}")
    rows = Appointment.objects.with_provider(provider).filter(starts_at__range=(now - PAST, now + COMING))
    for appointment in rows.for_list().in_order():
        event = event_of(appointment)
        what = appointment.type.name if appointment.type else ""
        event.add("summary", " ".join(filter(None, [_initials(appointment.who), what])))
        if appointment.location:
            event.add("location", appointment.location.name)
        calendar.add_component(event)
    return calendar.to_ical()


def _initials(name):
    return " ".join(f"{word[0]}." for word in name.split() if word[0].isalpha())
