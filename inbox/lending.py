"""Lending the files of our messages to carriers, who fetch them: by an address that is signed and soon ends."""

import base64
import binascii
import uuid
from contextlib import contextmanager
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.core.files.storage import default_storage
from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from clinics.models import Clinic
from clinics.tenancy import clinic_scope
from inbox.models import Direction, MessageAttachment

SALT = "inbox.file"
LENT_FOR = timedelta(days=8)  # Messenger and Instagram hand the address on to people, who open it when they please
PACKED = 36  # bytes: the ids of clinic and file, and the day (UTC) on which the address ends


def media_url(attachment):
    """Where a carrier fetches a file of a message; the same all day, so that a second try says the same."""
    ends = (timezone.now() + LENT_FOR).date().toordinal()
    packed = attachment.clinic_id.bytes + attachment.pk.bytes + ends.to_bytes(4, "big")
    named = base64.urlsafe_b64encode(packed).decode()
    token = signing.Signer(salt=SALT, sep=".").sign(named)
    return settings.BASE_URL.rstrip("/") + reverse("inbox:public_file", args=[token])


@contextmanager
def open_lent(token):
    """Yield (the MessageAttachment, its open file) of a token.

    Raises Http404 alike for what we never signed, what has ended, and what is not kept any more.
    """
    clinic_id, file_id = _read(token)
    if not Clinic.objects.filter(pk=clinic_id, is_active=True).exists():
        raise Http404
    with clinic_scope(clinic_id):
        files = MessageAttachment.objects.present().filter(message__direction=Direction.OUTBOUND)
        attachment = files.exclude(stored_as="").filter(pk=file_id).first()
        if attachment is None or not default_storage.exists(attachment.stored_as):
            raise Http404
        yield attachment, default_storage.open(attachment.stored_as)


def _read(token):
    try:
        packed = base64.b64decode(signing.Signer(salt=SALT, sep=".").unsign(token), altchars=b"-_", validate=True)
    except (signing.BadSignature, binascii.Error, ValueError):
        raise Http404 from None
    if len(packed) != PACKED or int.from_bytes(packed[32:], "big") < timezone.now().date().toordinal():
        raise Http404
    return uuid.UUID(bytes=packed[:16]), uuid.UUID(bytes=packed[16:32])
