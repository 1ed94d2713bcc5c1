"""Telling a member of staff something in the app: the bell, its count, and the list behind it."""

from django.db import transaction
from django.utils import timezone

from clinics.live import publish
from clinics.models import StaffNotification


def notify(member, kind, text, *, url=""):
    """Leave a notice for one member; their bell shows it at once. Returns the notice."""
    notice = StaffNotification.objects.create(member=member, kind=kind, text=text[:255], url=url)
    publish(f"bell-{member.pk}")
    return notice


@transaction.atomic
def read_notifications(member, *, upto=None):
    """Mark a member's notices as read, all of them or one; returns how many were new."""
    notices = StaffNotification.objects.of(member).unread()
    if upto is not None:
        notices = notices.filter(pk=upto)
    count = notices.order_by().update(read_at=timezone.now())
    publish(f"bell-{member.pk}")
    return count
