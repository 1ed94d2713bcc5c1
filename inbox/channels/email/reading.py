"""What a mail says, as a dictionary that is kept sealed until it is worked off, and as a message of the inbox.

Sources: RFC 3834 (automatic responses), RFC 3464 (delivery status notifications), RFC 5322 (threads).
"""

import base64
import re
from email.utils import parseaddr, parsedate_to_datetime

from clinics.normalising import email_norm
from clinics.webhook_sources import storable
from crm.hooks.mail_reading import text_of_html
from inbox.email_replies import trim_reply
from inbox.receiving import Incoming, Media

LONGEST = 1_000_000  # characters kept of a text
MOST_FILES, MOST_FILE_BYTES = 20, 20 * 1024 * 1024
KEPT_HEADERS = (
    "auto-submitted", "precedence", "x-autoreply", "x-autorespond", "x-autoresponse", "x-auto-response-suppress",
    "list-id", "list-unsubscribe", "x-failed-recipients", "content-type", "date", "return-path",
)  # fmt: skip
OUT_OF_OFFICE = re.compile(
    r"^\s*(?:auto(?:matic)?[ -]?(?:reply|response|responder)|out of (?:the )?office|away from|respuesta autom[aá]tica|"
    r"fuera de (?:la )?oficina|abwesenheit|réponse automatique|resposta autom[aá]tica)\b",
    re.IGNORECASE,
)
ROBOTS = re.compile(r"^(?:mailer-daemon|postmaster|no-?reply|do-?not-?reply|bounces?)(?:[+@-]|$)", re.IGNORECASE)


def mail_of(message):
    """A parsed mail (AnymailInboundMessage) as what is kept of it, storable as JSON."""
    name, address = parseaddr(str(message.get("From", "")))
    return storable(
        {
            "id": bare_id(message.get("Message-ID", "")),
            "from": address,
            "name": name,
            "to": [each.addr_spec for each in message.to],
            "subject": str(message.subject or ""),
            "text": (message.text or "")[:LONGEST],
            "html": (message.html or "")[:LONGEST],
            "in_reply_to": bare_id(message.get("In-Reply-To", "")),
            "references": ids_in(message.get("References", "")),
            "headers": {name: str(message[name])[:500] for name in KEPT_HEADERS if message.get(name)},
            "files": [_file(part) for part in list(message.attachments)[:MOST_FILES]],
            "bounce": _bounce_in(message),
        }
    )


def _file(part):
    content = part.get_content_bytes() or b""
    is_kept = len(content) <= MOST_FILE_BYTES
    return {
        "name": part.get_filename() or "file",
        "content_type": part.get_content_type(),
        "content": base64.b64encode(content).decode() if is_kept else "",
    }


def incoming_of(mail, *, event):
    """A mail as a message: the answer trimmed, the whole text one click away, its files fetched from the event."""
    full = mail["text"].strip() or text_of_html(mail["html"])
    reply = trim_reply(full)
    return Incoming(
        external_id=mail["id"] or event.external_id,
        address=mail["from"],
        text=reply.text,
        full_text=full if reply.is_shorter else "",
        html=mail["html"],
        subject=mail["subject"],
        happened_at=_moment(mail) or event.created_at,
        display_name=mail["name"],
        in_reply_to=mail["in_reply_to"],
        answers=(mail["in_reply_to"], *reversed(mail["references"])),
        is_automatic=is_automatic(mail),
        media=tuple(
            Media(url=f"webhook:{event.pk}:{at}", content_type=each["content_type"], name=each["name"])
            for at, each in enumerate(mail["files"])
        ),
        metadata={"to": mail["to"], "references": mail["references"][-10:]},
    )


def is_automatic(mail):
    """Whether a machine wrote it: a notice of absence, a receipt, a list."""
    said = {name: text.casefold() for name, text in mail["headers"].items()}
    if said.get("auto-submitted", "no").partition(";")[0].strip() != "no":
        return True
    if said.get("precedence", "") in ("bulk", "auto_reply", "junk", "list") or "list-id" in said:
        return True
    if {"x-autoreply", "x-autorespond", "x-autoresponse"} & said.keys() or said.get("return-path") == "<>":
        return True
    return bool(OUT_OF_OFFICE.match(mail["subject"]) or ROBOTS.match(mail["from"]))


def _bounce_in(message):
    """{"address", "status", "id"} of a notification that a letter of ours was not delivered, else None."""
    if message.get_content_type() != "multipart/report" or message.get_param("report-type") != "delivery-status":
        return None
    address, status, action, original = "", "", "", ""
    for part in message.walk():
        if part.get_content_type() == "message/delivery-status":
            for block in part.get_payload():
                address = address or str(block.get("Final-Recipient", "")).partition(";")[2].strip()
                status = status or str(block.get("Status", "")).strip()
                action = action or str(block.get("Action", "")).strip().casefold()
        elif part.get_content_type() in ("message/rfc822", "text/rfc822-headers"):
            original = original or _original_id(part)
    if action not in ("failed", "") or not address:
        return None
    return {"address": email_norm(address), "status": status, "id": original}


def _original_id(part):
    inner = part.get_payload()
    if isinstance(inner, list) and inner:
        return bare_id(inner[0].get("Message-ID", ""))
    found = re.search(r"^message-id:\s*(<[^>\s]+>)", str(inner), re.IGNORECASE | re.MULTILINE)
    return bare_id(found[1]) if found else ""


def _moment(mail):
    try:
        moment = parsedate_to_datetime(mail["headers"].get("date", ""))
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo else None


def bare_id(text):
    """A Message-ID without its brackets; "" for none."""
    return next(iter(ids_in(text)), str(text).strip().strip("<>")[:250])


def ids_in(text):
    return [each[:250] for each in re.findall(r"<([^<>\s]+)>", str(text))][-50:]
