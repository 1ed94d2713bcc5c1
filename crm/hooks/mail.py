"""Leads by mail: what an inbound-mail service posts for each message to an address, in the shapes that they share.

Form fields as SendGrid and Mailgun send them, or JSON as Postmark does. The address is a secret by itself; a password
in it, or Mailgun's signature, are asked for as well where they were set.
"""

import base64
import hashlib
import hmac
import time
from email import message_from_string, policy
from email.errors import MessageError
from secrets import token_hex
from urllib.parse import urlencode

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
    storable,
    unreadable,
)
from crm.hooks.keeping import SourceOfLeads, keep_inquiries, keep_inquiry, shown
from crm.hooks.mail_reading import read_mail
from crm.models import LeadSubmission
from crm.rules import InquiryUnclear, NotAnInquiry

TOLERANCE = 300  # seconds between the time that was signed and now
LONGEST = 200_000  # characters kept of each part
SAMPLE = """New contact form submission

Name: Ana Lopez
Phone: +1 312 555 0147
Email: ana@example.com
Message: Do you have appointments on Saturday?
"""
FIELDS = {
    "from": ("from", "From", "sender"),
    "reply_to": ("reply_to", "ReplyTo", "Reply-To", "h:Reply-To"),
    "subject": ("subject", "Subject"),
    "text": ("text", "TextBody", "stripped-text", "body-plain", "plain"),
    "html": ("html", "HtmlBody", "stripped-html", "body-html"),
    "message_id": ("Message-Id", "message-id", "MessageID", "message_id"),
    "headers": ("headers", "message-headers", "Headers"),
}


class LeadMail(SourceOfLeads):
    log_source = WebhookLog.Source.EMAIL
    label = gettext_lazy("Notification mails")
    description = gettext_lazy("Mails that a form, a directory or a portal sends about a new lead, read by Recare.")
    icon = "mail"
    secret_kinds = (
        SecretKind(
            "password",
            gettext_lazy("Password in the address"),
            gettext_lazy("For services that call https://user:password@… ; Postmark and SendGrid do."),
            required=False,
        ),
        SecretKind(
            "signing_key",
            gettext_lazy("Mailgun signing key"),
            gettext_lazy("Then each mail must carry Mailgun’s signature."),
            required=False,
        ),
    )
    steps = (
        gettext_lazy(
            "At your mail service, make an address for inbound mail: SendGrid Inbound Parse, Mailgun, Postmark."
        ),
        gettext_lazy("Let it post each mail to the address above."),
        gettext_lazy("Let your form or directory send its notifications to that mail address."),
        gettext_lazy("What cannot be read waits under Inquiries with the whole mail, and can be corrected there."),
    )
    can_try = True

    def verify(self, connection, delivery, secrets):
        passwords, keys = secrets.all("password"), secrets.all("signing_key")
        if passwords and not matches_any(delivery.basic_password(), passwords):
            raise Refused(_("The password in the address was missing or wrong."), status=401, detail="Wrong password.")
        if keys:
            _check_mailgun(delivery, keys)

    def read(self, connection, delivery):
        is_json = delivery.content_type == "application/json"
        said = delivery.json() if is_json else storable(dict(delivery.form.items()))
        if not isinstance(said, dict):
            raise unreadable("A mail is an object with from, subject and text or html.")
        mail = mail_of(said)
        if not (mail["text"].strip() or mail["html"].strip() or mail["subject"].strip()):
            raise unreadable("Neither text, html nor subject came along.")
        return [Event(_id_of(mail), "mail", mail)]

    def take_in(self, clinic, event, gathered):
        return keep_inquiry(event, LeadSubmission.Channel.EMAIL, event.payload)

    def take_in_many(self, clinic, events):
        payloads = [event.payload for event in events]
        return keep_inquiries(events, LeadSubmission.Channel.EMAIL, payloads, [{}] * len(events))

    def test(self, connection, secrets):
        return [
            Check(
                _("A mail has come in."),
                connection.last_received_at is not None,
                _("Send a mail to the address of your inbound service. Nothing has come from there yet."),
            ),
            Check(
                _("No mail was refused lately."),
                not connection.has_trouble,
                connection.last_refusal or connection.last_error,
            ),
        ]

    def rehearsal(self, connection, secrets):
        moment, token, key = str(int(time.time())), token_hex(16), secrets.newest("signing_key")
        mail = {"from": "forms@example.com", "subject": "New contact form submission", "text": SAMPLE}
        if key:
            signature = hmac.new(key.encode(), f"{moment}{token}".encode(), hashlib.sha256).hexdigest()
            mail |= {"timestamp": moment, "token": token, "signature": signature}
        password = secrets.newest("password")
        basic = base64.b64encode(f"test:{password}".encode()).decode()
        headers = {"Authorization": f"Basic {basic}"} if password else {}
        return Rehearsal(urlencode(mail).encode(), "application/x-www-form-urlencoded", headers)

    def sample(self, connection):
        return SAMPLE

    def try_out(self, connection, text):
        is_html = text.lstrip().startswith("<")
        answers = read_mail({"text": "" if is_html else text, "html": text if is_html else ""})
        if not answers.has_address:
            raise unreadable(_("No phone number and no e-mail address was found in it."))
        inquiry = answers.inquiry(connection.clinic)
        return shown(inquiry.values | inquiry.touch)


