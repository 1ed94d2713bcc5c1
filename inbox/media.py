"""Fetching what came with a message from where its carrier keeps it: checked, cleaned, and stored like a document.

Only hosts of carriers are called, at the address that was looked up and looked at; credentials go to the carrier's own
host alone, never along with a redirect.
"""

import base64
import hashlib
from datetime import timedelta

import httpx
from django.conf import settings
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from clinics.documents.reading import MOST_BYTES, keep_file, safe_name
from clinics.documents.rules import EmptyFile, FileRefused, TooLarge
from clinics.live import publish
from clinics.models import WebhookLog
from clinics.tenancy import clinic_scope
from inbox.media_kinds import kind_of_media
from inbox.models import Carrier, MessageAttachment
from patients.emr.addresses import PinnedTransport, same_origin
from patients.emr.errors import EmrError

TIMEOUT = httpx.Timeout(30.0, connect=10.0)  # seconds
REDIRECTS = 3
PATIENCE_BEFORE_SWEEP, GIVEN_UP_AFTER = timedelta(minutes=3), timedelta(days=1)
HOSTS = (
    "api.twilio.com", ".twiliocdn.com", "s3-external-1.amazonaws.com", "s3.amazonaws.com", "lookaside.fbsbx.com",
    ".fbcdn.net", ".cdninstagram.com", ".fbsbx.com",
)  # fmt: skip
FROM_EVENT = "webhook:"


class NotFetched(Exception):
    """It cannot be had, and asking again does not help; the text says why."""


class AwayForNow(Exception):
    """The carrier did not answer, or not yet: it is asked again."""


def fetch_media(clinic, message_id):
    """Fetch every file of a message that is not here yet. Raises AwayForNow if one must be asked for again."""
    with clinic_scope(clinic):
        waiting = MessageAttachment.objects.waiting().filter(message=message_id)
        attachments = list(waiting.select_related("message__account"))
    trouble = None
    for attachment in attachments:
        try:
            _fetch(clinic, attachment)
        except AwayForNow as error:
            trouble = error
    if trouble is not None:
        raise trouble


def give_up_media(clinic, message_id):
    """Say of what could not be fetched, after every try, that it could not be."""
    with clinic_scope(clinic):
        waiting = MessageAttachment.objects.waiting().filter(message=message_id)
        for attachment in waiting.select_related("message"):
            _note(attachment, fetch_error=_("The carrier did not hand this file over."))


def _fetch(clinic, attachment):
    try:
        name, content_type, content = _content_of(clinic, attachment)
        name, kind = kind_of_media(safe_name(name), content_type)
        content = kind.clean(content)
    except (NotFetched, FileRefused) as error:
        with clinic_scope(clinic):
            _note(attachment, fetch_error=str(error)[:200])
        return
    stored_as = keep_file(clinic.pk, content)
    with clinic_scope(clinic):
        digest = hashlib.sha256(content).hexdigest()
        facts = {"name": name, "content_type": kind.content_type, "size_bytes": len(content), "digest": digest}
        is_ours = _note(attachment, stored_as=stored_as, fetch_error="", **facts)
    if not is_ours:  # another worker was quicker
        default_storage.delete(stored_as)


def _note(attachment, **facts):
    changed = MessageAttachment.objects.waiting().filter(pk=attachment.pk).update(**facts)
    publish(f"conversation-{attachment.message.conversation_id}")
    return changed


def _content_of(clinic, attachment):
    """(name, type, bytes) of a file, from the event that it came with or from its carrier."""
    if attachment.source_url.startswith(FROM_EVENT):
        with clinic_scope(clinic):
            return _from_event(attachment)
    content, content_type = _from_carrier(attachment)
    if not content:
        raise EmptyFile
    return attachment.name, content_type or attachment.content_type, content


def _from_event(attachment):
    _word, event_id, place = attachment.source_url.split(":")
    event = WebhookLog.objects.filter(pk=event_id).first()
    said = (event.payload or {}) if event else {}
    files = (said.get("mail") or said).get("files") or []
    if int(place) >= len(files):
        raise NotFetched(_("What was sent is no longer kept."))
    file = files[int(place)]
    content = base64.b64decode(file["content"])
    if not content:
        raise TooLarge
    return file["name"], file["content_type"], content


def _from_carrier(attachment):
    account, url = attachment.message.account, attachment.source_url
    start = url
    with httpx.Client(transport=PinnedTransport(hosts=HOSTS), timeout=TIMEOUT) as line:
        for _hop in range(REDIRECTS + 1):
            auth = _auth_of(account) if same_origin(url, start) and _is_of_carrier(url) else None
            try:
                with line.stream("GET", url, auth=auth) as answer:
                    if answer.is_redirect:
                        url = str(httpx.URL(url).join(answer.headers.get("Location", "")))
                        continue
                    return _read(answer), answer.headers.get("Content-Type", "")
            except EmrError as error:
                raise NotFetched(_("The address of the file is not one of the carrier.")) from error
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                raise AwayForNow(type(error).__name__) from None
    raise NotFetched(_("The carrier sent us from one address to the next."))


def _is_of_carrier(url):
    return same_origin(url, "https://api.twilio.com/") or same_origin(url, settings.TWILIO_API_URL)


def _auth_of(account):
    if account is None or account.carrier != Carrier.TWILIO:
        return None
    return account.credentials.get("account_sid", ""), account.credentials.get("auth_token", "")


def _read(answer):
    if answer.status_code in (401, 403, 404, 410):
        raise NotFetched(_("The carrier does not hand this file over (%s).") % answer.status_code)
    if not answer.is_success:
        raise AwayForNow(f"HTTP {answer.status_code}")
    parts, size = [], 0
    for part in answer.iter_bytes():
        size += len(part)
        if size > MOST_BYTES:
            raise TooLarge
        parts.append(part)
    return b"".join(parts)
