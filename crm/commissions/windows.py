"""Which month something counts in: that of its day, or, told after that one was locked, that in which it was told."""

from datetime import datetime, time

from django.db.models import Q
from django.utils import timezone

from crm.figures.cohort import end_of_month, months_earlier
from crm.models import CommissionMonth


def told_for(month, on_days):
    """What counts in a month; `on_days` is a function from two days to the Q of what happened between them."""
    locks = {lock.month: lock.locked_at for lock in CommissionMonth.objects.filter(month__lte=month)}
    own = on_days(month, end_of_month(month))
    if month in locks:
        own &= Q(created_at__lte=locks.pop(month))
    start, end = midnight(month), midnight(months_earlier(month, -1))
    for first, locked_at in locks.items():
        since = max(locked_at, start)
        own |= on_days(first, end_of_month(first)) & Q(created_at__gt=since, created_at__lt=end)
    return own


def midnight(day):
    return timezone.make_aware(datetime.combine(day, time.min))
