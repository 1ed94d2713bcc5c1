"""Leads from any website or program that can post JSON: flat or nested, in its own words, one or many at a time."""

import hashlib
import json

from django import forms
from django.http import JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinics.models import WebhookLog
from clinics.webhook_rehearsal import Rehearsal
from clinics.webhook_sources import (
    Check,
    Event,
    Refused,
    SecretKind,
    matches_any,
    same,
    storable,
    unreadable,
)
from crm.hooks.answers import is_understood, read_answers
from crm.hooks.keeping import LeadConnectionForm, SourceOfLeads, keep_inquiries, shown
from crm.inquiries import LEAD_FIELDS, TOUCH_FIELDS
from crm.intake import refuse_private_fields
from crm.models import LeadSubmission
from crm.rules import FieldRefused

MOST_AT_ONCE = 1000
LABELS, VALUES = ("label", "name", "key", "question", "title", "field"), ("value", "answer", "values", "text")
SAMPLE = {
    "name": "Ana Lopez",
    "phone": "+1 312 555 0147",
    "email": "ana@example.com",
    "message": "Do you have appointments on Saturday?",
    "utm_source": "newsletter",
}
NOBODY = gettext_lazy("It names neither a phone number nor an e-mail address that could be answered.")


class JsonForm(LeadConnectionForm):
    settings_fields = (*LeadConnectionForm.settings_fields, "mapping")

    mapping = forms.CharField(
        label=gettext_lazy("Words of their own"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text=gettext_lazy("One a line, theirs = ours: contact.mobile = phone. Usual names are understood anyway."),
    )

    def clean_mapping(self):
        text = self.cleaned_data["mapping"]
        for line in filter(str.strip, text.splitlines()):
            theirs, equals, ours = (part.strip() for part in line.partition("="))
            if not (theirs and equals) or ours not in (*LEAD_FIELDS, *TOUCH_FIELDS, "full_name"):
                raise forms.ValidationError(
                    _("“%(line)s” is not understood. Fields of ours are: %(fields)s.")
                    % {"line": line, "fields": ", ".join(("full_name", *LEAD_FIELDS, *TOUCH_FIELDS))}
                )
        return text


class PlainJson(SourceOfLeads):
    log_source = WebhookLog.Source.WEBFORM
    label = gettext_lazy("Website or program (JSON)")
    description = gettext_lazy("Any form or program that can send JSON or form fields to an address.")
    icon = "globe"
    settings_form = JsonForm
    secret_kinds = (
        SecretKind(
            "bearer",
            gettext_lazy("Bearer token"),
            gettext_lazy("If there is one, each request must carry it: Authorization: Bearer …"),
            required=False,
        ),
    )
    steps = (
        gettext_lazy("Let the other program send a POST with JSON or form fields to the address above."),
        gettext_lazy("Usual names are understood, flat or nested: name, phone, email, message, utm_source."),
        gettext_lazy("Send an Idempotency-Key with each lead, so that a repeated request is counted once."),
    )
    can_try = True

    def verify(self, connection, delivery, secrets):
        """The address is a secret by itself; where a bearer token was set, it must come along as well."""
        tokens = secrets.all("bearer")
        if tokens and not matches_any(delivery.bearer(), tokens):
            detail = "Send the token as: Authorization: Bearer <token>"
            raise Refused(_("The bearer token was missing or wrong."), status=401, detail=detail)

    def read(self, connection, delivery):
        leads = _leads_in(delivery)
        key = storable(delivery.headers.get("Idempotency-Key", "")).strip()
        return [
            _event(connection, lead, f"key:{key}:{place}" if key else _digest(lead)) for place, lead in enumerate(leads)
        ]

    def answer(self, connection, delivery, kept):
        for event in kept.known:
            if event.id.startswith("key:") and not _is_the_same(connection, event):
                return _problem(422, "This Idempotency-Key was used for another body.")
        hopeless = [event for event in kept.known if event.hopeless]
        if hopeless or any(row.status == WebhookLog.Status.DEAD for row in kept.new):
            detail = "Give a phone number or an e-mail address. What was sent is kept and waits for the clinic."
            return _problem(422, detail, expected=["phone", "email"], understood_names=sorted(SAMPLE))
        told = {"status": "accepted", "new": len(kept.new), "known": len(kept.known)}
        return JsonResponse(told, status=202 if kept.new else 200)

    def take_in(self, clinic, event, gathered):
        (outcome,) = self.take_in_many(clinic, [event])
        return outcome

    def take_in_many(self, clinic, events):
        contexts = [{"mapping": event.connection.settings.get("mapping", "")} for event in events]
        return keep_inquiries(events, LeadSubmission.Channel.WEBHOOK, [event.payload for event in events], contexts)

    def test(self, connection, secrets):
        return [
            Check(_("The address takes requests."), connection.is_active, _("It is paused. Resume it.")),
            Check(
                _("Something has come in."),
                connection.last_received_at is not None,
                _("Send a first lead, or paste one below to see what would be understood."),
            ),
            Check(
                _("Nothing was refused lately."),
                not connection.has_trouble,
                connection.last_refusal or connection.last_error,
            ),
        ]

    def rehearsal(self, connection, secrets):
        bearer = secrets.newest("bearer")
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        return Rehearsal(json.dumps(SAMPLE).encode(), headers=headers)

    def sample(self, connection):
        return json.dumps(SAMPLE, indent=2)

    def try_out(self, connection, text):
        try:
            lead = storable(json.loads(text))
        except (ValueError, RecursionError):
            raise unreadable(_("This is not valid JSON.")) from None
        if not isinstance(lead, dict):
            raise unreadable(_("This is no object: it begins with { and holds names and values."))
        inquiry = _answers(lead, connection.settings.get("mapping")).inquiry(connection.clinic)
        if not (inquiry.values.get("phone") or inquiry.values.get("email")):
            raise unreadable(str(NOBODY))
        return shown(inquiry.values | inquiry.touch)


def read_submission(submission):
    """What a kept JSON lead says, as an Inquiry."""
    return _answers(submission.payload, submission.context.get("mapping")).inquiry(submission.clinic)


def _answers(lead, mapping):
    called = called_by(mapping)
    return read_answers(pairs_in(lead, called), called=called)


def called_by(mapping):
    """The words of their own that a connection maps, as a dict: their name -> our field."""
    lines = [line.partition("=") for line in (mapping or "").splitlines() if "=" in line]
    return {theirs.strip().replace(".", " "): ours.strip() for theirs, _equals, ours in lines}


def pairs_in(lead, called):
    """Label and text of everything in nested JSON. The label is as much of the path as is understood or mapped
    (`called`), from the longest on: "patient first name" before "first name"; else the last word of it."""
    return [(_label_of(path, called), text) for path, text in _texts_in(lead)]


def _label_of(path, called):
    for start in range(len(path)):
        label = " ".join(path[start:])
        if label in called or is_understood(label):
            return label
    return path[-1] if path else ""


def _texts_in(value, path=()):
    if isinstance(value, dict):
        for key, child in value.items():
            yield from _texts_in(child, (*path, str(key)))
    elif isinstance(value, list) and any(isinstance(each, dict | list) for each in value):
        for each in value:
            label, text = _as_labelled(each)
            yield from _texts_in(text, (*path, label)) if label else _texts_in(each, path)
    elif isinstance(value, list):
        yield from _texts_in(", ".join(map(str, value)), path)
    elif value is not None and not isinstance(value, bool) and str(value).strip():
        yield path, str(value).strip()


def _as_labelled(value):
    """An entry of a list that is itself a label and a value, as form builders send their fields; else ("", None)."""
    if isinstance(value, dict) and len(value) <= 6:
        for label in LABELS:
            for text in VALUES:
                if isinstance(value.get(label), str) and value.get(text) and label != text:
                    return value[label], value[text]
    return "", None


def _leads_in(delivery):
    if delivery.content_type in ("application/x-www-form-urlencoded", "multipart/form-data"):
        said = storable({name: ", ".join(values) for name, values in delivery.form.lists()})
    else:
        said = delivery.json()
    leads = said if isinstance(said, list) else [said]
    if not leads or len(leads) > MOST_AT_ONCE:
        raise unreadable(f"Send one lead, or a list of 1 to {MOST_AT_ONCE}.")
    if not all(isinstance(lead, dict) and lead for lead in leads):
        raise unreadable('A lead is an object with names and values, for instance {"name": "Ana", "phone": "…"}.')
    return leads


def _event(connection, lead, event_id):
    answers, clinic = _answers(lead, connection.settings.get("mapping")), connection.clinic
    try:
        if not clinic.leaves_out_private:
            refuse_private_fields(clinic, answers.inquiry(clinic).values)
    except FieldRefused as refused:
        detail = f"This clinic does not take {refused.field} of people who only ask. Leave it out."
        raise Refused(refused, status=422, detail=detail, field=refused.field) from None
    return Event(event_id, "lead", lead, hopeless="" if answers.has_address else str(NOBODY))


def _digest(lead):
    """The same words on the same day are the same inquiry: a request that was repeated without a key."""
    text = json.dumps(lead, sort_keys=True)
    return f"{timezone.localdate()}:{hashlib.sha256(text.encode()).hexdigest()}"


def _is_the_same(connection, event):
    kept = WebhookLog.objects.filter(connection=connection, external_id=event.id[:255]).first()
    return kept is None or kept.payload is None or same(json.dumps(kept.payload), json.dumps(event.payload))


def _problem(status, detail, **facts):
    content = {"type": "about:blank", "title": "Not understood", "status": status, "detail": detail}
    return JsonResponse(content | facts, status=status, content_type="application/problem+json")
