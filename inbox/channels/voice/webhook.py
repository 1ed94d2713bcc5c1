"""Calls of ours as Twilio asks and tells about them: whom to put through, and what became of it."""

import re

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from twilio.twiml.voice_response import VoiceResponse

from clinics.models import WebhookLog
from clinics.webhook_sources import Event, Outcome, SecretKind, storable, unreadable
from crm.hooks.twilio_signing import check_signature
from inbox.calling import NO_ANSWER, SPOKE, note_outcome
from inbox.channels.hook import AccountHook, tell_report
from inbox.channels.twilio_api import check_address
from inbox.consent import may_send
from inbox.models import Channel, MessageStatus, Purpose, UnifiedMessage
from inbox.reporting import Report, key_in

SID = re.compile(r"CA[0-9a-zA-Z]{16,64}")
KEPT = ("CallSid", "CallStatus", "CallDuration", "DialCallStatus", "DialCallDuration", "Timestamp")
OUR_KEY = "our key"
NOT_PICKED_UP = {"busy", "no-answer", "failed", "canceled"}
RING_SECONDS = 30


class TwilioCalling(AccountHook):
    log_source = WebhookLog.Source.TWILIO
    label = gettext_lazy("Calls from a page (Twilio)")
    description = gettext_lazy("Whoever presses Call is rung, and put through when they pick up.")
    icon = "phone"
    secret_kinds = (
        SecretKind("auth_token", gettext_lazy("Auth token"), gettext_lazy("Of the account of the number.")),
    )

    def verify(self, connection, delivery, secrets):
        check_signature(delivery, secrets.all("auth_token"))

    def read(self, connection, delivery):
        said = storable({name: delivery.form[name] for name in KEPT if delivery.form.get(name)})
        if not SID.fullmatch(said.get("CallSid", "")):
            raise unreadable("CallSid is missing.")
        said |= {OUR_KEY: key_in(delivery.query)}
        state = f"dial-{said['DialCallStatus']}" if "DialCallStatus" in said else said.get("CallStatus", "")
        return [Event(f"{said['CallSid']}:{state}", f"call {state}", said)]

    def answer(self, connection, delivery, kept):
        """TwiML: once the member has picked up, put them through; when that is over, hang up."""
        voice, asks = VoiceResponse(), delivery.form.get("CallStatus") == "in-progress"
        message = call_of(key_in(delivery.query)) if asks and "DialCallStatus" not in delivery.form else None
        if message is not None and not may_send(Channel.VOICE, message.address, Purpose.REPLY).reason:
            line = {"caller_id": message.account.address, "timeout": RING_SECONDS}
            voice.dial(action=delivery.url, method="POST", **line).number(message.address)
        else:
            voice.hangup()
        return HttpResponse(str(voice), content_type="text/xml")

    def take_in(self, clinic, event, gathered):
        account, said = self.account_of(event), event.payload
        message = call_of(said[OUR_KEY])
        if message is None:
            return Outcome(_("A call that is none of ours."))
        if "DialCallStatus" in said:
            seconds = said.get("DialCallDuration", "")
            outcome = SPOKE if said["DialCallStatus"] == "completed" else NO_ANSWER
            note_outcome(message, outcome, int(seconds) if seconds.isdigit() else None)
            return Outcome(_("What became of a call is noted."), about=message)
        return tell_report(account, report_in(said))

    def test(self, connection, secrets):
        return check_address(connection)


def call_of(key):
    """The call of ours that an address names, with its line; None for none."""
    return (
        UnifiedMessage.objects.filter(pk=key, channel=Channel.VOICE).select_related("account").first() if key else None
    )


def report_in(said):
    """What became of the member's own end of a call, as a Report; None while it goes on."""
    word = said.get("CallStatus", "")
    status = {"completed": MessageStatus.DELIVERED} | dict.fromkeys(NOT_PICKED_UP, MessageStatus.FAILED)
    if word not in status:
        return None
    reason = "not_picked_up" if word in NOT_PICKED_UP else ""
    return Report(said["CallSid"], status[word], word=word, reason=reason, key=said[OUR_KEY])
