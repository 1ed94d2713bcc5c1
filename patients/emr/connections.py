"""Connecting an EMR: where it is, what we may do there, who wins field by field; in use, paused, and changed."""

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinics.audit import record
from clinics.errors import RuleBroken
from clinics.live import publish
from patients.emr.addresses import check_url, same_origin
from patients.emr.client import Server
from patients.emr.keys import add_first_key, signing_key
from patients.emr.mapping import ORDER
from patients.models import EmrConnection
from patients.rules import SomebodyWasFaster

TOLD = ("name", "system", "base_url", "token_url", "client_id", "scopes", "may_write", "uses_bulk", "sync_minutes")
CHANGEABLE = (*TOLD, "field_policy")


class NameTaken(RuleBroken):
    message = _("There is a connection of this name already.")


class NotComplete(RuleBroken):
    message = _("Put in the client ID first: the EMR gives it when the app is registered there.")


def usual_scopes(*, may_write=False):
    """What a connection asks for: to read what is taken in, and to book where that is allowed."""
    scopes = [f"system/{kind}.read" for kind in ORDER]
    return " ".join(scopes + (["system/Appointment.write"] if may_write else []))


@transaction.atomic
def connect_emr(values, *, by):
    """Keep a new connection, paused, with a key pair of its own; returns it.

    `values` as in CHANGEABLE. Records "patients.emr_connection.made". Raises NameTaken, AddressRefused.
    """
    connection = EmrConnection(created_by=by)
    _set(connection, values)
    try:
        with transaction.atomic():
            connection.save(force_insert=True)
    except IntegrityError as error:
        raise NameTaken from error
    add_first_key(connection)
    record("patients.emr_connection.made", connection, by=by, after=_told(connection))
    return connection


@transaction.atomic
def change_emr(connection, values, *, version, by):
    """Change a connection; returns it. Another server is read from its beginning, another address of the same is not.

    Records "patients.emr_connection.changed". Raises SomebodyWasFaster, NameTaken, AddressRefused.
    """
    connection = EmrConnection.objects.select_for_update().get(pk=connection.pk)
    if connection.version != version:
        raise SomebodyWasFaster(connection)
    before, url = _told(connection), connection.base_url
    _set(connection, values)
    if not same_origin(url, connection.base_url):
        connection.cursor, connection.facts = {}, {}
        connection.status = EmrConnection.Status.NEW
    connection.version += 1
    try:
        with transaction.atomic():
            connection.save()
    except IntegrityError as error:
        raise NameTaken from error
    record("patients.emr_connection.changed", connection, by=by, before=before, after=_told(connection))
    publish("emr")
    return connection


@transaction.atomic
def resume_emr(connection, *, by):
    """Read from an EMR from now on. Records "patients.emr_connection.resumed". Raises NotComplete."""
    if not connection.client_id:
        raise NotComplete
    return _switch(connection, True, "patients.emr_connection.resumed", by=by)


@transaction.atomic
def pause_emr(connection, *, by):
    """Neither read from an EMR nor write to it. Records "patients.emr_connection.paused"; undone by resume_emr."""
    return _switch(connection, False, "patients.emr_connection.paused", by=by)


def _switch(connection, is_active, action, *, by):
    connection = EmrConnection.objects.select_for_update().get(pk=connection.pk)
    if connection.is_active != is_active:
        connection.is_active, connection.failures = is_active, 0
        connection.next_sync_at = timezone.now() if is_active else None
        connection.save(update_fields=["is_active", "failures", "next_sync_at", "updated_at"])
        record(action, connection, by=by)
        publish("emr")
    return connection


def server_of(connection):
    """The Server that a connection leads to, its private key opened: for one piece of work, never kept."""
    return Server(
        base_url=connection.base_url,
        client_id=connection.client_id,
        scopes=connection.scopes or usual_scopes(may_write=connection.may_write),
        key=signing_key(connection),
        token_url=connection.token_url,
    )


def _set(connection, values):
    for name in CHANGEABLE:
        if name in values:
            setattr(connection, name, values[name])
    connection.base_url = str(check_url(connection.base_url.strip())).rstrip("/")
    connection.token_url = connection.token_url and str(check_url(connection.token_url.strip()))


def _told(connection):
    return {name: getattr(connection, name) for name in TOLD} | {"field_policy": connection.field_policy}
