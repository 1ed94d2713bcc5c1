"""Mail to the people who work here: invitations, links to set a password, what happened to their account.

What clinics write to their leads and patients goes through the outbox of the inbox, not through here. Addresses in
mail are built from BASE_URL, never from what a browser said the host was called.
"""

from smtplib import SMTPException

import structlog
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

log = structlog.get_logger("recare.mail")


def send_mail(name, to, *, subject, language="", parts=(), **context):
    """Write templates/email/<name>.html and .txt to one address, with `parts` (MIME) attached.

    Raises SMTPException or OSError if it cannot go.
    """
    with translation.override(language or settings.LANGUAGE_CODE):
        context |= {"title": str(subject), "subject": str(subject)}
        message = EmailMultiAlternatives(str(subject), render_to_string(f"email/{name}.txt", context), to=[to])
        message.attach_alternative(render_to_string(f"email/{name}.html", context), "text/html")
    for part in parts:
        message.attach(part)
    message.send()


def mail_later(name, to, **context):
    """Send after the commit, if it can be sent: for word that the change itself must not wait for."""
    transaction.on_commit(lambda: _try_to_send(name, to, context))


def _try_to_send(name, to, context):
    try:
        send_mail(name, to, **context)
    except (SMTPException, OSError) as error:
        log.warning("mail not sent", mail=name, error=type(error).__name__)


def absolute(path):
    return settings.BASE_URL.rstrip("/") + path


def password_link(user):
    """The address at which this person, and nobody else, can set a password; it works once, for three days."""
    key = default_token_generator.make_token(user)
    place = {"uidb36": user_pk_to_url_str(user), "key": key}
    return absolute(reverse("account_reset_password_from_key", kwargs=place))
