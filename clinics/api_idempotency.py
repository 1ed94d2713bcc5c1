"""The same request twice, one effect: what was answered to an idempotency key is kept for a day and told again.

The key is written down in the transaction of the request itself. Whoever sends the same key at the same moment waits
at its unique index until that transaction has ended, and then finds its answer, or, if it was taken back, begins anew.
Refused requests changed nothing and are not kept: mend them and use the key again.
"""

import hashlib
import json
from datetime import timedelta

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from clinics.api_problems import Problem
from clinics.models import KeptAnswer

HEADER = "Idempotency-Key"
KEPT_FOR = timedelta(hours=24)
LONGEST = 255
KEPT_HEADERS = ("Content-Type", "Location", "ETag")


def find_answer(request):
    """The answer that this key was given before, or None if the request is to be worked.

    Then `request.kept_answer` waits for it. Raises Problem 400 for a key that is none, 422 for one of another request.
    """
    key = request.headers.get(HEADER)
    if key is None or request.method != "POST":
        return None
    if not 1 <= len(key) <= LONGEST or not key.isprintable() or not key.isascii():
        words = _("An idempotency key is 1 to %(count)s printable characters.")
        raise Problem(400, "bad-idempotency-key", words % {"count": LONGEST})
    digest = _digest(request)
    kept = _claim(request.member, key, digest)
    if kept.request_digest != digest:
        raise Problem(422, "idempotency-key-reused", _("This key was used for another request."))
    if kept.status is None:
        request.kept_answer = kept
        return None
    response = HttpResponse(kept.body, status=kept.status, headers=kept.headers)
    response["Idempotent-Replayed"] = "true"
    return response


def keep_answer(kept, response):
    """Keep what was answered, if it was a success; else let go of the key."""
    if response.status_code >= 400:
        kept.delete()
        return
    kept.status, kept.body = response.status_code, response.content.decode()
    kept.headers = {name: response[name] for name in KEPT_HEADERS if response.has_header(name)}
    kept.save(update_fields=["status", "body", "headers", "updated_at"])


def forget_kept_answers():
    """Delete what has been kept for a day in the open clinic; returns how many answers that were."""
    count, _by_model = KeptAnswer.objects.kept_before(timezone.now() - KEPT_FOR).delete()
    return count


def _claim(member, key, digest):
    kept, is_new = KeptAnswer.objects.get_or_create(member=member, key=key, defaults={"request_digest": digest})
    if not is_new and kept.created_at < timezone.now() - KEPT_FOR:
        kept.delete()
        return KeptAnswer.objects.create(member=member, key=key, request_digest=digest)
    return kept


def _digest(request):
    said = json.dumps([request.method, request.get_full_path(), request.api_body], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()
