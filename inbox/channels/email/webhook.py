"""What a mail service tells: letters that came in, and what became of those that went out."""

import hashlib
import json
import time

from anymail.exceptions import AnymailWebhookValidationFailure
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinics.models import WebhookLog
from clinics.uploads import MAIL_LIMIT_BYTES
from clinics.webhook_sources import Check, Event, Refused, SecretKind, unreadable
from inbox.channels.email.events import KNOWN_EVENTS, report_in
from inbox.channels.email.providers import USER, reader_of
from inbox.channels.email.reading import incoming_of, mail_of
from inbox.channels.email.returned import take_bounce
from inbox.channels.hook import AccountHook, nothing_new

TOLERANCE = 300  # seconds between the time that was signed and now


class Mailbox(AccountHook):
    log_source = WebhookLog.Source.EMAIL
    label = gettext_lazy("E-mail")
    description = gettext_lazy("Letters to your clinic stand in the inbox, and what became of yours as well.")
    icon = "mail"
    most_bytes = MAIL_LIMIT_BYTES
    secret_kinds = (
        SecretKind(
            "password",
            gettext_lazy("Password in the address"),
            gettext_lazy("The service calls https://recare:password@… ; for SendGrid and Postmark it is the proof."),
            generated=True,
        ),
        SecretKind(
            "signing_key",
            gettext_lazy("Signing key"),
            gettext_lazy("Mailgun: the HTTP webhook signing key. SendGrid: the verification key of its event webhook."),
            required=False,
        ),
    )
    steps = (
        gettext_lazy("At your mail service, let inbound mail be posted to the address: SendGrid Inbound Parse, Mailgun "
                     "Routes, Postmark Inbound."),
        gettext_lazy("Let it tell there as well what becomes of your letters: delivered, bounced, reported as spam."),
        gettext_lazy("Let your clinic’s mailbox forward to the address that the service gives you, or send to it."),
        gettext_lazy("Without such a service: put in IMAP access to your mailbox, and it is read every minute."),
    )  # fmt: skip

    def verify(self, connection, delivery, secrets):
        reader = _reader(connection, delivery, secrets)
        try:
            reader.run_validators(delivery.request)
        except AnymailWebhookValidationFailure as error:
            raise Refused(_("The password or the signature is not ours."), detail=str(error)[:200]) from None
        signed_at = _signed_at(delivery)
        if signed_at and abs(time.time() - signed_at) > TOLERANCE:
            raise Refused(_("It was signed too long ago."), detail="The timestamp is too old.")

    def read(self, connection, delivery):
        reader = _reader(connection, delivery, None)
        try:
            events = reader.parse_events(delivery.request)
        except (KeyError, ValueError, TypeError, AttributeError, ImproperlyConfigured) as error:
            raise unreadable(f"{type(error).__name__}: not a post of this service.") from None
        if _is_event(connection, delivery):
            return [told for event in events if (told := _told(event))]
        return [letter_event(mail_of(event.message)) for event in events]

    def understand(self, account, event):
        if not event.event_type.startswith("letter"):
            return report_in(event) or nothing_new()
        return None if event.payload["bounce"] else incoming_of(event.payload, event=event)

    def take_alone(self, account, event):
        return take_bounce(account, event.payload["bounce"], event)

    def test(self, connection, secrets):
        return [
            Check(
                _("The mail service has told something with the right proof."),
                connection.last_received_at is not None,
                connection.last_refusal or _("Nothing has come yet. Send a letter to your address."),
            )
        ]


def letter_event(mail):
    """A letter as an event: the same letter, posted again or read again, has the same id."""
    said = json.dumps([mail["from"], mail["subject"], mail["text"], mail["headers"].get("date", "")]).encode()
    return Event(mail["id"] or f"mail:{hashlib.sha256(said).hexdigest()}", "letter", mail)


def _reader(connection, delivery, secrets):
    provider = connection.settings.get("provider", "")
    if provider not in ("sendgrid", "mailgun", "postmark"):
        raise Refused(_("No mail service posts here."), detail="No mail service is set for this address.", status=400)
    passwords = secrets.all("password") if secrets else []
    keys = secrets.all("signing_key") if secrets else []
    is_event = _is_event(connection, delivery)
    if secrets and provider == "mailgun" and not keys:
        raise Refused(_("Mailgun’s signing key is missing: put it in under Keys."), detail="No signing key is set.")
    return reader_of(provider, is_event=is_event, passwords=passwords, keys=keys or ["none"])


def _is_event(connection, delivery):
    """Whether a post tells of letters of ours; the same address takes both."""
    if "json" not in delivery.content_type:
        return False
    said = delivery.json()
    return isinstance(said, list) or "event-data" in said or said.get("RecordType", "Inbound") != "Inbound"


def _signed_at(delivery):
    """When a post was signed, in seconds, by whichever service says so; None where it does not."""
    stamp = delivery.headers.get("X-Twilio-Email-Event-Webhook-Timestamp", "")
    if "json" in delivery.content_type:
        said = delivery.json()
        signature = said.get("signature") if isinstance(said, dict) else None
        stamp = stamp or (signature.get("timestamp", "") if isinstance(signature, dict) else "")
    else:
        stamp = stamp or delivery.form.get("timestamp", "")
    return int(stamp) if str(stamp).isdigit() else None


def _told(event):
    if event.event_type not in KNOWN_EVENTS:
        return None
    metadata = event.metadata or {}
    said = {
        "event": event.event_type,
        "key": str(metadata.get("recare", "")),
        "id": str(event.message_id or ""),
        "recipient": event.recipient or "",
        "reason": event.reject_reason or "",
        "words": str(event.description or event.mta_response or "")[:300],
    }
    given = event.event_id or f"{said['key'] or said['id']}:{event.event_type}:{event.timestamp}"
    return Event(str(given), f"mail {event.event_type}", said)


def address_with_password(url, password):
    """An address as a mail service takes it, with the password that proves who calls."""
    return url.replace("://", f"://{USER}:{password}@", 1)
