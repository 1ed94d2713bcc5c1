"""The books of a clinic: whoever closes a part of them waits until payments on their way are written down, and the next
ones wait for the close. So what was written before a close is in it, and what comes after it has a later time.
"""

from django.db import connection

from clinics.models.base import current_clinic_id

BESIDE_OTHERS = "SELECT pg_advisory_xact_lock_shared(hashtextextended('books ' || %s, 0))"
ALONE = "SELECT pg_advisory_xact_lock(hashtextextended('books ' || %s, 0))"


def write_in_books():
    """Write money down in this transaction, beside others; before any row is locked, or the close could wait for it."""
    with connection.cursor() as cursor:
        cursor.execute(BESIDE_OTHERS, [str(current_clinic_id())])


def close_books():
    """Have the books alone until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(ALONE, [str(current_clinic_id())])
