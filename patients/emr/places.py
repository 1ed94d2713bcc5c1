"""Providers, locations and types of appointment as an EMR names them: by their record, else by their name."""

from functools import cached_property

from clinics.models import Location
from clinics.normalising import name_key
from patients.emr.reasons import because
from patients.models import AppointmentType, Provider


class Places:
    """What a batch may need of the clinic's own lists, asked for once."""

    def __init__(self, batch):
        self.batch = batch

    @cached_property
    def providers(self):
        return {name_key(each.name): each for each in Provider.objects.all()}

    @cached_property
    def locations(self):
        return {name_key(each.name): each for each in Location.objects.all()}

    @cached_property
    def types(self):
        return {name_key(each.name): each for each in AppointmentType.objects.all()}

    def provider_id(self, facts):
        record = self.batch.pointed_at(facts, "provider")
        if record is not None and record.provider_id:
            return record.provider_id
        named = self.providers.get(name_key(facts.displays["provider"])) if facts.displays.get("provider") else None
        return named.pk if named else None

    def location_id(self, facts):
        record = self.batch.pointed_at(facts, "location")
        if record is not None and record.location_id:
            return record.location_id
        named = self.locations.get(name_key(facts.displays["location"])) if facts.displays.get("location") else None
        return named.pk if named else None

    def type_id(self, facts):
        kind = self.types.get(name_key(facts.values["type"])) if facts.values.get("type") else None
        return kind.pk if kind else None


def patient_id_for(batch, facts):
    """The id of the patient that something belongs to; None if it had to be settled otherwise, which is done then."""
    record = batch.pointed_at(facts, "patient")
    if record is not None and record.patient_id is not None and record.state != record.State.IGNORED:
        return record.patient_id
    wanted = facts.refs["patient"][0]
    if record is None:
        batch.wait(facts, because("patient_unknown", value=wanted), wants=wanted)
    elif record.state == record.State.WAITING:
        batch.wait(facts, because("patient_waits", value=wanted), wants=wanted)
    else:
        batch.refuse(facts, because("patient_not_taken"))
    return None
