"""Which numbers do not reach who they should: said by a call, taken back by a better one."""

from django.utils import timezone

from crm.models import CallOutcome, ContactPoint

SAYS_IT_IS_WRONG = {CallOutcome.WRONG_NUMBER}
SAYS_IT_IS_RIGHT = {CallOutcome.SPOKE}


def learn_from_call(number, outcome):
    """Mark the contact point of an E.164 number as wrong, or as right again, by what came of a call to it.

    Returns whether that changed anything.
    """
    points = ContactPoint.objects.filter(kind=ContactPoint.Kind.PHONE, value=number)
    if not number:
        return False
    if outcome in SAYS_IT_IS_WRONG:
        return points.filter(wrong_since=None).update(wrong_since=timezone.now()) > 0
    if outcome in SAYS_IT_IS_RIGHT:
        return points.filter(wrong_since__isnull=False).update(wrong_since=None) > 0
    return False


def wrong_among(numbers):
    """Those of some E.164 numbers that reached somebody else when they were called last; a set."""
    points = ContactPoint.objects.filter(kind=ContactPoint.Kind.PHONE, value__in=numbers, wrong_since__isnull=False)
    return set(points.values_list("value", flat=True))


def forget_call(number, outcome):
    """Take back what learn_from_call learnt from a call that was not one."""
    points = ContactPoint.objects.filter(kind=ContactPoint.Kind.PHONE, value=number)
    if outcome in SAYS_IT_IS_WRONG:
        points.update(wrong_since=None)
    if outcome in SAYS_IT_IS_RIGHT:
        points.update(wrong_since=timezone.now())
