"""What is known of an appointment on both sides: whether there is anything to tell, and what was told is no news."""

from datetime import timedelta

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from clinics.models import ClinicUser, StaffNotification
from clinics.notifications import language_of, notify
from patients.emr.applying import apply_resources
from patients.emr.batch import plain
from patients.emr.booking import IDENTIFIER_SYSTEM, identifier_of
from patients.emr.facts import open_facts
from patients.emr.policy import is_same
from patients.emr.reasons import because
from patients.emr.runs import finish_run, start_run, take_up_waiting
from patients.emr.sources import Source
from patients.models import Appointment, AppointmentStatus, CancellationReason, EmrIssue, EmrRecord, EmrRun

TOLD = ("starts_at", "ends_at", "status", "provider_id", "location_id")
COMES_BACK = {
    AppointmentStatus.SCHEDULED: AppointmentStatus.SCHEDULED,
    AppointmentStatus.CONFIRMED: AppointmentStatus.SCHEDULED,
    AppointmentStatus.COMPLETED: AppointmentStatus.COMPLETED,
    AppointmentStatus.CANCELLED: AppointmentStatus.CANCELLED,
    AppointmentStatus.NO_SHOW: AppointmentStatus.NO_SHOW,
    AppointmentStatus.RESCHEDULED: AppointmentStatus.CANCELLED,
}
NOTICE_EVERY = timedelta(hours=1)
KIND = "Appointment"


def told_of(appointment):
    """What an EMR is told of an appointment, as `EmrRecord.seen` keeps it: as it would come back from there."""
    values = {name: getattr(appointment, name) for name in TOLD} | {"status": COMES_BACK[appointment.status]}
    if values["status"] == AppointmentStatus.CANCELLED:
        values["cancellation_reason"] = CancellationReason.OTHER
        values["cancellation_note"] = reason_of(appointment)
    return plain({name: value for name, value in values.items() if value not in (None, "")})


def reason_of(appointment):
    """Why it was cancelled, in the words that the EMR is told."""
    return str(appointment.get_cancellation_reason_display()) if appointment.cancellation_reason else ""


def level_with(connection, appointment):
    """Tell whether an EMR has said of an appointment what stands here, so that there is nothing to tell it."""
    records = EmrRecord.objects.of_source(connection).filter(appointment=appointment, resource_type=KIND)
    record = records.order_by("-id").first()
    if record is None:
        return False
    seen, ours = record.seen or {}, told_of(appointment)
    return all(is_same(name, seen.get(name), ours[name]) for name in TOLD if name in ours)


def take_in(connection, run, resources, *, by):
    """Apply resources of an EMR. An appointment that was made there on our word is ours, not one more."""
    recognise_ours(connection, resources)
    return apply_resources(Source.of(connection), run, resources, by=by)


def recognise_ours(connection, resources):
    """Link appointments that carry our identifier to ours, before anybody takes them for new.

    Only one whose answer was lost is not linked yet; the outbox, which looks it up, brings both sides level.
    """
    named = {name: resource for resource in resources for name in _our_names(resource)}
    if not named:
        return
    ids = [name.removeprefix("urn:uuid:") for name in named]
    known = set(
        EmrRecord.objects.of_source(connection)
        .filter(resource_type=KIND, external_id__in=[resource["id"] for resource in named.values()])
        .values_list("external_id", flat=True)
    )
    for appointment in Appointment.objects.filter(pk__in=ids):
        resource = named[identifier_of(appointment.pk)]
        if resource["id"] not in known:
            note_known(connection, appointment, resource, told={})


def _our_names(resource):
    """The identifiers of ours that an Appointment carries."""
    if (
        not isinstance(resource, dict)
        or resource.get("resourceType") != KIND
        or not isinstance(resource.get("id"), str)
    ):
        return []
    rows = resource.get("identifier")
    rows = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    values = [str(row.get("value")) for row in rows if row.get("system") == IDENTIFIER_SYSTEM]
    return [value for value in values if _is_uuid_urn(value)]


