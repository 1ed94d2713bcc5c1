"""Encounters of an EMR become visits: of patients who are here, each once."""

from collections import defaultdict

from clinics.copying import copy_in, copy_over
from patients.emr.places import Places, patient_id_for
from patients.emr.policy import GROUPS, merge
from patients.models import EmrRecord, Payment, Visit, VisitSource

GROUP = "visit"
WRITTEN = (*GROUPS[GROUP].fields, "appointment_id", "source", "emr_system", "external_visit_id", "patient_id")


def take_visits(batch, facts):
    """Settle the Encounters of a batch. The patients' last visit, rhythm and segment follow at the end of the batch."""
    work = _Work(batch, batch.sift(facts))
    for each in work.facts:
        work.settle(each)
    if not batch.is_trial:
        work.write()


class _Work:
    def __init__(self, batch, facts):
        self.batch, self.facts, self.places = batch, facts, Places(batch)
        linked = [record.visit_id for each in facts if (record := batch.records.get(each.key)) and record.visit_id]
        rows = Visit.objects.filter(pk__in=linked).order_by("pk")
        self.here = {row.pk: row for row in (rows if batch.is_trial else rows.select_for_update())}
        self._find_unlinked(facts)
        self.new, self.changed, self.gone = [], {}, []

    def _find_unlinked(self, facts):
        """Visits that were written down here, or came another way, and may be the same as one of these Encounters."""
        unknown = [each for each in facts if each.key not in self.batch.records]
        patients = {record.patient_id for each in unknown if (record := self.batch.pointed_at(each, "patient"))}
        free = Visit.objects.exclude(emr_records__isnull=False)
        ids = [each.external_id for each in unknown]
        same_id = Visit.objects.filter(emr_system=self.batch.source.emr_system, external_visit_id__in=ids)
        self.by_id = {visit.external_visit_id: visit for visit in same_id}
        self.by_day = defaultdict(list)
        for visit in free.filter(source=VisitSource.MANUAL, patient_id__in=patients - {None}):
            self.by_day[visit.patient_id, visit.visit_date.astimezone(self.batch.source.clinic.zone).date()].append(
                visit
            )
        appointments = [record.appointment_id for each in facts if (record := self._appointment(each))]
        self.of_appointment = {
            visit.appointment_id: visit
            for visit in Visit.objects.filter(appointment_id__in=[pk for pk in appointments if pk])
        }

    def _day(self, moment):
        return moment.astimezone(self.batch.source.clinic.zone).date()

    def _appointment(self, facts):
        return self.batch.pointed_at(facts, "appointment")

    def settle(self, facts):
        batch, record = self.batch, self.batch.records.get(facts.key)
        visit = self.here.get(record.visit_id) if record is not None else None
        if facts.gone is not None:
            return self._remove(facts, record, visit)
        patient_id = patient_id_for(batch, facts)
        if patient_id is None:
            return None
        values = {
            "visit_date": facts.values["visit_date"],
            "visit_type": facts.values["visit_type"],
            "provider_id": self.places.provider_id(facts),
            "location_id": self.places.location_id(facts),
        }
        visit = visit or self._same(facts, patient_id)
        if visit is None:
            return self._create(facts, patient_id, values)
        return self._update(facts, visit, patient_id, values)

    def _same(self, facts, patient_id):
        """A visit that is here already: of the same id or appointment, or the only one written down that day."""
        appointment = self._appointment(facts)
        known = self.by_id.get(facts.external_id)
        if known is None and appointment is not None:
            known = self.of_appointment.get(appointment.appointment_id)
        if known is None:
            that_day = self.by_day.get((patient_id, self._day(facts.values["visit_date"])), [])
            known = that_day.pop() if len(that_day) == 1 else None
        return known if known is not None and known.patient_id == patient_id else None

    def _create(self, facts, patient_id, values):
        batch = self.batch
        visit = Visit(
            clinic_id=batch.source.clinic.pk,
            patient_id=patient_id,
            appointment_id=self._free_appointment(facts),
            source=VisitSource.EMR,
            emr_system=batch.source.emr_system,
            external_visit_id=None if facts.external_id in self.by_id else facts.external_id,
            created_by=batch.by,
            **values,
        )
        self.new.append(visit)
        self.by_id[facts.external_id] = visit
        batch.visited.add(patient_id)
        batch.take(facts, visit=visit, patient_id=patient_id, is_made_here=True)

    def _free_appointment(self, facts):
        record = self._appointment(facts)
        if record is None or record.appointment_id is None or record.appointment_id in self.of_appointment:
            return None
        self.of_appointment[record.appointment_id] = None
        return record.appointment_id

    def _update(self, facts, visit, patient_id, values):
        batch, record = self.batch, self.batch.records.get(facts.key)
        ours = {name: getattr(visit, name) for name in GROUPS[GROUP].fields}
        merged = merge(GROUP, ours=ours, theirs=values, seen=None, winner=batch.source.policy.winner(GROUP))
        after = dict(merged.values)
        if visit.patient_id != patient_id:
            after["patient_id"] = patient_id
        if visit.external_visit_id is None and facts.external_id not in self.by_id:
            after |= {"external_visit_id": facts.external_id, "emr_system": batch.source.emr_system}
        before = {name: getattr(visit, name) for name in after}
        for name, value in after.items():
            setattr(visit, name, value)
        is_linked = record is not None and record.visit_id == visit.pk
        if before:
            self.changed[visit.pk] = visit
            batch.visited |= {visit.patient_id, before.get("patient_id", visit.patient_id)}
        outcome = "changed" if merged.values or "patient_id" in after else "unchanged" if is_linked else "taken"
        links = {} if is_linked else {"is_made_here": False}
        batch.take(
            facts, outcome, before=before or None, after=after or None, visit=visit, patient_id=patient_id, **links
        )

    def _remove(self, facts, record, visit):
        """It never was: the visit that was made of it goes again; one that was written down here stays."""
        if visit is not None and record.is_made_here:
            self.gone.append(visit)
            self.batch.visited.add(visit.patient_id)
            self.batch.record(facts, state=EmrRecord.State.REFUSED, visit=None)
            self.batch.count(facts, "changed")
            self.batch.settled.append(record)
            self.batch.keep_change(record, _all_of(visit), None)
        else:
            self.batch.refuse(facts, facts.gone)

    def write(self):
        copy_in(Visit, self.new)
        for visit in self.new:
            visit._state.adding = False
        copy_over(Visit, self.changed.values(), WRITTEN)
        if self.gone:
            Visit.objects.filter(pk__in=[visit.pk for visit in self.gone]).delete()


def _all_of(visit):
    """Everything about a visit that goes, so that it can come back as it was: its fields, and what was paid for it."""
    apart = ("clinic_id", "created_at", "updated_at")
    kept = {field.attname: getattr(visit, field.attname) for field in Visit._meta.concrete_fields}
    paid = [str(pk) for pk in Payment.objects.filter(visit=visit).values_list("pk", flat=True)]
    return {name: value for name, value in kept.items() if name not in apart} | {"payments": paid}
