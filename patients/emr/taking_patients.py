"""Patients of an EMR become patients here, or bring those who are here up to date."""

from clinics.audit import record_many
from clinics.copying import copy_in, copy_over
from clinics.live import publish
from patients.duplicates.indexing import index_patients
from patients.emr.batch import plain
from patients.emr.households import join_households
from patients.emr.matching import Candidates
from patients.emr.policy import GROUPS, Winner, merge
from patients.emr.reasons import because
from patients.models import EmrRecord, Patient
from patients.registration import FOUND_BY, normalise

FIELDS = (
    "first_name", "last_name", "phone", "phone_alt", "email", "date_of_birth", "preferred_language",
    "address_line1", "address_line2", "city", "state", "postal_code", "country",
)  # fmt: skip
OF_PATIENT = [name for name in GROUPS if name.startswith("patient.") and name != "patient.payer"]
WRITTEN = (*FIELDS, *FOUND_BY, "provider_id", "external_id", "emr_system", "version", "updated_by_id")


def take_patients(batch, facts):
    """Settle the Patients of a batch: those known are brought up to date, those new are matched, then registered."""
    work = _Work(batch, batch.sift(facts))
    for each in work.facts:
        work.settle(each)
    if not batch.is_trial:
        work.write()


class _Work:
    """The Patients of one batch, with all that has to be known to settle them."""

    def __init__(self, batch, facts):
        self.batch, self.facts = batch, facts
        self.probes = {each.key: _probe(batch, each) for each in facts}
        linked = [record.patient_id for each in facts if (record := batch.records.get(each.key)) and record.patient_id]
        linked += [decided.patient.pk for decided in batch.decisions.values() if decided.patient is not None]
        self.here = self._locked_rows(linked)
        unknown = [probe for key, probe in self.probes.items() if not self._is_linked(key)]
        self.candidates = Candidates(batch.source, unknown)
        matched = [match.patient for match in map(self.candidates.match, unknown) if match.patient is not None]
        self.here |= self._locked_rows([patient.pk for patient in matched if patient.pk not in self.here])
        self.new, self.changed = [], {}

    def _locked_rows(self, ids):
        rows = Patient.objects.filter(pk__in=ids).order_by("pk")
        return {row.pk: row for row in (rows if self.batch.is_trial else rows.select_for_update())}

    def _is_linked(self, key):
        record = self.batch.records.get(key)
        return record is not None and record.patient_id in self.here

    def settle(self, facts):
        batch, record, decision = self.batch, self.batch.records.get(facts.key), self.batch.decision(facts)
        if facts.replaced_by:
            return self._merged(facts, record)
        patient = self.here.get(record.patient_id) if record is not None else None
        if decision is not None and decision.patient is not None:
            patient = self.here[decision.patient.pk]
        if patient is None and not (decision is not None and decision.as_new):
            if facts.gone is not None:
                return batch.refuse(facts, because("has_died" if facts.gone.code == "died" else "not_active"))
            match = self.candidates.match(self.probes[facts.key])
            if match.reason is not None and match.reason.code == "patient_erased":
                return batch.wait(facts, match.reason, state=EmrRecord.State.IGNORED)
            if match.reason is not None:
                return batch.wait(facts, match.reason, candidates=match.candidates)
            patient = self.here.get(match.patient.pk, match.patient) if match.patient is not None else None
        if patient is None:
            return self._register(facts)
        return self._update(facts, patient)

    def _register(self, facts):
        patient = self.probes[facts.key]
        if patient.external_id in self.candidates.by_id:
            patient.external_id = None  # it is another patient's, of whom a person said that this is somebody else
        self.new.append(patient)
        self.candidates.add(patient)
        self.batch.take(facts, patient=patient, is_made_here=True, seen=seen_of(facts))

    def _update(self, facts, patient):
        batch, record = self.batch, self.batch.records.get(facts.key)
        if facts.gone is not None or (patient.deleted_at and batch.decision(facts) is None):
            reason = facts.gone or because("deleted_here")
            return batch.wait(facts, reason, patient=patient, state=EmrRecord.State.TAKEN)
        theirs = facts.values | {"provider_id": self._provider_id(facts)}
        seen = record.seen if record is not None else None
        decided = batch.decision(facts)
        values, conflicts = {}, []
        for name in OF_PATIENT:
            winner = Winner(decided.winner) if decided and decided.winner else batch.source.policy.winner(name)
            ours = {field: getattr(patient, field) for field in GROUPS[name].fields}
            merged = merge(name, ours=ours, theirs=theirs, seen=seen, winner=winner)
            values |= merged.values
            conflicts += [name] if merged.is_conflict else []
        before = self._write_on(patient, facts, values)
        told = seen_of(facts)
        if conflicts:  # what is not decided yet counts as not seen
            told = {name: value for name, value in told.items() if name not in _fields_of(conflicts)}
            told |= {name: seen[name] for name in _fields_of(conflicts) if seen and name in seen}
        outcome = "changed" if values else "taken" if record is None or record.patient_id is None else "unchanged"
        if conflicts:
            batch.wait(
                facts,
                because("both_changed"),
                fields=conflicts,
                state=EmrRecord.State.TAKEN,
                patient=patient,
                seen=told,
            )
            if before:
                batch.keep_change(batch.records[facts.key], before, {name: getattr(patient, name) for name in before})
            return None
        after = {name: getattr(patient, name) for name in before}
        return batch.take(facts, outcome, before=before or None, after=after or None, patient=patient, seen=told)

    def _write_on(self, patient, facts, values):
        """Put values on a patient; returns what they were before."""
        values = dict(values)
        if patient.external_id is None and facts.external_id not in self.candidates.by_id:
            values |= {"external_id": facts.external_id, "emr_system": self.batch.source.emr_system}
            self.candidates.by_id[facts.external_id] = patient
        before = {name: getattr(patient, name) for name in values}
        if not before:
            return {}
        for name, value in values.items():
            setattr(patient, name, value)
        if not patient._state.adding:
            self.changed.setdefault(patient.pk, (patient, {}))[1].update(
                {name: value for name, value in before.items() if name not in self.changed[patient.pk][1]}
            )
        return before

    def _provider_id(self, facts):
        record = self.batch.pointed_at(facts, "provider")
        return record.provider_id if record is not None else None

    def _merged(self, facts, record):
        """The EMR has found two of its patients to be one: the id leads to the one that is left."""
        left = self.batch.known(facts.replaced_by)
        patient_id = record.patient_id if record is not None else None
        if left is None or left.patient_id is None:
            reason = because("merged_there", value=facts.replaced_by)
            return self.batch.wait(facts, reason, wants=facts.replaced_by)
        if patient_id is None or patient_id == left.patient_id:
            return self.batch.take(facts, "changed" if record else "taken", patient_id=left.patient_id)
        reason = because("merged_there", value=facts.replaced_by)
        row = Patient.objects.filter(pk=left.patient_id)
        return self.batch.wait(facts, reason, candidates=list(row), state=EmrRecord.State.TAKEN)

    def write(self):
        batch, region = self.batch, self.batch.source.clinic.phone_region
        for patient, _before in self.changed.values():
            normalise(patient, region=region)
            patient.version += 1
            patient.updated_by = batch.by
        changed = [patient for patient, _before in self.changed.values()]
        copy_in(Patient, self.new)
        for patient in self.new:
            patient._state.adding = False
        copy_over(Patient, changed, WRITTEN)
        index_patients(self.new, are_new=True)
        index_patients(changed)
        join_households(self.new)
        self._tell()

    def _tell(self):
        batch = self.batch
        about = {"emr_run": batch.run}
        registered = [(patient, None, {"emr_system": patient.emr_system}) for patient in self.new]
        record_many("patients.patient.registered", registered, by=batch.by, metadata=about)
        edited = [
            (patient, _shown(before), _shown({name: getattr(patient, name) for name in before}))
            for patient, before in self.changed.values()
        ]
        record_many("patients.patient.edited", edited, by=batch.by, metadata=about)
        if self.new or self.changed:
            publish("patients", *(f"patient-{pk}" for pk in self.changed))


def seen_of(facts):
    """What the EMR says now, as EmrRecord.seen keeps it."""
    return plain({name: facts.values.get(name) for name in FIELDS if facts.values.get(name) not in (None, "")})


def _probe(batch, facts):
    """An unsaved Patient as the EMR describes them, normalised."""
    record = batch.pointed_at(facts, "provider")
    patient = Patient(
        clinic=batch.source.clinic,
        emr_system=batch.source.emr_system,
        external_id=facts.external_id,
        provider_id=record.provider_id if record is not None else None,
        created_by=batch.by,
        updated_by=batch.by,
        **{name: facts.values[name] for name in FIELDS},
    )
    normalise(patient, region=batch.source.clinic.phone_region)
    return patient


def _fields_of(groups):
    return {field for name in groups for field in GROUPS[name].fields}


def _shown(values):
    """As the audit log keeps it: a birth date is named without its value."""
    return plain({name: "•••" if name == "date_of_birth" and value else value for name, value in values.items()})
