"""What Meta tells of the messages of a page or an Instagram account: theirs, echoes of ours, and what became of ours.

Sources: developers.facebook.com/docs/messenger-platform/webhooks, .../instagram-platform/webhooks. A delivery holds
many entries, each many messages; the same comes again for days; the signature is over the bytes as they came.
"""

from datetime import UTC, datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinics.models import WebhookLog
from clinics.webhook_sources import Event, Outcome, SecretKind, TryLater
from crm.hooks.meta import MetaLeads
from inbox.channels.hook import AccountHook, tell_report
from inbox.channels.twilio_api import check_address
from inbox.echoes import note_echo, sent_until
from inbox.models import MessageKind, MessageStatus
from inbox.receiving import Incoming, Media
from inbox.reporting import Report

ENDINGS = {"image": ".jpg", "video": ".mp4", "audio": ".m4a"}
TYPES = {"image": "image/jpeg", "video": "video/mp4", "audio": "audio/mp4"}
IN_TRANSIT = timedelta(seconds=30)


class MetaMessages(AccountHook):
    log_source = WebhookLog.Source.META
    icon = "chat"
    object = ""  # what Meta says that a delivery is about
    secret_kinds = (
        SecretKind("verify_token", gettext_lazy("Verify token"), generated=True),
        SecretKind(
            "app_secret",
            gettext_lazy("App secret"),
            gettext_lazy("Meta for Developers, your app, App settings, Basic. It proves that Meta speaks."),
        ),
    )
    answers_get = True

    def greet(self, connection, delivery, secrets):
        return MetaLeads().greet(connection, delivery, secrets)

    def verify(self, connection, delivery, secrets):
        MetaLeads().verify(connection, delivery, secrets)

    def read(self, connection, delivery):
        said = delivery.json()
        entries = said.get("entry") if isinstance(said, dict) and said.get("object") == self.object else None
        told = [
            each
            for entry in (entries if isinstance(entries, list) else [])
            for each in (entry.get("messaging") or [] if isinstance(entry, dict) else [])
            if isinstance(each, dict)
        ]
        return [event for each in told for event in _events(each)]

    def understand(self, account, event):
        said = event.payload
        if event.event_type == "message":
            return incoming(event)
        if event.event_type != "echo" and ("delivery" in said or said["read"].get("mid")):
            return _report(said["delivery"]["mid"] if "delivery" in said else said["read"]["mid"], event)
        return None

    def take_alone(self, account, event):
        said = event.payload
        if event.event_type == "echo":
            return self._echo(account, event)
        read = sent_until(account, said["sender"]["id"], _moment(said["read"].get("watermark")))
        for message in read:
            tell_report(account, _report(message.external_message_id, event))
        return Outcome(_("They have read what was sent"), about=next(iter(read), None))

    def _echo(self, account, event):
        said = event.payload
        written = note_echo(
            account,
            external_id=said["message"]["mid"],
            address=said["recipient"]["id"],
            text=str(said["message"].get("text", "")),
            happened_at=_moment(said.get("timestamp")) or event.created_at,
        )
        if written is None:
            raise TryLater(_("A message of ours is just on its way: it may be this one."), after=IN_TRANSIT)
        return Outcome(_("A message of the clinic"), about=written)

    def test(self, connection, secrets):
        return check_address(connection)


def _events(said):
    """What one entry of a batch tells: a message, the echo of one, or what became of some of ours."""
    message, sender = said.get("message"), said.get("sender")
    if not isinstance(sender, dict) or not isinstance(said.get("recipient"), dict):
        return
    if isinstance(message, dict) and message.get("mid") and not message.get("is_deleted"):
        is_echo = bool(message.get("is_echo"))
        yield Event(
            f"echo:{message['mid']}" if is_echo else str(message["mid"]), "echo" if is_echo else "message", said
        )
    elif isinstance(said.get("postback"), dict) and said["postback"].get("mid"):
        spoken = {"mid": said["postback"]["mid"], "text": said["postback"].get("title", "")}
        yield Event(str(spoken["mid"]), "message", said | {"message": spoken})
    elif isinstance(said.get("delivery"), dict):
        for mid in said["delivery"].get("mids") or []:
            yield Event(f"delivered:{mid}", "delivered", said | {"delivery": {"mid": str(mid)}})
    elif isinstance(said.get("read"), dict):
        until = said["read"].get("mid") or said["read"].get("watermark")
        yield Event(f"read:{sender.get('id')}:{until}", "read", said)


def incoming(event):
    """A message as Meta tells it; files are links that last for days, a story that mentions the clinic among them."""
    said = event.payload
    message = said["message"]
    attached = [each for each in message.get("attachments") or [] if isinstance(each, dict)]
    is_mention = any(each.get("type") == "story_mention" for each in attached)
    replied = message.get("reply_to") if isinstance(message.get("reply_to"), dict) else {}
    return Incoming(
        external_id=str(message["mid"]),
        address=str(said["sender"].get("id", "")),
        text=str(message.get("text", "")),
        happened_at=_moment(said.get("timestamp")) or event.created_at,
        in_reply_to=str(replied.get("mid", "")),
        kind=MessageKind.STORY_MENTION if is_mention else MessageKind.TEXT,
        media=tuple(_media(attached)),
        metadata={"story": replied["story"]} if isinstance(replied.get("story"), dict) else {},
    )


def _media(attached):
    for number, each in enumerate(attached[:10], 1):
        url = (each.get("payload") or {}).get("url", "")
        kind = "image" if each.get("type") in ("story_mention", "share") else each.get("type")
        if url:
            yield Media(url=url, content_type=TYPES.get(kind, ""), name=f"file-{number}{ENDINGS.get(kind, '')}")


def _report(mid, event):
    is_read = event.event_type == "read"
    status = MessageStatus.READ if is_read else MessageStatus.DELIVERED
    return Report(external_id=mid, status=status, word=event.event_type, told_at=event.created_at)


def _moment(milliseconds):
    try:
        return datetime.fromtimestamp(int(milliseconds) / 1000, UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None
