"""Appointments of an EMR come into the schedule. What it has booked over another is taken as it is."""

from django.db import IntegrityError, transaction

from clinics.audit import record_many
from clinics.copying import copy_in, copy_over
from clinics.live import publish
from patients.emr.batch import plain
from patients.emr.places import Places, patient_id_for
from patients.emr.policy import GROUPS, merge
from patients.emr.reasons import because
from patients.models import Appointment, AppointmentStatus, CancellationReason, EmrRecord
from patients.scheduling import told

OF_APPOINTMENT = [name for name in GROUPS if name.startswith("appointment.")]
CLOSED = {AppointmentStatus.COMPLETED, AppointmentStatus.CANCELLED, AppointmentStatus.NO_SHOW}
MOVED = "patients.appointment.moved"
EVENTS = {
    AppointmentStatus.CONFIRMED: "patients.appointment.confirmed",
    AppointmentStatus.COMPLETED: "patients.appointment.completed",
    AppointmentStatus.CANCELLED: "patients.appointment.cancelled",
    AppointmentStatus.NO_SHOW: "patients.appointment.missed",
}
WRITTEN = (
    *(field for name in OF_APPOINTMENT for field in GROUPS[name].fields),
    "patient_id", "external_appointment_id", "emr_system", "confirmed_at", "checked_in_at", "closed_at", "may_overlap",
    "version", "updated_by_id",
)  # fmt: skip


def take_appointments(batch, facts):
    """Settle the Appointments of a batch; each that is booked or changed is an event, marked with the run."""
    work = _Work(batch, batch.sift(facts))
    for each in work.facts:
        work.settle(each)
    if not batch.is_trial:
        work.write()