def mail_of(said):
    """The parts of a mail, whatever the service calls them; a whole message is taken apart."""
    whole = said.get("email") or said.get("body-mime")
    mail = {name: _first(said, names) for name, names in FIELDS.items()}
    if isinstance(whole, str) and whole and not (mail["text"] or mail["html"]):
        mail |= {name: text for name, text in _taken_apart(whole).items() if text}
    mail["reply_to"] = mail["reply_to"] or _header(mail["headers"], "reply-to")
    mail["message_id"] = mail["message_id"] or _header(mail["headers"], "message-id")
    mail["is_automatic"] = "auto" in _header(mail["headers"], "auto-submitted").replace("auto-generated", "")
    del mail["headers"]
    return mail


def _first(said, names):
    for name in names:
        value = said.get(name)
        if value:
            return value[:LONGEST] if isinstance(value, str) else value if name in FIELDS["headers"] else str(value)
    return ""


def _header(headers, name):
    """One header out of a block of text, of a list of {Name, Value} or of pairs."""
    if isinstance(headers, str) and headers.lstrip().startswith("["):
        return ""
    if isinstance(headers, str):
        found = [line.partition(":")[2] for line in headers.splitlines() if line.lower().startswith(f"{name}:")]
        return found[0].strip() if found else ""
    for each in headers if isinstance(headers, list) else []:
        pair = (each.get("Name"), each.get("Value")) if isinstance(each, dict) else each
        if isinstance(pair, list | tuple) and len(pair) == 2 and str(pair[0]).lower() == name:
            return str(pair[1])
    return ""


def _taken_apart(whole):
    try:
        message = message_from_string(whole, policy=policy.default)
        parts = {kind: message.get_body(preferencelist=(kind,)) for kind in ("plain", "html")}
        text, html = (part.get_content() if part is not None else "" for part in parts.values())
    except (MessageError, LookupError, ValueError, KeyError):
        return {"text": whole[:LONGEST]}
    named = {
        name: str(message.get(name.replace("_", "-"), "")) for name in ("from", "reply_to", "subject", "message_id")
    }
    return storable(named | {"text": text[:LONGEST], "html": html[:LONGEST]})


def _id_of(mail):
    """The mail's own id; without one, the same words count once."""
    words = "\n".join([mail["from"], mail["subject"], mail["text"], mail["html"]])
    return mail["message_id"].strip("<> ")[:200] or hashlib.sha256(words.encode()).hexdigest()


def _check_mailgun(delivery, keys):
    moment, token, given = (delivery.form.get(name, "") for name in ("timestamp", "token", "signature"))
    signed = f"{moment}{token}".encode()
    if not matches_any(given, [hmac.new(key.encode(), signed, hashlib.sha256).hexdigest() for key in keys]):
        raise Refused(_("Mailgun’s signature does not fit."), detail="The signature does not match.")
    if not moment.isdigit() or abs(time.time() - int(moment)) > TOLERANCE:
        raise Refused(_("It was signed too long ago."), detail="The timestamp is too old.")


def read_submission(submission):
    """What a kept mail says, as an Inquiry. Raises NotAnInquiry for an automatic answer, InquiryUnclear otherwise."""
    mail = submission.payload
    if mail.get("is_automatic"):
        raise NotAnInquiry(_("An automatic answer."))
    answers = read_mail(mail)
    if not answers.has_address:
        raise InquiryUnclear(_("No phone number and no e-mail address was found in this mail."))
    inquiry = answers.inquiry(submission.clinic)
    inquiry.values.setdefault("source_detail", mail.get("subject", ""))
    return inquiry
