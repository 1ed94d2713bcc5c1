"""The words under which people agree: each change is a new version, and the old ones stay as they were agreed to."""

from django.db import connection, transaction
from django.db.models import Max

from clinics.audit import record
from inbox.models import ConsentWording
from inbox.rules import NothingToSay


@transaction.atomic
def write_wording(purpose, language, text, *, by):
    """Say with which words people agree to a purpose from now on; returns the ConsentWording.

    The same words as before are the same version. Records "inbox.wording.written". Raises NothingToSay.
    """
    text = text.strip()
    if not text:
        raise NothingToSay
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"wording {purpose} {language}"])
    versions = ConsentWording.objects.filter(purpose=purpose, language=language)
    current = versions.order_by("-version").first()
    if current is not None and current.text == text:
        return current
    last = versions.aggregate(last=Max("version"))["last"] or 0
    wording = ConsentWording.objects.create(purpose=purpose, language=language, version=last + 1, text=text)
    record("inbox.wording.written", wording, by=by, after={"purpose": purpose, "version": wording.version})
    return wording
