"""Connecting outside services: their address here, the secrets shared with them, changing these over, and the test."""

import secrets as randomness
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinics.audit import record
from clinics.errors import RuleBroken
from clinics.jobs import start_job
from clinics.models import BackgroundJob, WebhookConnection, WebhookSecret
from clinics.requests import digest
from clinics.tenancy import clinic_scope
from clinics.webhook_rehearsal import send_rehearsal
from clinics.webhook_sources import source_named
from clinics.webhooks import secrets_of, wake_for

CHANGE_OVER = timedelta(days=7)
TEST = "clinics.webhook_test"


class LastSecret(RuleBroken):
    message = gettext_lazy("This is the only key of its kind. Put in the new one first.")


@transaction.atomic
def connect_service(kind, *, label, settings, secrets, by):
    """Give an outside service an address of its own here, with the secrets that it shares with us; returns it.

    `secrets` are name -> value; those that are made here are made now. Records "clinics.webhook.connected".
    """
    source, token = source_named(kind), randomness.token_urlsafe(32)
    connection = WebhookConnection.objects.create(
        kind=kind, label=label, settings=settings, token=token, token_digest=digest(token), created_by=by
    )
    for secret_kind in source.secret_kinds:
        value = secrets.get(secret_kind.name) or (new_secret() if secret_kind.generated else "")
        if value:
            _keep_secret(connection, secret_kind.name, value)
    record("clinics.webhook.connected", connection, by=by, after={"kind": kind, "label": label})
    return connection


@transaction.atomic
def change_connection(connection, *, label, settings, by):
    """Rename a connection or change what it does with what comes in. Records "clinics.webhook.connection_changed"."""
    connection = WebhookConnection.objects.select_for_update().get(pk=connection.pk)
    before = {"label": connection.label, **connection.settings}
    connection.label, connection.settings = label, settings
    connection.save(update_fields=["label", "settings", "updated_at"])
    record("clinics.webhook.connection_changed", connection, by=by, before=before, after={"label": label, **settings})
    return connection


@transaction.atomic
def rotate_secret(connection, name, value, *, by, at_once=False):
    """Put a new secret in the place of an old one; returns the new WebhookSecret.

    The old one is good for another week, so that the service can be told in peace, or ends `at_once`; one that we prove
    ourselves with always ends at once, and what waited for it is tried again. Records "clinics.webhook.secret_rotated".
    """
    [kind] = [each for each in source_named(connection.kind).secret_kinds if each.name == name]
    connection = WebhookConnection.objects.select_for_update().get(pk=connection.pk)
    old = WebhookSecret.objects.active().filter(connection=connection, name=name)
    ends_at_once = at_once or kind.outgoing
    ending = timezone.now() if ends_at_once else timezone.now() + CHANGE_OVER
    (old if ends_at_once else old.filter(works_until=None)).update(works_until=ending)
    secret = _keep_secret(connection, name, value or new_secret())
    record("clinics.webhook.secret_rotated", connection, by=by, after={"secret": name, "ending": secret.ending})
    if kind.outgoing:
        waiting = connection.webhooks.filter(status="RETRY")
        ids = list(waiting.values_list("pk", flat=True))
        waiting.update(due_at=timezone.now())
        wake_for(ids)
    return secret


@transaction.atomic
def end_secret(secret, *, by):
    """Let an old secret no longer be good, now; returns its connection. Records "clinics.webhook.secret_ended".

    Raises LastSecret.
    """
    connection = WebhookConnection.objects.select_for_update().get(pk=secret.connection_id)
    active = WebhookSecret.objects.active().filter(connection=connection, name=secret.name)
    if not active.exclude(pk=secret.pk).exists():
        raise LastSecret
    active.filter(pk=secret.pk).update(works_until=timezone.now())
    record("clinics.webhook.secret_ended", connection, by=by, before={"secret": secret.name, "ending": secret.ending})
    return connection


@transaction.atomic
def pause_connection(connection, *, by):
    """Take nothing in any more at this address. Records "clinics.webhook.paused"; undone by resume_connection."""
    return _switch(connection, False, "clinics.webhook.paused", by=by)


@transaction.atomic
def resume_connection(connection, *, by):
    """Take in again what comes to this address. Records "clinics.webhook.resumed"."""
    return _switch(connection, True, "clinics.webhook.resumed", by=by)


def _switch(connection, is_active, action, *, by):
    connection = WebhookConnection.objects.select_for_update().get(pk=connection.pk)
    if connection.is_active != is_active:
        connection.is_active = is_active
        connection.save(update_fields=["is_active", "updated_at"])
        record(action, connection, by=by)
    return connection


@transaction.atomic
def start_test(connection, *, by, sends=False):
    """Begin to try a connection out, in the background since another service may be asked; returns the job.

    With `sends` a test goes the whole way from the public address on, and never becomes a lead. Records
    "clinics.webhook.tested".
    """
    title = _("Test of %(name)s") % {"name": connection.label}
    url = f"{connection.get_absolute_url()}#connection-test"
    record("clinics.webhook.tested", connection, by=by)
    parameters = {"connection": str(connection.pk), "sends": sends}
    return start_job(TEST, title=title, by=by, parameters=parameters, result_url=url)


def run_test(clinic, job):
    """Try a connection out and return what was found, line by line; whatever is asked outside holds no transaction."""
    with clinic_scope(clinic):
        connection = WebhookConnection.objects.get(pk=job.parameters["connection"])
        secrets = secrets_of(connection)
    if job.parameters.get("sends"):
        checks = send_rehearsal(clinic, connection, secrets)
    else:
        checks = source_named(connection.kind).test(connection, secrets)
    failed = sum(not check.passed for check in checks)
    return {"passed": len(checks) - failed, "failed": failed, "checks": [vars(check) for check in checks]}


def last_test(connection):
    """The newest test of a connection as a job, or None."""
    tests = BackgroundJob.objects.filter(kind=TEST, parameters__connection=str(connection.pk))
    return tests.order_by("-id").first()


def new_secret():
    """A secret that is made here: long enough, and without letters that an address would change."""
    return randomness.token_urlsafe(24)


def _keep_secret(connection, name, value):
    return WebhookSecret.objects.create(connection=connection, name=name, value=value, ending=value[-4:])
