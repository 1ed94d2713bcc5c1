"""Reading a mailbox by IMAP: by the numbers that it gives its letters, each once, in order; nothing changes there."""

import imaplib
import socket
from contextlib import contextmanager

from anymail.inbound import AnymailInboundMessage
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from clinics.tenancy import clinic_scope
from clinics.webhook_sources import Check
from clinics.webhooks import keep_events
from inbox.channels.email.reading import mail_of
from inbox.channels.email.webhook import letter_event
from inbox.models import Carrier, Channel, ChannelAccount

TIMEOUT = 20  # seconds
AT_A_TIME = 25
LARGEST = 30 * 1024 * 1024  # bytes; a larger letter is told of by its headers alone
FAULTS = (imaplib.IMAP4.error, OSError, socket.timeout)


class MailboxAway(Exception):
    """The mailbox cannot be read; the text says why."""


def read_mailboxes(clinic):
    """Read what is new in every mailbox of a clinic that is read by IMAP; what fails is said on its account."""
    with clinic_scope(clinic):
        accounts = ChannelAccount.objects.active().filter(channel=Channel.EMAIL, carrier=Carrier.MAIL)
        accounts = list(accounts.filter(settings__imap_host__isnull=False).select_related("connection"))
    for account in accounts:
        if account.connection is None or not account.settings.get("imap_host"):
            continue
        try:
            while read_some(clinic, account) == AT_A_TIME:
                pass
        except MailboxAway as error:
            with clinic_scope(clinic):
                ChannelAccount.objects.filter(pk=account.pk).update(
                    last_error_at=timezone.now(), last_error=str(error)[:300]
                )


def read_some(clinic, account):
    """Take in the next letters of a mailbox; returns how many. Each is kept before the place in the mailbox moves on.

    Raises MailboxAway. Two at once take in the same letters, which are then one each.
    """
    with clinic_scope(clinic):
        account = ChannelAccount.objects.select_related("connection").get(pk=account.pk)
    place = account.settings.get("imap_place", {})
    with mailbox_of(account) as mailbox:
        validity = _validity_of(mailbox)
        after = place.get("uid", 0) if place.get("validity") == validity else 0
        if not place:
            after = _newest(mailbox)  # what lay there before the account was connected is not news
            letters = []
        else:
            letters = [(uid, _letter(mailbox, uid)) for uid in _uids_after(mailbox, after)[:AT_A_TIME]]
    events = [letter_event(mail_of(letter)) for _uid, letter in letters if letter is not None]
    newest = max((uid for uid, _letter in letters), default=after)
    with clinic_scope(clinic), transaction.atomic():
        keep_events(account.connection, events)
        locked = ChannelAccount.objects.select_for_update(of=("self",)).get(pk=account.pk)
        known = locked.settings.get("imap_place", {})
        is_behind = known.get("validity") != validity or known.get("uid", 0) < newest
        if is_behind:
            locked.settings["imap_place"] = {"validity": validity, "uid": newest}
            locked.save(update_fields=["settings", "updated_at"])
    return len(letters)


@contextmanager
def mailbox_of(account):
    """An open mailbox, read only. Raises MailboxAway for whatever goes wrong while it is open."""
    box = None
    try:
        port = int(account.settings.get("imap_port") or 993)
        kind = imaplib.IMAP4 if account.settings.get("imap_safety") == "none" else imaplib.IMAP4_SSL
        box = kind(account.settings["imap_host"], port, timeout=TIMEOUT)
        box.login(account.settings.get("imap_user") or account.address, account.credentials.get("imap_password", ""))
        status, said = box.select(account.settings.get("imap_folder") or "INBOX", readonly=True)
        if status != "OK":
            raise MailboxAway(_("The folder does not open: %s") % said)
        yield box
    except FAULTS as error:
        raise MailboxAway(_("The mailbox could not be read: %s") % str(error)[:200]) from None
    finally:
        if box is not None:
            _log_out(box)


def _log_out(box):
    try:
        box.logout()
    except FAULTS:
        return


def _validity_of(box):
    _code, said = box.response("UIDVALIDITY")
    return int(said[0]) if said and said[0] else 0


def _uids_after(box, uid):
    """The numbers of letters above one, rising. A search for "n:*" finds the last letter even below n."""
    _status, said = box.uid("SEARCH", None, f"UID {uid + 1}:*")
    return sorted(found for found in map(int, (said[0] or b"").split()) if found > uid)


def _newest(box):
    _status, said = box.uid("SEARCH", None, "ALL")
    return max(map(int, (said[0] or b"").split()), default=0)


def _letter(box, uid):
    """One letter, parsed; its headers alone when it is too large; None when it is gone meanwhile."""
    _status, said = box.uid("FETCH", str(uid), "(RFC822.SIZE)")
    size = int(said[0].split(b"RFC822.SIZE ")[1].split(b")")[0]) if said and said[0] else 0
    what = "(BODY.PEEK[])" if size <= LARGEST else "(BODY.PEEK[HEADER])"
    _status, said = box.uid("FETCH", str(uid), what)
    found = next((each[1] for each in said or [] if isinstance(each, tuple)), None)
    return AnymailInboundMessage.parse_raw_mime_bytes(found) if found else None


def check_imap(account):
    """Whether the mailbox can be read; a list of Check."""
    text = _("The mailbox can be read by IMAP.")
    try:
        with mailbox_of(account) as box:
            _validity_of(box)
    except MailboxAway as error:
        return [Check(text, False, str(error))]
    return [Check(text, True)]
