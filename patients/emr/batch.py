"""A batch of resources at work: what is known of them, what comes of each, and writing it down in a few statements."""

from collections import Counter
from dataclasses import dataclass, field

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from clinics.copying import copy_in, copy_over
from patients.emr.facts import is_older
from patients.emr.reasons import because
from patients.models import EmrChange, EmrIssue, EmrRecord

State = EmrRecord.State
LINKS = ("patient_id", "visit_id", "appointment_id", "provider_id", "location_id")
KNOWN = ("version_id", "last_updated", "digest", "state", "seen", "is_made_here", *LINKS)


@dataclass(frozen=True)
class Decision:
    """What a person has decided of one resource: whose it is, that it is new, or whose values count."""

    patient: object = None
    as_new: bool = False
    winner: str = ""
    location: object = None


@dataclass
class Batch:
    """One call of apply_resources. `again` tries waiting ones anew; `decisions` are by (type, id)."""

    source: object
    run: object
    by: object
    is_trial: bool = False
    again: bool = False
    decisions: dict = field(default_factory=dict)
    remembered: dict = field(default_factory=dict)
    now: object = field(default_factory=timezone.now)
    records: dict = field(default_factory=dict)
    created: list = field(default_factory=list)
    touched: dict = field(default_factory=dict)
    before: dict = field(default_factory=dict)
    issues: list = field(default_factory=list)
    changes: list = field(default_factory=list)
    settled: list = field(default_factory=list)
    outcomes: Counter = field(default_factory=Counter)
    visited: set = field(default_factory=set)

    def hold(self):
        """Wait until no other run applies resources of this source."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [self.source.lock_name])

    def load(self, facts):
        """Find what is known of these resources and of all that they point at, in one question."""
        names = {each.name for each in facts} | {name for each in facts for refs in each.refs.values() for name in refs}
        names |= {each.replaced_by for each in facts if each.replaced_by}
        wanted = {}
        for name in names - {"{}/{}".format(*key) for key in self.records}:
            kind, _slash, external_id = name.partition("/")
            wanted.setdefault(kind, set()).add(external_id)
        if not wanted:
            return
        asked = Q()
        for kind, ids in wanted.items():
            asked |= Q(resource_type=kind, external_id__in=ids)
        known = EmrRecord.objects.of_source(self.source.connection).filter(asked)
        self.records |= {(each.resource_type, each.external_id): each for each in known}

    def known(self, name):
        """The record of "Type/id", None if nothing is known of it."""
        kind, _slash, external_id = name.partition("/")
        return self.records.get((kind, external_id)) or self.remembered.get((kind, external_id))

    def pointed_at(self, facts, name):
        """The record that facts point at as their patient, provider or location; None if it is not known."""
        return next(filter(None, map(self.known, facts.refs.get(name, ()))), None)

    def decision(self, facts):
        return self.decisions.get(facts.key)

    def sift(self, facts):
        """Those of one type that have something to say: not known already, not of an older version, not refused."""
        found = []
        for each in facts:
            record = self.records.get(each.key)
            if record is not None and not self._is_news(each, record):
                self.count(each, "unchanged")
            elif each.refusal is not None:
                self.refuse(each, each.refusal)
            else:
                found.append(each)
        return found

    def _is_news(self, facts, record):
        if facts.key in self.decisions:
            return True
        if record.state == State.IGNORED or is_older(facts, record):
            return False
        if facts.digest != record.digest or (self.again and record.state == State.WAITING):
            return True
        if (facts.version_id, facts.last_updated) != (record.version_id, record.last_updated):
            self._stamp(record, facts)  # the same content under a newer version
        return False

    def record(self, facts, **links):
        """The record of a resource as it stands now, made if it is new; `links` are fields of EmrRecord."""
        record = self.records.get(facts.key)
        if record is None:
            record = EmrRecord(
                clinic_id=self.source.clinic.pk,
                connection=self.source.connection,
                resource_type=facts.resource_type,
                external_id=facts.external_id,
                run_id=None if self.is_trial else self.run.pk,
            )
            self.records[facts.key] = record
            self.created.append(record)
        self._stamp(record, facts)
        for name, value in links.items():
            setattr(record, name, value)
        return record

    def _stamp(self, record, facts):
        if not record._state.adding and record.pk not in self.touched:
            self.before[record.pk] = {name: getattr(record, name) for name in KNOWN}
            self.touched[record.pk] = record
        record.version_id, record.last_updated, record.digest = facts.version_id, facts.last_updated, facts.digest
        record.gone_at = None

    def take(self, facts, outcome="taken", *, before=None, after=None, **links):
        """Settle a resource that was taken; `before` and `after` are the fields of our row that it changed."""
        record = self.record(facts, state=State.TAKEN, **links)
        self.count(facts, outcome)
        self.settled.append(record)
        is_news = not record._state.adding and self.before[record.pk]["state"] != State.TAKEN
        if before or after or is_news:
            self.keep_change(record, before, after)
        for remark in facts.remarks:
            self.issue(facts, record, remark)
        return record

    def keep_change(self, record, before, after):
        known = None if record._state.adding else plain(self.before.get(record.pk))
        self.changes.append(
            EmrChange(
                clinic_id=self.source.clinic.pk,
                run=self.run,
                record=record,
                record_before=known,
                before=plain(before),
                after=plain(after),
            )
        )

    def refuse(self, facts, reason):
        """Settle a resource that cannot be taken. What was made of an earlier version of it stays."""
        record = self.record(facts, state=State.REFUSED)
        self.count(facts, "refused")
        self.settled.append(record)
        self.issue(facts, record, reason)

    def wait(self, facts, reason, *, wants="", candidates=(), fields=(), state=State.WAITING, **links):
        """Settle a resource that a person has to look at, or that waits for another (`wants`)."""
        record = self.record(facts, state=state, **links)
        self.count(facts, "waiting")
        if not record._state.adding:
            self.settled.append(record)
        self.issue(facts, record, reason, wants=wants, candidates=candidates, fields=fields)

    def issue(self, facts, record, reason, *, wants="", candidates=(), fields=()):
        self.issues.append(
            EmrIssue(
                clinic_id=self.source.clinic.pk,
                connection=self.source.connection,
                run=self.run,
                record=None if self.is_trial else record,
                is_trial=self.is_trial,
                resource_type=facts.resource_type,
                external_id=facts.external_id,
                kind=reason.kind,
                code=reason.code,
                details=reason.details,
                fields=list(fields),
                candidates=[str(each.pk) for each in candidates],
                wants=wants,
                payload=None if self.is_trial or reason.kind == EmrIssue.Kind.REMARK else facts.resource,
                resolved_at=self.now if reason.kind == EmrIssue.Kind.REMARK else None,
            )
        )

    def count(self, facts, outcome):
        self.outcomes[outcome] += 1
        self.run.count(facts.resource_type, outcome)

    def write(self):
        """Write records, changes and issues. What waited and is settled now is overtaken, unless a person decided."""
        copy_in(EmrRecord, self.created)
        for record in self.created:
            record._state.adding = False
        copy_over(EmrRecord, self.touched.values(), (*KNOWN, "gone_at"))
        settled = [record.pk for record in (*self.settled, *(each.record for each in self.issues if each.record))]
        overtaken = EmrIssue.objects.filter(record_id__in=settled, resolved_at=None)
        overtaken.update(
            resolved_at=self.now, resolution=EmrIssue.Resolution.OVERTAKEN, decided_in=self.run, updated_at=self.now
        )
        copy_in(EmrIssue, self.issues)
        copy_in(EmrChange, self.changes)


def plain(values):
    """Values of fields as JSON keeps them."""
    if values is None:
        return None
    return {name: value.isoformat() if hasattr(value, "isoformat") else _plain(value) for name, value in values.items()}


def _plain(value):
    return value if value is None or isinstance(value, (bool, int, str, list, dict)) else str(value)


def unknown(facts, name):
    """The Reason that what facts point at is not here."""
    return because("patient_unknown", value=next(iter(facts.refs.get(name, ())), "?"))
