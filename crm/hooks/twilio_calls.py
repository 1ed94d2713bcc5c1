"""Inbound calls by way of Twilio: answered with what to do, and told again and again while the call goes on."""

import re
from secrets import token_hex
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.http import HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from twilio.request_validator import RequestValidator
from twilio.twiml.voice_response import VoiceResponse

from clinics.mail import absolute
from clinics.models import WebhookLog
from clinics.normalising import phone_e164
from clinics.webhook_rehearsal import Rehearsal
from clinics.webhook_sources import Check, Event, SecretKind, storable, unreadable
from crm.hooks.keeping import LeadConnectionForm, SourceOfLeads
from crm.hooks.twilio_signing import check_signature
from crm.incoming_calls import CallNews, note_call, note_voicemail

SID = re.compile(r"CA[0-9a-zA-Z]{16,64}")
RING_SECONDS = 25
VOICEMAIL = "voicemail"
# How Twilio spells callers that do not show their number: as words, or as the keys of a telephone.
ANONYMOUS = {"anonymous", "restricted", "unknown", "unavailable", "private", "blocked", "withheld"}
KEPT = (
    "CallSid", "CallStatus", "From", "To", "Direction", "CallDuration", "Duration", "DialCallStatus",
    "DialCallDuration", "SequenceNumber", "Timestamp", "FromCity", "FromState", "FromZip", "FromCountry", "CallerName",
    "RecordingUrl", "RecordingSid", "RecordingDuration", "TranscriptionText",
)  # fmt: skip
LONGEST_VOICEMAIL = 180  # seconds


class CallForm(LeadConnectionForm):
    settings_fields = (
        *LeadConnectionForm.settings_fields,
        "forward_to",
        "greeting",
        "takes_voicemail",
        "short_seconds",
    )

    forward_to = forms.CharField(
        label=gettext_lazy("Put calls through to"),
        required=False,
        max_length=20,
        help_text=gettext_lazy("The number that rings at the desk. Empty: callers only hear the words below."),
    )
    greeting = forms.CharField(
        label=gettext_lazy("What callers hear when nobody answers"),
        required=False,
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Empty: thanks for the call, and that somebody calls back."),
    )
    takes_voicemail = forms.BooleanField(
        label=gettext_lazy("Then let them speak a message"),
        required=False,
        help_text=gettext_lazy("After the words above. What they say stands in the inbox, to be listened to."),
    )
    short_seconds = forms.IntegerField(
        label=gettext_lazy("Shorter than this is a missed call"),
        min_value=0,
        max_value=120,
        initial=10,
        help_text=gettext_lazy("In seconds."),
    )

    def clean_forward_to(self):
        typed = self.cleaned_data["forward_to"]
        number = phone_e164(typed, region=settings.PHONE_REGION)
        if typed and not number:
            raise forms.ValidationError(_("This number cannot be dialled."))
        return number


