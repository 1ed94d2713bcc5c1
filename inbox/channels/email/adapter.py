"""E-mail, sent by SMTP or by the API of a mail service, with what makes it a good letter: threads and one click out."""

import smtplib
from email.mime.text import MIMEText
from email.utils import formataddr, parseaddr

import requests
from anymail.exceptions import AnymailAPIError, AnymailConfigurationError, AnymailError, AnymailRecipientsRefused
from anymail.message import AnymailMessage
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import get_connection
from django.utils.translation import gettext as _

from clinics.webhook_sources import Check
from inbox.channels.contract import Accepted, Adapter, NotSent, Unclear
from inbox.channels.email.imap import check_imap
from inbox.channels.email.providers import HOUSE, PROVIDERS, SMTP, backend_of

REASONS = {400: "refused", 401: "credentials", 402: "no_funds", 403: "credentials", 404: "credentials", 413: "too_long"}
PASSING_SMTP = {421, 450, 451, 452}


class MailAdapter(Adapter):
    def send(self, account, outgoing):
        letter = letter_of(account, outgoing)
        letter.connection = connection_of(account)
        try:
            letter.send()
        except (AnymailError, requests.RequestException) as error:
            raise _of_service(error) from None
        except (smtplib.SMTPException, OSError) as error:
            raise _of_smtp(error) from None
        except ImproperlyConfigured as error:
            raise NotSent("credentials", str(error)[:200]) from None
        return Accepted(message_id(outgoing), "queued")

    def check(self, account):
        checks = [_check_sending(account)]
        return [*checks, *check_imap(account)] if account.settings.get("imap_host") else checks


def message_id(outgoing):
    """The Message-ID of a letter of ours, without its brackets: the same however often it is made."""
    return f"{outgoing.key}@{outgoing.from_address.rpartition('@')[2]}"


def letter_of(account, outgoing):
    """The letter as it goes out."""
    headers = {"Message-ID": f"<{message_id(outgoing)}>"}
    thread = [bracketed(each) for each in (*outgoing.references, outgoing.in_reply_to) if each]
    if outgoing.in_reply_to:
        headers["In-Reply-To"] = bracketed(outgoing.in_reply_to)
    if thread:
        headers["References"] = " ".join(dict.fromkeys(thread))
    if outgoing.unsubscribe_url:  # RFC 8058: one click, answered without a page
        headers["List-Unsubscribe"] = f"<{outgoing.unsubscribe_url}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    from_address = outgoing.from_address
    if provider_of(account) == HOUSE:  # its mail server lets nobody send under another name than its own
        from_address, headers["Reply-To"] = parseaddr(settings.DEFAULT_FROM_EMAIL)[1], outgoing.from_address
    sender = formataddr((outgoing.from_name, from_address)) if outgoing.from_name else from_address
    letter = AnymailMessage(outgoing.subject, outgoing.text, sender, [outgoing.to_address], headers=headers)
    if outgoing.html:
        letter.attach_alternative(outgoing.html, "text/html")
    for each in outgoing.enclosures:
        _attach(letter, each)
    if provider_of(account) not in (SMTP, HOUSE):
        letter.metadata = {"recare": outgoing.key}  # comes back with what the service tells of this letter
        letter.track_clicks = letter.track_opens = False
    return letter


def _attach(letter, enclosure):
    """Add a file; one for a calendar says in its type what the calendar is to do with it (RFC 6047)."""
    kind, _semicolon, method = enclosure.content_type.partition("; method=")
    if kind != "text/calendar":
        letter.attach(enclosure.name, enclosure.content, enclosure.content_type)
        return
    part = MIMEText(enclosure.content.decode(), "calendar", "utf-8")
    part.set_param("method", method or "PUBLISH")
    part.add_header("Content-Disposition", "attachment", filename=enclosure.name)
    letter.attach(part)


def provider_of(account):
    return account.settings.get("provider") or SMTP


def connection_of(account):
    """The line by which a letter goes. Raises NotSent where the access is not complete."""
    try:
        path, facts = backend_of(account)
        return get_connection(path, fail_silently=False, **facts)
    except (AnymailConfigurationError, ImproperlyConfigured, KeyError) as error:
        raise NotSent("credentials", str(error)[:200]) from None


def bracketed(reference):
    return reference if reference.startswith("<") else f"<{reference}>"


def _of_service(error):
    """What a mail service's answer means: a 4xx is a refusal, anything else may have been accepted."""
    if isinstance(error, AnymailRecipientsRefused):
        return NotSent("invalid_address", str(error)[:200])
    if isinstance(error, requests.ConnectTimeout):
        return NotSent("busy", "no connection", is_passing=True)
    status = getattr(error, "status_code", None)
    if status == 429:
        return NotSent("busy", "429", is_passing=True)
    if status and 400 <= status < 500:
        return NotSent(REASONS.get(status, "refused"), f"HTTP {status}")
    if isinstance(error, AnymailAPIError | requests.RequestException):
        refused = "NewConnectionError" in repr(error) or "NewConnectionError" in repr(error.__cause__)
        return NotSent("busy", "no connection", is_passing=True) if refused else Unclear(type(error).__name__)
    return NotSent("refused", str(error)[:200])


def _of_smtp(error):
    """What went wrong at a mail server: it said no, or the line broke after the letter may have been taken."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, words = next(iter(error.recipients.values()))
        is_passing = code in PASSING_SMTP
        return NotSent("mailbox_full" if is_passing else "invalid_address", _words(code, words), is_passing=is_passing)
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return NotSent("credentials", _words(error.smtp_code, error.smtp_error))
    if isinstance(error, smtplib.SMTPConnectError | smtplib.SMTPHeloError | ConnectionRefusedError):
        return NotSent("busy", type(error).__name__, is_passing=True)
    if isinstance(error, smtplib.SMTPResponseException):
        is_passing = error.smtp_code in PASSING_SMTP
        reason = "busy" if is_passing else "refused"
        return NotSent(reason, _words(error.smtp_code, error.smtp_error), is_passing=is_passing)
    return Unclear(type(error).__name__)


def _words(code, words):
    return f"{code} {words.decode('utf-8', 'replace') if isinstance(words, bytes) else words}"[:300]


def _check_sending(account):
    """Whether letters can be sent: a mail server is logged in to; of a service only the access is looked at."""
    name = PROVIDERS[provider_of(account)].label
    text = _("Letters can be sent by %s.") % name
    try:
        line = connection_of(account)
        line.open()
        line.close()
    except NotSent as refused:
        return Check(text, False, _("The access is not complete: %s") % refused.detail)
    except (smtplib.SMTPException, OSError, AnymailError, requests.RequestException) as error:
        return Check(text, False, _("It could not be reached or did not let us in: %s") % str(error)[:200])
    return Check(text, True)
