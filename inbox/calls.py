"""Calls in the conversation: what became of each, what was spoken on the tape, and a text to whom nobody answered."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from clinics.audit import SYSTEM
from clinics.live import publish
from clinics.models import WebhookLog
from crm.models import CallOutcome, Direction, LeadActivity
from inbox.conversations import conversation_with
from inbox.models import Channel, ChannelAccount, InboxSettings, MessageKind
from inbox.planning import plan_message
from inbox.receiving import Incoming, Media, receive_message
from inbox.rules import NoAccount, NobodyToWriteTo

STILL_OF_USE = timedelta(minutes=15)  # after a missed call; later a text would puzzle


@transaction.atomic
def note_call(activity_id):
    """Let a call that came in stand in the conversation, and text back if it was missed; returns the UnifiedMessage.

    None while the call goes on. What becomes of it later is written into the same entry. The text goes once a call,
    and only while the call is fresh.
    """
    activity = LeadActivity.objects.select_related("lead").filter(pk=activity_id).first()
    if activity is None or not activity.outcome or activity.direction != Direction.INBOUND:
        return None
    message = _entry_of(activity)
    if activity.outcome == CallOutcome.NO_ANSWER:
        _text_back(activity)
    return message


def _entry_of(activity):
    account, lead = ChannelAccount.objects.on(Channel.VOICE).first(), activity.lead
    if account is None or not lead.phone_e164:
        return None
    is_missed = activity.outcome == CallOutcome.NO_ANSWER
    seconds, words = activity.payload.get("seconds"), _("Missed call") if is_missed else _("Call")
    message = receive_message(
        account,
        Incoming(
            external_id=activity.payload["call"],
            address=lead.phone_e164,
            text=words,
            happened_at=activity.occurred_at,
            kind=MessageKind.CALL,
            duration_seconds=seconds,
            is_automatic=not is_missed,  # somebody spoke to them: nobody waits for an answer
            metadata={"activity": str(activity.pk), "outcome": activity.outcome},
        ),
    )
    if message.metadata.get("outcome") != activity.outcome or message.duration_seconds != seconds:
        message.text, message.duration_seconds = words, seconds
        message.metadata = message.metadata | {"outcome": activity.outcome}
        message.save(update_fields=["text", "duration_seconds", "metadata", "updated_at"])
        publish(f"conversation-{message.conversation_id}")
    return message


def _text_back(activity):
    rules = InboxSettings.objects.first()
    words = rules.missed_call_text.strip() if rules else ""
    if not words or activity.occurred_at < timezone.now() - STILL_OF_USE:
        return None
    try:
        return plan_message(
            conversation_with(activity.lead),
            channel=Channel.SMS,
            text=words.replace("{clinic}", activity.clinic.name),
            by=SYSTEM,
            dedupe_key=f"missed call {activity.payload['call']}",
            expires_at=activity.occurred_at + 2 * STILL_OF_USE,
            is_automatic=True,
        )
    except (NoAccount, NobodyToWriteTo):
        return None


@transaction.atomic
def note_voicemail(event_id):
    """Let what a caller spoke on the tape stand in the conversation; returns the UnifiedMessage, or None."""
    event = WebhookLog.objects.filter(pk=event_id).first()
    account = ChannelAccount.objects.on(Channel.VOICE).first()
    said = (event.payload or {}) if event else {}
    if account is None or not said.get("RecordingUrl") or not said.get("From"):
        return None
    seconds = said.get("RecordingDuration", "")
    return receive_message(
        account,
        Incoming(
            external_id=said.get("RecordingSid") or event.external_id,
            address=said["From"],
            text=said.get("TranscriptionText", "") or _("Voicemail"),
            happened_at=event.created_at,
            kind=MessageKind.VOICEMAIL,
            duration_seconds=int(seconds) if seconds.isdigit() else None,
            media=(Media(url=f"{said['RecordingUrl']}.mp3", content_type="audio/mpeg", name="voicemail.mp3"),),
            metadata={"call": said.get("CallSid", "")},
        ),
    )
