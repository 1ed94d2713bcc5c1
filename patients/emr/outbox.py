"""What changes here of an appointment is told to the EMR: each change once, however often a worker is killed.

A reaction to the change writes one EmrWrite a connection and appointment. A worker claims it, commits that, and only
then speaks to the EMR: it tells how the appointment stands now. Where no answer came, it is looked up there by our own
identifier before anything is sent again, so that nobody is booked twice.
"""

import time
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinics.audit import record
from clinics.background import wake
from clinics.errors import RuleBroken
from clinics.live import publish
from clinics.tenancy import clinic_scope
from patients.emr.booking import IDENTIFIER_SYSTEM, STATUSES, Booking, identifier_of, patch_of, resource_of
from patients.emr.client import Client
from patients.emr.connections import server_of
from patients.emr.errors import Away, Busy, ChangedThere, EmrError, Gone, NotThere, TooSlow, Unreadable
from patients.emr.telling import level_with, note_failure, note_known, reason_of, take_theirs, told_of
from patients.models import AppointmentStatus, EmrConnection, EmrRecord, EmrWrite

Status = EmrWrite.Status
LEASE = timedelta(minutes=10)  # longer than twice what one exchange may take
GRACE = timedelta(minutes=2)  # so long may an EMR still accept what it has not answered
PAUSES = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720)]
AT_A_TIME = 20
TASK = "patients.tasks.tell_emr"


class NotAllowed(RuleBroken):
    message = gettext_lazy("This connection may not book in the EMR.")


@dataclass(frozen=True)
class Sent:
    """What an exchange brought: the resource there (None: nothing to tell), what it was told, and of which version."""

    resource: dict | None
    told: dict
    version: int


class UnknownThere(EmrError):
    """Nobody there can be booked for whom the EMR has no record."""

    message = gettext_lazy("The EMR does not know this patient yet. Enter them there; it is tried again by itself.")
    may_pass = True


def plan_write(appointment):
    """Note for each EMR that may be written to and knows the patient that an appointment has changed; returns how many.

    Must run in the transaction of a reaction. What the EMR told us itself is not told back. A paused connection waits.
    """
    planned = 0
    for connection in EmrConnection.objects.filter(may_write=True):
        known = EmrRecord.objects.of_source(connection)
        is_there = known.filter(Q(appointment=appointment) | Q(patient=appointment.patient, resource_type="Patient"))
        if appointment.patient_id is None or not is_there.exists() or level_with(connection, appointment):
            continue
        write, _made = EmrWrite.objects.select_for_update().get_or_create(
            connection=connection, appointment=appointment, defaults={"wanted_version": appointment.version}
        )
        write.wanted_version = max(write.wanted_version, appointment.version)
        if write.status != Status.SENDING:  # whoever sends it looks again when that is done
            _make_due(write)
        write.save()
        wake(TASK, write.pk)
        planned += 1
    return planned


@transaction.atomic
def send_again(write, *, by):
    """Try once more to tell what was not accepted. Records "patients.emr_write.repeated". Raises NotAllowed."""
    write = EmrWrite.objects.select_for_update(of=("self",)).select_related("connection").get(pk=write.pk)
    if not (write.connection.is_active and write.connection.may_write):
        raise NotAllowed
    if write.status != Status.SENDING:
        _make_due(write)
        write.save()
        record("patients.emr_write.repeated", write, by=by)
        wake(TASK, write.pk)
    return write


def _make_due(write):
    write.status, write.attempts, write.due_at, write.error = Status.PENDING, 0, timezone.now(), ""


def tell_emrs(clinic, ids=None):
    """Tell EMRs of some changes, or of all that are due; returns how many were claimed."""
    with clinic_scope(clinic):
        claimed = _claim(ids)
    for write in claimed:
        _send(clinic, write)
    return len(claimed)


def _claim(ids):
    """Take free rows for this worker, and commit that before anything is sent."""
    now = timezone.now()
    due = EmrWrite.objects.due(now)
    rows = due.filter(pk__in=ids) if ids else due
    writes = list(rows.select_for_update(skip_locked=True, of=("self",))[:AT_A_TIME])
    EmrWrite.objects.filter(pk__in=[write.pk for write in writes]).update(
        status=Status.SENDING, attempts=F("attempts") + 1, due_at=now + LEASE, updated_at=now
    )
    for write in writes:
        write.attempts, write.claimed = write.attempts + 1, time.monotonic()
    return writes


def _send(clinic, write):
    """One exchange with the EMR, and what became of it; no transaction is open while it speaks."""
    try:
        with clinic_scope(clinic):
            held = _held(write).select_related("connection", "appointment").first()
            if held is None:
                return None
            if not (held.connection.is_active and held.connection.may_write):  # paused since it was claimed
                _make_due(held)
                return held.save()
            booking, external_id, version = _asked_for(held.connection, held.appointment)
            server, told = server_of(held.connection), told_of(held.appointment)
            sent_version = held.appointment.version
        with Client(server) as client:
            if time.monotonic() - write.claimed > LEASE.total_seconds() / 2:
                return None  # somebody else may have it by now
            resource, is_theirs_newer = _exchange(client, booking, external_id, version)
    except EmrError as error:
        return _settle(clinic, write, error=error)
    sent = Sent(resource, told, sent_version)
    return _settle(clinic, write, sent=sent, is_theirs_newer=is_theirs_newer)