class _Work:
    def __init__(self, batch, facts):
        self.batch, self.facts, self.places = batch, facts, Places(batch)
        linked = [record.appointment_id for each in facts if (record := batch.records.get(each.key))]
        rows = Appointment.objects.filter(pk__in=[pk for pk in linked if pk]).order_by("pk")
        self.here = {row.pk: row for row in (rows if batch.is_trial else rows.select_for_update())}
        ids = [each.external_id for each in facts if each.key not in batch.records]
        same = Appointment.objects.filter(emr_system=batch.source.emr_system, external_appointment_id__in=ids)
        self.by_id = {row.external_appointment_id: row for row in same}
        self.new, self.changed = [], []

    def settle(self, facts):
        batch, record = self.batch, self.batch.records.get(facts.key)
        appointment = self.here.get(record.appointment_id) if record is not None else None
        if facts.gone is not None and appointment is None:
            return batch.refuse(facts, facts.gone)
        if facts.gone is not None:
            patient_id, values = appointment.patient_id, _as_a_mistake(appointment)
        else:
            patient_id = patient_id_for(batch, facts)
            if patient_id is None:
                return None
            if facts.values["starts_at"] is None and facts.values["status"] != AppointmentStatus.CANCELLED:
                return batch.wait(facts, because("no_time"))
            if facts.values["starts_at"] is None and appointment is None:
                return batch.refuse(facts, because("no_begin"))
            values = self._values(facts)
        known = self.by_id.get(facts.external_id)
        appointment = appointment or (known if known is not None and known.patient_id == patient_id else None)
        if appointment is None:
            return self._create(facts, patient_id, values)
        return self._update(facts, appointment, patient_id, values)

    def _values(self, facts):
        is_cancelled = facts.values["status"] == AppointmentStatus.CANCELLED
        return {
            "starts_at": facts.values["starts_at"],
            "ends_at": facts.values["ends_at"],
            "status": facts.values["status"],
            "cancellation_reason": CancellationReason.OTHER if is_cancelled else "",
            "cancellation_note": facts.values["cancellation_note"] if is_cancelled else "",
            "provider_id": self.places.provider_id(facts),
            "location_id": self.places.location_id(facts),
            "type_id": self.places.type_id(facts),
            "notes": facts.values["notes"],
        }

    def _create(self, facts, patient_id, values):
        batch = self.batch
        appointment = Appointment(
            clinic_id=batch.source.clinic.pk,
            patient_id=patient_id,
            emr_system=batch.source.emr_system,
            external_appointment_id=None if facts.external_id in self.by_id else facts.external_id,
            created_by=batch.by,
            updated_by=batch.by,
            **values,
        )
        _mark_times(appointment, facts, batch.now)
        self.new.append(appointment)
        if values["provider_id"] is None and facts.displays.get("provider"):
            facts.remark("provider_unknown", value=facts.displays["provider"])
        links = {"appointment": appointment, "patient_id": patient_id, "is_made_here": True}
        batch.take(facts, seen=plain(_told(values)), **links)

    def _update(self, facts, appointment, patient_id, values):
        batch, record = self.batch, self.batch.records.get(facts.key)
        seen, decided = (record.seen if record is not None else None), batch.decision(facts)
        after, conflicts = {}, []
        for name in OF_APPOINTMENT:
            winner = decided.winner if decided and decided.winner else batch.source.policy.winner(name)
            ours = {field: getattr(appointment, field) for field in GROUPS[name].fields}
            if name == "appointment.status" and _is_confirmed_here(ours, values):
                continue
            merged = merge(name, ours=ours, theirs=values, seen=seen, winner=winner)
            after |= merged.values
            conflicts += [name] if merged.is_conflict else []
        if "status" in after and after["status"] != AppointmentStatus.CANCELLED:
            after |= {"cancellation_reason": "", "cancellation_note": ""}
        if appointment.patient_id != patient_id:
            after["patient_id"] = patient_id
        before = {name: getattr(appointment, name) for name in after}
        if before:
            self._change(facts, appointment, after)
        told_now = plain(_told(values))
        if conflicts:
            held = {field for name in conflicts for field in GROUPS[name].fields}
            told_now = {name: value for name, value in told_now.items() if name not in held}
            told_now |= {name: seen[name] for name in held if seen and name in seen}
        links = {"appointment": appointment, "patient_id": patient_id, "seen": told_now}
        if conflicts:
            batch.wait(facts, because("both_changed"), fields=conflicts, state=EmrRecord.State.TAKEN, **links)
            if before:
                batch.keep_change(batch.records[facts.key], before, after)
            return
        is_linked = record is not None and record.appointment_id == appointment.pk
        outcome = "changed" if before else "unchanged" if is_linked else "taken"
        batch.take(facts, outcome, before=before or None, after=after or None, **links)

    def _change(self, facts, appointment, after):
        before = told(appointment)
        for name, value in after.items():
            setattr(appointment, name, value)
        appointment.version += 1
        appointment.updated_by = self.batch.by
        _mark_times(appointment, facts, self.batch.now)
        self.changed.append((appointment, before))

    def write(self):
        if self.new:
            save_in_time(self.new, lambda rows: copy_in(Appointment, rows))
        changed = [appointment for appointment, _before in self.changed]
        if changed:
            save_in_time(changed, lambda rows: copy_over(Appointment, rows, WRITTEN))
        for appointment in self.new:
            appointment._state.adding = False
        self._tell()

    def _tell(self):
        about = {"emr_run": self.batch.run}
        booked = [(appointment, None, told(appointment)) for appointment in self.new]
        record_many("patients.appointment.booked", booked, by=self.batch.by, metadata=about)
        events = {}
        for appointment, before in self.changed:
            is_moved = appointment.status == before["status"]
            action = "patients.appointment.moved" if is_moved else EVENTS.get(appointment.status)
            events.setdefault(action or "patients.appointment.moved", []).append(
                (appointment, before, told(appointment))
            )
        for action, happened in events.items():
            record_many(action, happened, by=self.batch.by, metadata=about)
        if self.new or self.changed:
            publish("schedule")


def save_in_time(rows, write):
    """Write appointments at once; where some overlap, one by one, and those that do as booked over another."""
    try:
        with transaction.atomic():
            write(rows)
        return
    except IntegrityError:
        pass
    for row in rows:
        try:
            with transaction.atomic():
                write([row])
        except IntegrityError:
            row.may_overlap = True
            write([row])


def _as_a_mistake(appointment):
    return {
        "status": AppointmentStatus.CANCELLED,
        "cancellation_reason": CancellationReason.MISTAKE,
        "cancellation_note": "",
        "starts_at": appointment.starts_at,
        "ends_at": appointment.ends_at,
    }


def _is_confirmed_here(ours, theirs):
    """Confirmed here is booked there: FHIR has no word for it."""
    booked = AppointmentStatus.SCHEDULED
    return ours["status"] == AppointmentStatus.CONFIRMED and theirs.get("status") == booked


def _mark_times(appointment, facts, now):
    if facts.values.get("is_here") and appointment.checked_in_at is None:
        appointment.checked_in_at = now
    if appointment.status in CLOSED:
        appointment.closed_at = appointment.closed_at or now
    else:
        appointment.closed_at = None


def _told(values):
    return {name: value for name, value in values.items() if value not in (None, "")}