class TwilioCalls(SourceOfLeads):
    log_source = WebhookLog.Source.TWILIO
    label = gettext_lazy("Phone calls (Twilio)")
    description = gettext_lazy(
        "Who calls your number becomes a lead or an entry on their page; missed calls get a task."
    )
    icon = "phone-in"
    settings_form = CallForm
    secret_kinds = (
        SecretKind(
            "auth_token",
            gettext_lazy("Auth token"),
            gettext_lazy("Of the account or subaccount that owns the number. An API key cannot prove who calls."),
        ),
    )
    steps = (
        gettext_lazy("In the Twilio console, open your phone number and its Voice configuration."),
        gettext_lazy("A call comes in: choose Webhook, paste the address, HTTP POST."),
        gettext_lazy("Call status changes: paste the same address, HTTP POST."),
        gettext_lazy("Call the number. The call stands below at once."),
    )

    def verify(self, connection, delivery, secrets):
        check_signature(delivery, secrets.all("auth_token"))

    def read(self, connection, delivery):
        said = storable({name: delivery.form[name] for name in KEPT if delivery.form.get(name)})
        if not SID.fullmatch(said.get("CallSid", "")):
            raise unreadable("CallSid is missing.")
        if "RecordingUrl" in said:
            return [Event(f"{said['CallSid']}:{said.get('RecordingSid', 'recording')}", VOICEMAIL, said)]
        state = f"dial-{said['DialCallStatus']}" if "DialCallStatus" in said else said.get("CallStatus", "")
        ignored = "" if said.get("Direction", "inbound") == "inbound" else _("A call of ours to somebody.")
        return [Event(f"{said['CallSid']}:{state}", f"call {state}", said, ignored=ignored)]

    def answer(self, connection, delivery, kept):
        """TwiML: ring at the desk while the call comes in, say goodbye when nobody took it, else nothing more."""
        said, voice = delivery.form, VoiceResponse()
        if "RecordingUrl" in said:
            voice.hangup()
        elif "DialCallStatus" in said:
            if said["DialCallStatus"] != "completed":
                _say(voice, connection, delivery.url)
            voice.hangup()
        elif said.get("CallStatus") in ("ringing", "in-progress") and "SequenceNumber" not in said:
            number = connection.settings.get("forward_to")
            if number:
                voice.dial(action=delivery.url, method="POST", timeout=RING_SECONDS).number(number)
            else:
                _say(voice, connection, delivery.url)
                voice.hangup()
        return HttpResponse(str(voice), content_type="text/xml")

    def take_in(self, clinic, event, gathered):
        if event.event_type == VOICEMAIL:
            return note_voicemail(clinic, news_of(clinic, event), event=event)
        return note_call(clinic, news_of(clinic, event), connection=event.connection)

    def rehearsal(self, connection, secrets):
        said = {
            "CallSid": f"CA{token_hex(16)}",
            "CallStatus": "no-answer",
            "Direction": "inbound",
            "To": "+13125550100",
        }
        said |= {"From": "+13125550147", "FromCity": "CHICAGO", "FromState": "IL", "SequenceNumber": "1"}
        url = absolute(connection.get_path())
        signature = RequestValidator(secrets.newest("auth_token")).compute_signature(url, said)
        headers = {"X-Twilio-Signature": signature}
        return Rehearsal(urlencode(said).encode(), "application/x-www-form-urlencoded", headers)

    def test(self, connection, secrets):
        return [
            Check(_("There is an auth token."), bool(secrets.all("auth_token")), _("Put it in under Keys.")),
            Check(
                _("The address can be reached from outside."),
                settings.BASE_URL.startswith("https://"),
                _("Twilio signs the public address. BASE_URL must be the https address that people use."),
            ),
            Check(
                _("Twilio has told of a call with the right signature."),
                connection.last_received_at is not None,
                _("Signatures did not fit: look whether the auth token is that of the account with this number.")
                if connection.refused_count
                else _("Call the number once. Nothing has come from Twilio yet."),
            ),
        ]


def _say(voice, connection, url):
    clinic = connection.clinic
    with translation.override(clinic.language):
        words = connection.settings.get("greeting") or _(
            "Thank you for calling %(clinic)s. We cannot take your call right now and will call you back."
        ) % {"clinic": clinic.name}
    voice.say(words, language={"es": "es-MX"}.get(clinic.language, "en-US"))
    if connection.settings.get("takes_voicemail") == "True":
        voice.record(action=url, method="POST", max_length=LONGEST_VOICEMAIL, play_beep=True)


def news_of(clinic, event):
    """What one delivery says about a call, as CallNews; seconds are those that somebody spoke, as far as is known."""
    said = event.payload
    caller = said.get("From", "")
    dialled = said.get("DialCallStatus", "")
    seconds = said.get("DialCallDuration") if dialled else said.get("CallDuration")
    return CallNews(
        call_id=said["CallSid"],
        state=dialled or said.get("CallStatus", ""),
        is_of_desk=bool(dialled),
        is_question=not dialled and "SequenceNumber" not in said,
        caller="" if caller.casefold() in ANONYMOUS else phone_e164(caller, region=clinic.phone_region),
        seconds=int(seconds) if str(seconds or "").isdigit() else None,
        place=", ".join(filter(None, [said.get("FromCity", "").title(), said.get("FromState", "")])),
        moment=event.created_at,
    )
