"""Taking in what visitors send: a stamp against robots and double clicks, the trap, the limits, and what was meant.

A page of ours carries a stamp: its moment and a word of its own, signed for this form. The moment tells a person from
a robot, the word makes two sends of one page one inquiry. A page of the clinic has no stamp; its address must be listed
on the form. Whoever has neither sees our page with all that was typed, and sends it from there.
"""

import hashlib
import json
import secrets
from contextlib import contextmanager
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.http import Http404
from django.utils import timezone
from django.utils.translation import get_language, gettext

from clinics.public_tokens import clinic_of
from clinics.tenancy import clinic_scope
from clinics.throttling import is_too_often
from crm.form_words import ASKABLE, TIMES
from crm.forms.asking import TRAP, said
from crm.inquiries import TOUCH_FIELDS, Inquiry
from crm.models import LeadForm, LeadSubmission, PreferredContact
from crm.own_questions import answers_in, as_asked, own_questions_of
from crm.rules import InquiryUnclear, NotAnInquiry
from crm.submissions import leave_submission

STAMP = "stamp"
NOT_A_PERSON = timedelta(seconds=2)  # nobody fills in a form faster
STALE = timedelta(hours=24)
SAME_AGAIN = 600  # seconds within which the very same words from a page without a stamp are one inquiry
LIMITS_SPAN = 600  # seconds; how many sends are let through in them is a setting
# What stands in a form without being an answer.
AROUND = {STAMP, "embed", "lang", "csrfmiddlewaretoken"}


@contextmanager
def open_form(token):
    """Open the clinic of a public address and yield its LeadForm.

    Raises Http404, for what is unknown, closed or no token at all alike.
    """
    with open_door(token, LeadForm.objects.of_token) as form:
        yield form


@contextmanager
def open_door(token, find):
    """Open the clinic of a token and yield what `find` makes of it there, a row that knows its clinic.

    Raises Http404 if that is nothing.
    """
    clinic_id = clinic_of(token)
    if clinic_id is None:
        raise Http404
    with clinic_scope(clinic_id):
        found = find(token)
        if found is None or not found.clinic.is_active:
            raise Http404
        with timezone.override(found.clinic.zone):
            yield found


def new_stamp(form):
    return _signer(form).sign(secrets.token_urlsafe(9))


def read_stamp(form, text):
    """The word of a stamp of this form and how old it is; ("", None) if it is no stamp of this form, or stale."""
    signer = _signer(form)
    try:
        word = signer.unsign(text, max_age=STALE)
    except signing.BadSignature:
        return "", None
    try:
        signer.unsign(text, max_age=NOT_A_PERSON)
    except signing.SignatureExpired:
        return word, "old enough"
    return word, "too young"


def _signer(form):
    return signing.TimestampSigner(salt=f"crm.public_form:{form.pk}")


def is_welcome(form, posted, origin):
    """Whether this comes from a person at a page that may send: ours, stamped, or one that the form lists."""
    _word, age = read_stamp(form, posted.get(STAMP, ""))
    return age == "old enough" or (origin or "").lower() in form.allowed_origins


def is_flood(form, address):
    """Count one more send, and tell whether this visitor or this clinic has sent too many."""
    keys = {"clinic": f"form:{form.clinic_id}"}
    if address and not form.is_walk_in:  # on the tablet of the front desk everybody has the same address
        keys["visitor"] = f"form:{form.clinic_id}:{address}"
    most = dict(zip(("visitor", "clinic"), settings.PUBLIC_FORM_LIMITS, strict=True))
    counts = [is_too_often(key, most=most[who], seconds=LIMITS_SPAN) for who, key in keys.items()]
    return any(counts)


def receive_form(form, posted, *, referrer=""):
    """Keep what somebody sent, a QueryDict, exactly as it came, once a stamp."""
    channel = LeadSubmission.Channel.WALK_IN if form.is_walk_in else LeadSubmission.Channel.WEBFORM
    payload, facts = as_sent(form, posted, referrer=referrer)
    leave_submission(channel, payload, **facts)


def as_sent(form, posted, *, referrer=""):
    """What somebody sent as a submission keeps it: (payload, the other facts of it by name)."""
    answers = {name: values for name, values in posted.lists() if name not in AROUND}
    language = get_language()
    payload = {"posted": answers, "referrer": referrer[:500]}
    if form.asks_consent or form.asks_news:
        payload["agreement"] = {place: said(form, place) for place in ("consent", "consent_hint", "news")}
    if own := own_questions_of(form):
        payload["questions"] = as_asked(own, language)
    door = {"source": form.source_id, "location": form.location_id}
    context = {name: str(pk) for name, pk in door.items() if pk} | {"tags": [str(form.tag_id)] if form.tag_id else []}
    word, _age = read_stamp(form, posted.get(STAMP, ""))
    return payload, {
        "idempotency_key": f"{form.pk}:{word or _mark_of(answers)}",
        "context": context | {"form": form.name, "language": language, "version": form.version},
        "form": form,
    }


def _mark_of(answers):
    span = int(timezone.now().timestamp()) // SAME_AGAIN
    return hashlib.sha256(json.dumps([answers, span], sort_keys=True).encode()).hexdigest()


def read_form(submission):
    """Read what one of our forms was filled in with; whatever field of a lead it names is understood."""
    try:
        posted = {name: values for name, values in submission.payload["posted"].items() if any(values)}
    except (AttributeError, KeyError, TypeError):
        raise InquiryUnclear from None
    if TRAP in posted:
        raise NotAnInquiry(gettext("It filled in a field that people do not see: most likely a robot."))
    values = {name: posted[name][-1] for name in ASKABLE if name in posted}
    if "treatment_interest" in posted:
        values["treatment_interest"] = posted["treatment_interest"]
    if when := dict(TIMES).get(values.get("preferred_time")):
        if values["preferred_time"] == "text":
            values["preferred_contact"] = PreferredContact.TEXT
        values["preferred_time"] = str(when)
    touch = {name: posted[name][-1] for name in TOUCH_FIELDS if name in posted}
    touch.setdefault("referrer", submission.payload.get("referrer", ""))
    agreed = {
        place: submission.payload.get("agreement", {}).get(place) for place in ("consent", "news") if place in posted
    }
    facts = {"form": submission.context.get("form", ""), "agreed": agreed}
    extra = {"language": submission.context.get("language", "")}
    if submission.clinic.asks_full_names and (answers := answers_in(submission.payload.get("questions", []), posted)):
        facts["answers"] = extra["answers"] = answers
    return Inquiry(values=values, touch=touch, extra=extra, facts=facts)
