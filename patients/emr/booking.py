"""An appointment as the EMR is told of it, and the patch that brings what stands there level with it. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime

from patients.models.choices import AppointmentStatus

IDENTIFIER_SYSTEM = "urn:ietf:rfc:3986"  # an identifier that is itself a URI
STATUSES = {
    AppointmentStatus.SCHEDULED: "booked",
    AppointmentStatus.CONFIRMED: "booked",
    AppointmentStatus.COMPLETED: "fulfilled",
    AppointmentStatus.CANCELLED: "cancelled",
    AppointmentStatus.NO_SHOW: "noshow",
    AppointmentStatus.RESCHEDULED: "cancelled",
}
# A status there that says more than ours about the same thing: it stands.
AS_GOOD_AS = {"booked": {"pending", "booked", "arrived", "checked-in", "waitlist", "proposed"}}


@dataclass(frozen=True)
class Booking:
    """What the EMR has to know: times are aware; `patient`, `practitioner`, `location` are its own references."""

    identifier: str
    status: str
    starts_at: datetime
    ends_at: datetime
    patient: str
    practitioner: str = ""
    location: str = ""
    kind: str = ""
    reason: str = ""

    @property
    def minutes(self):
        return int((self.ends_at - self.starts_at).total_seconds() // 60)

    @property
    def is_cancelled(self):
        return self.status == "cancelled"


def identifier_of(appointment_id):
    """The name under which an appointment of ours is found there again."""
    return f"urn:uuid:{appointment_id}"


def resource_of(booking):
    """The Appointment that is made in the EMR."""
    people = [booking.patient, booking.practitioner, booking.location]
    resource = {
        "resourceType": "Appointment",
        "identifier": [{"system": IDENTIFIER_SYSTEM, "value": booking.identifier}],
        "status": booking.status,
        "start": instant(booking.starts_at),
        "end": instant(booking.ends_at),
        "minutesDuration": booking.minutes,
        "participant": [{"actor": {"reference": each}, "status": "accepted"} for each in people if each],
    }
    return resource | ({"serviceType": [{"text": booking.kind}]} if booking.kind else {})


def patch_of(remote, booking):
    """The JSON Patch operations that bring an Appointment there level with ours; none if it is."""
    operations = []
    _level(operations, remote, "start", booking.starts_at)
    _level(operations, remote, "end", booking.ends_at)
    if operations and remote.get("minutesDuration") not in (None, booking.minutes):
        operations.append({"op": "replace", "path": "/minutesDuration", "value": booking.minutes})
    there = remote.get("status")
    if there != booking.status and there not in AS_GOOD_AS.get(booking.status, ()):
        operations.append({"op": "replace" if there else "add", "path": "/status", "value": booking.status})
        if booking.is_cancelled and booking.reason:
            operations.append({"op": "add", "path": "/cancelationReason", "value": {"text": booking.reason}})
    for kind, reference in (("Practitioner", booking.practitioner), ("Location", booking.location)):
        operations += _person(remote, kind, reference)
    return operations


def _level(operations, remote, name, moment):
    if moment_of(remote.get(name)) != moment:
        operations.append({"op": "replace" if name in remote else "add", "path": f"/{name}", "value": instant(moment)})


def _person(remote, kind, reference):
    """The operations that put another practitioner or place into an appointment; none where none is known."""
    if not reference:
        return []
    rows = remote.get("participant")
    for place, row in enumerate(rows if isinstance(rows, list) else []):
        actor = row.get("actor") if isinstance(row, dict) else None
        named = str(actor.get("reference", "")) if isinstance(actor, dict) else ""
        if f"{kind}/" not in named:
            continue
        if named == reference or named.endswith(f"/{reference}"):
            return []
        return [{"op": "replace", "path": f"/participant/{place}/actor", "value": {"reference": reference}}]
    added = {"actor": {"reference": reference}, "status": "accepted"}
    return [{"op": "add", "path": "/participant/-", "value": added}] if isinstance(rows, list) else []


def instant(moment):
    """A time as FHIR writes an instant: in UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment_of(text):
    """An aware time of what stands in a resource, or None."""
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment if moment.tzinfo else None
