"""Related persons of an EMR: parents and guardians of patients under age pay for them, unless somebody does already."""

from clinics.audit import record_many
from clinics.copying import copy_in, copy_over
from patients.duplicates.indexing import index_patients
from patients.emr.households import join_households
from patients.emr.matching import Candidates
from patients.emr.places import patient_id_for
from patients.emr.reasons import because
from patients.emr.taking_patients import FIELDS, seen_of
from patients.models import Patient, PatientHousehold
from patients.registration import normalise

OF_AGE = 18


def take_related(batch, facts):
    """Settle RelatedPersons: whoever is a patient here is found, a new one is registered, the child gets a payer."""
    work = _Work(batch, batch.sift(facts))
    for each in work.facts:
        work.settle(each)
    if not batch.is_trial:
        work.write()


class _Work:
    def __init__(self, batch, facts):
        self.batch, self.facts = batch, facts
        self.probes = {each.key: _probe(batch, each) for each in facts}
        self.candidates = Candidates(batch.source, self.probes.values())
        ids = [record.patient_id for each in facts if (record := batch.pointed_at(each, "patient"))]
        ids += [record.patient_id for each in facts if (record := batch.records.get(each.key))]
        rows = Patient.objects.filter(pk__in=[pk for pk in ids if pk]).order_by("pk")
        self.here = {row.pk: row for row in (rows if batch.is_trial else rows.select_for_update())}
        self.new, self.paid_for = [], {}

    def settle(self, facts):
        batch, record, decision = self.batch, self.batch.records.get(facts.key), self.batch.decision(facts)
        child_id = patient_id_for(batch, facts)
        if child_id is None:
            return None
        child = self.here.get(child_id) or batch.pointed_at(facts, "patient").patient
        if not facts.values["is_guardian"] or (child.age is not None and child.age >= OF_AGE):
            return batch.refuse(facts, because("no_payer"))
        payer = self.here.get(record.patient_id) if record is not None else None
        if decision is not None and decision.patient is not None:
            payer = decision.patient
        if payer is None and not (decision is not None and decision.as_new):
            match = self.candidates.match(self.probes[facts.key])
            if match.reason is not None:
                return batch.wait(facts, match.reason, candidates=match.candidates)
            payer = match.patient
        if payer is not None and payer.pk == child_id:
            return batch.refuse(facts, because("no_payer"))
        is_new = payer is None
        if is_new:
            payer = self.probes[facts.key]
            self.new.append(payer)
            self.candidates.add(payer)
        before = self._pay(child, payer)
        outcome = "taken" if record is None or record.patient_id is None else "changed" if before else "unchanged"
        return batch.take(facts, outcome, patient=payer, seen=seen_of(facts), is_made_here=is_new)

    def _pay(self, child, payer):
        """Let a parent pay for a child who has no payer yet; they belong to one household. Tells whether it is news."""
        if child.responsible_party_id is not None or payer.responsible_party_id == child.pk:
            return False
        child.responsible_party_id = payer.pk
        self.paid_for[child.pk] = (child, payer)
        return True

    def write(self):
        batch = self.batch
        copy_in(Patient, self.new)
        for patient in self.new:
            patient._state.adding = False
        index_patients(self.new, are_new=True)
        join_households(self.new)
        happened = []
        for child, payer in self.paid_for.values():
            household_id = child.household_id or payer.household_id
            if household_id is None:
                household_id = PatientHousehold.objects.create(name=payer.last_name or payer.first_name).pk
            child.household_id, payer.household_id = household_id, payer.household_id or household_id
            child.version += 1
            child.updated_by = batch.by
            happened.append((child, {"responsible_party": None}, {"responsible_party": payer}))
        copy_over(
            Patient,
            [child for child, _payer in self.paid_for.values()],
            ["responsible_party_id", "household_id", "version", "updated_by_id"],
        )
        payers = {payer.pk: payer for _child, payer in self.paid_for.values()}
        copy_over(Patient, payers.values(), ["household_id"])
        about = {"emr_run": batch.run}
        registered = [(patient, None, {"emr_system": patient.emr_system}) for patient in self.new]
        record_many("patients.patient.registered", registered, by=batch.by, metadata=about)
        record_many("patients.patient.edited", happened, by=batch.by, metadata=about)


def _probe(batch, facts):
    """An unsaved Patient of a related person. Their id is another kind than that of patients, so it is not kept."""
    values = {name: facts.values[name] for name in FIELDS if name in facts.values}
    patient = Patient(clinic=batch.source.clinic, created_by=batch.by, updated_by=batch.by, **values)
    normalise(patient, region=batch.source.clinic.phone_region)
    return patient
