"""Every model of a clinic, reached for from next door in every way that code or SQL offers: nothing read or written."""

from dataclasses import dataclass, field

import psycopg
from django.db import DatabaseError, transaction
from django.utils import timezone
from django_scopes.exceptions import ScopeError

from clinics.models import ClinicUser
from clinics.wall import APPEND_ONLY, clinic_models
from tests.isolation.probes import READING, Target
from tests.isolation.rows import MAKERS
from tests.isolation.world import writes_so_far
from tests.isolation.writing_probes import WRITING, attachments

REFUSALS = (DatabaseError, psycopg.Error, ScopeError)


@dataclass
class Probed:
    """What came of all probes."""

    probes: int = 0
    refused: int = 0
    found: list = field(default_factory=list)

    def __str__(self):
        return f"probes {self.probes} / refused {self.refused} / leaked {len(self.found)}"

    def findings(self):
        return "\n".join(self.found)


def test_every_model_of_a_clinic_can_be_made_for_the_probes():
    missing = {model._meta.label for model in clinic_models()} - {model._meta.label for model in MAKERS}

    assert not missing, f"Say in tests/isolation/rows.py how a row is made of: {', '.join(sorted(missing))}"


def test_no_probe_reads_or_writes_next_door(worlds, report):
    probed = Probed()

    for model in clinic_models():
        probe_model(probed, Target(model, *worlds))

    report("models", probed)


def test_the_probes_find_their_own_rows(worlds):
    """What finds nothing next door finds something at home: the probes are no blanks."""
    home = worlds[0]
    blanks = []

    with home.open():
        for model in clinic_models():
            target = Target(model, home, home)
            blanks += [f"{model.__name__}: {probe.__name__}" for probe in READING if is_blank(probe, target)]

    assert not blanks, "\n".join(blanks)


def test_whatever_is_written_of_a_clinic_is_seen_and_seen_to_be_taken_back(worlds):
    """The walk asks after each request whether a row of the others has changed: of every table it would know."""
    world, missed, refused = worlds[0], [], []
    assert not world.is_changed()

    for model in clinic_models():
        try:
            with transaction.atomic():
                with world.open():
                    model._base_manager.filter(pk=world[model].pk).update(created_at=timezone.now())
                missed += [] if world.is_changed() else [model.__name__]
                transaction.set_rollback(True)
        except DatabaseError:  # whose rows never change
            refused.append(model.__name__)

    assert (missed, world.is_changed()) == ([], False)
    assert len(refused) < 9, refused


def is_blank(probe, target):
    """Tell whether a probe finds nothing although it should: links are only found where a model has some."""
    if probe.__name__ in ("reverse_links", "forward_links", "joins", "query_with_or"):
        return False
    if probe.__name__ == "locking" and target.table in APPEND_ONLY:  # to lock a row, one must be allowed to change it
        return False
    with transaction.atomic():
        found = probe(target)
        transaction.set_rollback(True)
    return not found


def probe_model(probed, target):
    """Send every probe at one model, as the neighbours."""
    probed.found += findings_at(probed, target)


def findings_at(probed, target):
    """What each probe finds at one model, as soon as it finds it."""
    for probe in READING:
        count, _refused = _send(probed, target, lambda probe=probe: probe(target))
        if count:
            yield f"{target.model.__name__}: {probe.__name__} reads {count} rows"
    before = target.world.checksum_at_first
    for probe in WRITING:
        _count, after = _send(probed, target, lambda probe=probe: probe(target), watch=True)
        if after not in (None, before):
            yield f"{target.model.__name__}: {probe.__name__} changes rows"
    yield from links_found(probed, target)


def probe_links(probed, target):
    """Hang a row of the neighbours on a row of theirs, by each link of the model."""
    probed.found += links_found(probed, target)


def links_found(probed, target):
    """The links by which a row of the neighbours can be hung on a row of theirs."""
    for name, attach in attachments(target):
        _count, after = _send(probed, target, attach)
        if after is not None:
            yield f"{target.model.__name__}.{name} can be hung on a row of theirs"


def _send(probed, target, probe, *, watch=False):
    """Run one probe as the neighbours and take it back: (rows read, the other clinic's checksum or None if refused).

    The checksum is taken where it is watched for; elsewhere it is "".
    """
    probed.probes += 1
    writes = writes_so_far() if watch else 0
    try:
        with transaction.atomic():
            with target.neighbours.open():
                count = probe()
            has_written = watch and writes_so_far() != writes
            after = target.world.checksum() if has_written else target.world.checksum_at_first if watch else ""
            transaction.set_rollback(True)
    except (*REFUSALS, target.model.DoesNotExist):
        probed.refused += 1
        return 0, None
    probed.refused += not count
    return count, after


def test_probes_outside_of_any_clinic_reach_nothing(worlds):
    """Code that forgot to open a clinic gets an error or no rows, never everybody's."""
    target = Target(ClinicUser, *worlds)
    found = []

    for probe in [*READING, *WRITING]:
        try:
            with transaction.atomic():
                count = probe(target)
                is_changed = target.world.checksum() != target.world.checksum_at_first
                transaction.set_rollback(True)
        except REFUSALS:
            continue
        found += [probe.__name__] if count or is_changed else []

    assert not found, f"Without a clinic, rows are reached by: {', '.join(found)}"