def _is_uuid_urn(value):
    digits = value.removeprefix("urn:uuid:").replace("-", "")
    return value.startswith("urn:uuid:") and len(digits) == 32 and set(digits) <= set("0123456789abcdef")


def note_known(connection, appointment, resource, *, told):
    """Remember which version of an appointment the EMR has, and what it was told; that version is no news then."""
    facts = open_facts(resource)
    record, _made = EmrRecord.objects.select_for_update().get_or_create(
        connection=connection,
        resource_type=KIND,
        external_id=facts.external_id,
        defaults={"appointment": appointment, "patient": appointment.patient, "digest": ""},
    )
    record.appointment, record.state = appointment, EmrRecord.State.TAKEN
    record.version_id, record.last_updated = facts.version_id, facts.last_updated
    record.digest, record.seen = facts.digest, (record.seen or {}) | told
    record.save()
    if appointment.external_appointment_id is None:
        Appointment.objects.filter(pk=appointment.pk).update(
            emr_system=connection.emr_system, external_appointment_id=facts.external_id, updated_at=timezone.now()
        )
    return record


def take_theirs(connection, resource):
    """Take in what was changed there meanwhile; tells whether it is settled, or waits for a person."""
    run = start_run(EmrRun.Kind.HOOK, by=None, connection=connection)
    take_in(connection, run, [resource], by=None)
    finish_run(run, by=None)
    waiting = EmrIssue.objects.open().filter(connection=connection, resource_type=KIND, external_id=resource["id"])
    return not waiting.exists()


def take_deletion(connection, run, reference, *, by):
    """Something ("Patient/7") was deleted there. Visits and appointments go here, too; a patient waits for a person.

    Whoever was never taken here waits no longer.
    """
    kind, _slash, external_id = reference.partition("/")
    record = EmrRecord.objects.of_source(connection).named(kind, external_id).first()
    if record is None:
        return run.count(kind, "left_out")
    if kind in ("Appointment", "Encounter"):
        mistaken = {"resourceType": kind, "id": external_id, "status": "entered-in-error"}
        apply_resources(Source.of(connection), run, [mistaken], by=by)
    elif kind == "Patient" and record.patient_id is None:
        _forget_waiting(run, record)
    elif kind == "Patient" and not record.issues.filter(resolved_at=None).exists():
        reason = because("deleted_there")
        run.count(kind, "waiting")
        EmrIssue.objects.create(
            connection=connection,
            run=run,
            record=record,
            resource_type=kind,
            external_id=external_id,
            kind=reason.kind,
            code=reason.code,
        )
    EmrRecord.objects.filter(pk=record.pk).update(gone_at=timezone.now(), updated_at=timezone.now())
    return run.save()


def _forget_waiting(run, record):
    """Somebody who waited for a person was deleted there: nothing is left to decide, unless they come again."""
    now = timezone.now()
    EmrRecord.objects.filter(pk=record.pk).update(state=EmrRecord.State.REFUSED, digest="", updated_at=now)
    overtaken = {"resolution": EmrIssue.Resolution.OVERTAKEN, "resolved_at": now, "decided_in": run, "updated_at": now}
    record.issues.filter(resolved_at=None).update(**overtaken)
    run.count(record.resource_type, "refused")


def take_up_all_waiting(connection, run, *, by):
    """Try again everything that waited for something that has come meanwhile."""
    tried = 1
    while tried:
        tried = take_up_waiting(Source.of(connection), run, by=by)


def note_failure(write):
    """A notice to every clinic admin that an EMR did not take a change, once an hour however many there are."""
    url = write.connection.get_absolute_url()
    recent = StaffNotification.objects.filter(kind="emr", url=url, created_at__gt=timezone.now() - NOTICE_EVERY)
    if recent.exists():
        return
    for admin in ClinicUser.objects.admins().select_related("user", "clinic"):
        with translation.override(language_of(admin)):
            words = _("%(name)s did not take a change of an appointment")
            notify(admin, "emr", words % {"name": write.connection.name}, url=url)
