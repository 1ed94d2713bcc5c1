"""The mail services that a clinic may send by, each with its access, and how what it tells is proved and read."""

import warnings
from dataclasses import dataclass

from anymail.exceptions import AnymailInsecureWebhookWarning, AnymailNotSupportedWarning
from anymail.webhooks import mailgun, postmark, sendgrid
from django.conf import settings
from django.utils.translation import gettext_lazy

SMTP = "smtp"
HOUSE = "house"  # by what this installation sends its own mail with
TIMEOUT = 20  # seconds
USER = "recare"  # before the password in an address that a mail service calls


@dataclass(frozen=True)
class Provider:
    """A mail service: `inbound` and `events` are the views that understand what it posts; `key` is its signing key's
    name there, where it signs."""

    label: str
    backend: str
    inbound: type | None = None
    events: type | None = None
    key: str = ""


PROVIDERS = {
    SMTP: Provider(gettext_lazy("a mail server (SMTP)"), "django.core.mail.backends.smtp.EmailBackend"),
    HOUSE: Provider(gettext_lazy("the mail of this installation"), ""),
    "sendgrid": Provider(
        "SendGrid",
        "anymail.backends.sendgrid.EmailBackend",
        sendgrid.SendGridInboundWebhookView,
        sendgrid.SendGridTrackingWebhookView,
        "tracking_webhook_verification_key",
    ),
    "mailgun": Provider(
        "Mailgun",
        "anymail.backends.mailgun.EmailBackend",
        mailgun.MailgunInboundWebhookView,
        mailgun.MailgunTrackingWebhookView,
        "webhook_signing_key",
    ),
    "postmark": Provider(
        "Postmark",
        "anymail.backends.postmark.EmailBackend",
        postmark.PostmarkInboundWebhookView,
        postmark.PostmarkTrackingWebhookView,
    ),
}
CHOICES = [(name, provider.label) for name, provider in PROVIDERS.items()]


def backend_of(account):
    """(path of the backend, its arguments) by which an account sends. Raises KeyError where access is missing."""
    name = account.settings.get("provider") or SMTP
    keys, provider = account.credentials, PROVIDERS[name]
    if name == HOUSE:
        return settings.EMAIL_BACKEND, {}
    if name == SMTP:
        port = int(account.settings.get("smtp_port") or 587)
        safety = account.settings.get("smtp_safety") or ("ssl" if port == 465 else "starttls")
        return provider.backend, {
            "host": account.settings["smtp_host"],
            "port": port,
            "username": account.settings.get("smtp_user", ""),
            "password": keys.get("smtp_password", ""),
            "use_tls": safety == "starttls",
            "use_ssl": safety == "ssl",
            "timeout": TIMEOUT,
        }
    facts = {"server_token" if name == "postmark" else "api_key": keys["api_key"]}
    if name == "mailgun":
        facts["sender_domain"] = account.settings.get("domain") or account.address.rpartition("@")[2]
    if account.settings.get("api_url"):
        facts["api_url"] = account.settings["api_url"]
    return provider.backend, facts


def reader_of(name, *, is_event, passwords, keys):
    """The view of a mail service that proves and reads a post of its, with the secrets of one account.

    `passwords` and `keys` are all that are good at the moment; the newest key is the one that signs.
    """
    provider = PROVIDERS[name]
    facts = {"webhook_secret": [f"{USER}:{password}" for password in passwords]}
    if provider.key and keys and (is_event or name == "mailgun"):
        facts[provider.key] = keys[0]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AnymailInsecureWebhookWarning)
        warnings.simplefilter("ignore", AnymailNotSupportedWarning)
        return (provider.events if is_event else provider.inbound)(**facts)
