"""What Twilio tells of text messages, on whatever channel: one that came in, and how far one of ours has come."""

import mimetypes
import re
from secrets import token_hex
from urllib.parse import urlencode

from django.http import HttpResponse
from django.utils.translation import gettext_lazy
from twilio.request_validator import RequestValidator

from clinics.mail import absolute
from clinics.models import WebhookLog
from clinics.webhook_rehearsal import Rehearsal
from clinics.webhook_sources import Event, SecretKind, storable, unreadable
from crm.hooks.twilio_signing import check_signature
from inbox.carrier_errors import reason_of_twilio
from inbox.channels.hook import AccountHook, nothing_new
from inbox.channels.twilio_api import check_address
from inbox.models import MessageStatus
from inbox.receiving import Incoming, Media
from inbox.reporting import Report, key_in

SID = re.compile(r"(SM|MM)[0-9a-zA-Z]{16,64}")
MOST_FIELDS, MOST_FILES = 100, 10
OF_THEIRS = {"received", "receiving"}
OUR_KEY = "our key"  # of the message that a report is about, as our address for it said
STATUS = {
    "sent": MessageStatus.SENT,
    "delivered": MessageStatus.DELIVERED,
    "partially_delivered": MessageStatus.DELIVERED,
    "read": MessageStatus.READ,
    "undelivered": MessageStatus.FAILED,
    "failed": MessageStatus.FAILED,
    "canceled": MessageStatus.FAILED,
}
IN_METADATA = (
    "ProfileName", "WaId", "FromCity", "FromState", "FromZip", "FromCountry", "MessagingServiceSid",
    "Latitude", "Longitude", "Address", "Label", "ButtonText", "ButtonPayload", "MessageType", "ReferralSourceUrl",
)  # fmt: skip


class TwilioMessages(AccountHook):
    """The shape that text messages and WhatsApp share."""

    log_source = WebhookLog.Source.TWILIO
    scheme = ""  # before a number, as Twilio writes it on this channel
    secret_kinds = (
        SecretKind(
            "auth_token",
            gettext_lazy("Auth token"),
            gettext_lazy("Of the account or subaccount that owns the number. An API key cannot prove who calls."),
        ),
    )
    can_rehearse = True

    def verify(self, connection, delivery, secrets):
        check_signature(delivery, secrets.all("auth_token"))

    def read(self, connection, delivery):
        form = delivery.form
        said = storable({name: form[name] for name in list(form)[:MOST_FIELDS]})
        sid = said.get("MessageSid") or said.get("SmsSid", "")
        if not SID.fullmatch(sid):
            raise unreadable("MessageSid is missing.")
        status = said.get("MessageStatus", "")
        if status and status not in OF_THEIRS:
            about = {OUR_KEY: key_in(delivery.query)}
            return [Event(f"{sid}:{status}", f"status {status}", said | about)]
        return [Event(sid, "message", said)]

    def answer(self, connection, delivery, kept):
        return HttpResponse("<Response/>", content_type="text/xml")

    def understand(self, account, event):
        return report_in(event) or nothing_new() if ":" in event.external_id else self.incoming(event)

    def incoming(self, event):
        """What somebody wrote, as Twilio tells it."""
        said = event.payload
        return Incoming(
            external_id=event.external_id,
            address=said.get("From", "").removeprefix("whatsapp:"),
            text=said.get("Body", "") or said.get("ButtonText", ""),
            happened_at=event.created_at,
            display_name=said.get("ProfileName", ""),
            in_reply_to=said.get("OriginalRepliedMessageSid", ""),
            media=tuple(media_in(said)),
            metadata={name: said[name] for name in IN_METADATA if said.get(name)} | _opt_out_in(said),
        )

    def rehearsal(self, connection, secrets):
        said = {"MessageSid": f"SM{token_hex(16)}", "Body": "Do you have time on Friday?", "NumMedia": "0"}
        said |= {"From": f"{self.scheme}+13125550147", "To": f"{self.scheme}+13125550100", "SmsStatus": "received"}
        url = absolute(connection.get_path())
        signature = RequestValidator(secrets.newest("auth_token")).compute_signature(url, said)
        headers = {"X-Twilio-Signature": signature}
        return Rehearsal(urlencode(said).encode(), "application/x-www-form-urlencoded", headers)

    def test(self, connection, secrets):
        return check_address(connection)


def _opt_out_in(said):
    """What Twilio itself read in the words, and answered, where it handles STOP for the clinic."""
    return {"opt_out_type": said["OptOutType"]} if said.get("OptOutType") else {}


def media_in(said):
    """The files that Twilio keeps for a message, as Media."""
    count = said.get("NumMedia", "0")
    for number in range(min(int(count) if count.isdigit() else 0, MOST_FILES)):
        url, kind = said.get(f"MediaUrl{number}", ""), said.get(f"MediaContentType{number}", "")
        if url:
            yield Media(url=url, content_type=kind, name=f"file-{number + 1}{ending_of(kind)}")


def ending_of(content_type):
    """The ending that a file of this type has; a JPEG's is always the same."""
    return (
        {"image/jpeg": ".jpg", "audio/ogg": ".ogg"}.get(content_type) or mimetypes.guess_extension(content_type) or ""
    )


def report_in(event):
    """What Twilio said about a message of ours, as a Report; None for a word that says nothing new to anybody."""
    said = event.payload
    word, code = said["MessageStatus"], said.get("ErrorCode", "")
    status = STATUS.get(word)
    if status is None:
        return None
    is_failed = status == MessageStatus.FAILED
    return Report(
        external_id=event.external_id.rpartition(":")[0],
        status=status,
        word=word,
        reason=reason_of_twilio(code, otherwise="not_delivered") if is_failed else "",
        error_code="" if code == "0" else code,
        detail=said.get("ErrorMessage", ""),
        key=said.get(OUR_KEY, ""),
        told_at=event.created_at,
    )
