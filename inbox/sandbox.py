"""The pretend phones and mailboxes: every channel works at once, and one answers as the patient would."""

import base64
import uuid
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from clinics.audit import SYSTEM, record
from clinics.live import publish
from clinics.models import WebhookConnection
from clinics.webhook_connections import connect_service
from clinics.webhooks import keep_events
from inbox.addresses import normal_address
from inbox.channels.sandbox.webhook import said_event
from inbox.models import Carrier, Channel, ChannelAccount, MessageKind, SandboxDelivery
from inbox.rules import NobodyToWriteTo, NothingToSay

KIND = "sandbox"
NUMBERS = {Channel.SMS: "+12025550110", Channel.WHATSAPP: "+12025550111", Channel.VOICE: "+12025550112"}
PRETENDED = (*NUMBERS, Channel.EMAIL, Channel.FACEBOOK_MESSENGER, Channel.INSTAGRAM_DM)


@dataclass(frozen=True)
class Spoken:
    """What the pretend patient says: `kind` is a MessageKind, `quotes` whether a letter quotes the one it answers,
    `file` an upload."""

    text: str = ""
    subject: str = ""
    kind: str = MessageKind.TEXT
    seconds: int | None = None
    quotes: bool = False
    file: object = None


@transaction.atomic
def open_sandbox(clinic, *, by=SYSTEM):
    """Give a clinic a pretend account on every channel where it has none, and one for its portal; returns the new ones.

    Asked twice it is opened once. Records "inbox.account.connected" for each.
    """
    has = set(ChannelAccount.objects.select_for_update(of=("self",)).values_list("channel", flat=True))
    told = WebhookConnection.objects.of_kind(KIND).first()
    if told is None:
        told = connect_service(KIND, label=_("Pretend phones and mailboxes"), settings={}, secrets={}, by=by)
    rows = [_pretended(clinic, channel, told) for channel in PRETENDED if channel not in has]
    if Channel.PORTAL not in has:
        rows.append(
            ChannelAccount(
                channel=Channel.PORTAL, carrier=Carrier.HOUSE, label=_("Portal"), address=str(clinic.pk), per_second=50
            )
        )
    for row in rows:
        row.is_default = True
        row.save(force_insert=True)
        record("inbox.account.connected", row, by=by, after={"channel": row.channel, "carrier": row.carrier})
    return rows


def _pretended(clinic, channel, told):
    address = NUMBERS.get(channel) or f"{channel.lower()}-{clinic.slug}"
    address = f"desk@{clinic.slug}.example" if channel == Channel.EMAIL else address
    label = _("Pretend %(channel)s") % {"channel": Channel(channel).label}
    return ChannelAccount(
        channel=channel, carrier=Carrier.SANDBOX, label=label[:80], address=address, connection=told, per_second=10
    )


@transaction.atomic
def speak_as_person(account, address, spoken, *, by):
    """Let a pretend patient write, call or speak to an account; returns the SandboxDelivery.

    It is kept as a webhook event and worked off like everybody's. Records "inbox.sandbox.spoken". Raises
    NobodyToWriteTo, NothingToSay.
    """
    address = normal_address(account.channel, address)
    if not address:
        raise NobodyToWriteTo
    if spoken.kind == MessageKind.TEXT and not (spoken.text.strip() or spoken.file):
        raise NothingToSay
    said_id = f"sandbox-{uuid.uuid4().hex}"
    answered = SandboxDelivery.objects.of_person(account, address).filter(is_from_person=False).first()
    row = SandboxDelivery.objects.create(
        account=account,
        external_message_id=said_id,
        to_address=account.address,
        from_address=address,
        is_from_person=True,
        subject=spoken.subject[:300],
        text=spoken.text,
        payload={"kind": spoken.kind, "seconds": spoken.seconds, "files": [spoken.file.name] if spoken.file else []},
    )
    files = [_file(spoken.file)] if spoken.file else []
    said = {"id": said_id, "account": str(account.pk), "from": address, "kind": spoken.kind, "seconds": spoken.seconds}
    said |= {"text": spoken.text, "files": files}
    if account.channel == Channel.EMAIL:
        said["mail"] = _letter(account, address, spoken, answered, said_id) | {"files": files}
    keep_events(account.connection, [said_event(said)])
    record("inbox.sandbox.spoken", account, by=by, metadata={"kind": spoken.kind})
    publish("sandbox")
    return row


def _letter(account, address, spoken, answered, said_id):
    """A letter as a mail program would write it: with its subject, what it answers, and that quoted."""
    text = spoken.text
    if spoken.quotes and answered:
        day = timezone.localtime(answered.created_at).strftime("%a, %b %d, %Y at %H:%M")
        quoted = "\n".join(f"> {line}" for line in answered.text.splitlines())
        text = f"{text}\n\nOn {day} <{account.address}> wrote:\n{quoted}\n"
    subject = spoken.subject or (_("Re: %s") % answered.subject if answered and answered.subject else "")
    answers = answered.external_message_id if answered else ""
    return {
        "id": f"{said_id}@{address.rpartition('@')[2] or 'sandbox.example'}",
        "from": address,
        "name": "",
        "to": [account.address],
        "subject": subject,
        "text": text,
        "html": "",
        "in_reply_to": answers,
        "references": [answers] if answers else [],
        "headers": {},
        "bounce": None,
    }


def _file(upload):
    content = base64.b64encode(upload.read()).decode()
    return {"name": upload.name, "content_type": upload.content_type or "", "content": content}