def _held(write):
    """The row while the worker that claimed it still holds it."""
    return EmrWrite.objects.filter(pk=write.pk, status=Status.SENDING, attempts=write.attempts)


def _asked_for(connection, appointment):
    """The Booking, and the id and version under which the EMR knows it. Raises UnknownThere."""
    records = EmrRecord.objects.of_source(connection)
    known = records.filter(appointment=appointment, resource_type="Appointment").order_by("-id").first()
    patient = records.of_patient(appointment.patient).filter(resource_type="Patient").order_by("id").first()
    if patient is None:
        raise UnknownThere
    booking = Booking(
        identifier=identifier_of(appointment.pk),
        status=STATUSES[AppointmentStatus(appointment.status)],
        starts_at=appointment.starts_at,
        ends_at=appointment.ends_at,
        patient=str(patient),
        practitioner=_reference(records, "Practitioner", provider=appointment.provider),
        location=_reference(records, "Location", location=appointment.location),
        kind=appointment.type.name if appointment.type else "",
        reason=reason_of(appointment),
    )
    return booking, known.external_id if known else "", known.version_id if known else ""


def _reference(records, kind, **of):
    row = records.filter(resource_type=kind, **of).order_by("id").first() if all(of.values()) else None
    return str(row) if row else ""


def _exchange(client, booking, external_id, version):
    """Make, change or cancel it there; returns the resource as it stands, None if there is nothing to tell.

    The second value says whether it was changed there since we saw it last: then nothing is sent.
    """
    remote = _standing(client, booking, external_id)
    if remote is None:
        if booking.is_cancelled:
            return None, False
        name = f"{IDENTIFIER_SYSTEM}|{booking.identifier}"
        return client.create(resource_of(booking), once=name), False
    operations = patch_of(remote, booking)
    if not operations:
        return remote, False
    stands_at = str((remote.get("meta") or {}).get("versionId") or "")
    if version and stands_at and stands_at != version:
        return remote, True
    return client.patch("Appointment", remote["id"], operations, version=stands_at), False


def _standing(client, booking, external_id):
    """What the EMR has of it: by its own id, else by our identifier, which also finds what was never answered."""
    if external_id:
        try:
            return client.read("Appointment", external_id)
        except Gone:
            raise
        except NotThere:
            pass
    page = client.search("Appointment", identifier=f"{IDENTIFIER_SYSTEM}|{booking.identifier}")
    found = [row for row in page.resources if row.get("resourceType") == "Appointment" and row.get("id")]
    return found[0] if found else None


def _settle(clinic, write, *, sent=None, is_theirs_newer=False, error=None):
    with clinic_scope(clinic):
        held = _held(write).select_for_update(of=("self",)).select_related("connection", "appointment").first()
        if held is None:
            return
        if isinstance(error, ChangedThere):
            held.status, held.due_at = Status.PENDING, timezone.now() + PAUSES[0]  # it is read again first
            held.error = str(error)
        elif error is not None:
            _put_off(held, error)
        elif is_theirs_newer:
            _take_theirs(held, sent.resource)
        else:
            _note_sent(held, sent)
        held.save()
        publish("emr")
        if held.status == Status.PENDING and held.due_at <= timezone.now():
            wake(TASK, held.pk)


def _note_sent(write, sent):
    """It is known there. What changed here while it was sent is sent next."""
    if sent.resource is not None:
        note_known(write.connection, write.appointment, sent.resource, told=sent.told)
    write.sent_version, write.sent_at, write.error, write.attempts = sent.version, timezone.now(), "", 0
    is_level = write.appointment.version <= sent.version
    write.status = Status.SENT if is_level else Status.PENDING
    write.due_at = None if is_level else timezone.now()


def _put_off(write, error):
    may_pass = getattr(error, "may_pass", False)
    write.error = str(error)[:500]
    if not may_pass or write.attempts > len(PAUSES):
        write.status, write.due_at = Status.FAILED, None
        return note_failure(write)
    pause = PAUSES[min(write.attempts, len(PAUSES)) - 1]
    if isinstance(error, Busy):
        pause = max(pause, timedelta(seconds=error.after))
    is_unknown = isinstance(error, TooSlow | Away | Unreadable)  # it may have been done there all the same
    write.status = Status.UNKNOWN if is_unknown else Status.PENDING
    write.due_at = timezone.now() + max(pause, GRACE if is_unknown else pause)
    return None


def _take_theirs(write, resource):
    """It was changed there as well: what they have is taken in first, by the rules of who wins; ours may follow."""
    is_settled = take_theirs(write.connection, resource)
    write.error = "" if is_settled else _("It was changed here and in the EMR. Decide which stands.")
    write.status = Status.PENDING if is_settled else Status.CONFLICT
    write.due_at = timezone.now() if is_settled else None
