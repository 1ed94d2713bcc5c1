"""The nightly look for people who are here twice: a batch at a time, going on where the night before had to stop.

Each room that has people says once, as a `Sweep`, who they are and how they are compared.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from clinics.jobs import report_progress
from clinics.live import publish
from clinics.same_person.comparing import compare
from clinics.tenancy import clinic_scope

BATCH = 300
MOST_AT_ONCE = 200_000


def keep_all(found, _people):
    """The usual answer to which pairs are worth a look: all that are alike."""
    return found


def do_nothing(_batch):
    """The usual answer to what is to be done with a batch before it is compared."""


@dataclass(frozen=True)
class Sweep:
    """What is swept: `people()` are the rows that are present, `pairs` and `stand` the models of pairs and of how far
    the sweep has come. `near` is SQL over %(clinic)s and %(ids)s that gives pairs of ids; `person_of` and `mark_of` say
    how one is compared and what was compared of two. `topic` is published when it ends.

    `prepare(batch)` comes before a batch is compared, `worth_a_look(found, people)` leaves pairs out afterwards.
    """

    people: Callable
    pairs: type
    stand: type
    near: str
    person_of: Callable
    mark_of: Callable
    topic: str
    prepare: Callable = do_nothing
    worth_a_look: Callable = keep_all

    def run(self, clinic, *, at_most=MOST_AT_ONCE, progress=None):
        """Look at those who changed since the last sweep, and queue the pairs that somebody must look at.

        Each batch commits for itself; whoever takes the sweep up after a crash, or the next night, goes on behind the
        last one. `progress(looked_at)` is called in the transaction of each batch. Returns {"looked_at", "found"} of
        the whole sweep.
        """
        with clinic_scope(clinic):
            self._begin()
        looked = 0
        while looked < at_most:
            with clinic_scope(clinic):
                stand = self.stand.objects.select_for_update().get()
                count = self._look_at_batch(clinic, stand)
                looked += count
                if progress:
                    progress(stand.looked_at_count)
            if count < BATCH:
                break
        with clinic_scope(clinic):
            publish(self.topic)
            stand = self.stand.objects.get()
            return {"looked_at": stand.looked_at_count, "found": stand.found_count}

    def run_job(self, clinic, job):
        """The same, asked for by somebody, with the progress of its job."""
        with clinic_scope(clinic):
            total = self.people().count()
        return self.run(clinic, progress=lambda done: report_progress(job, min(done, total), total))

    def _begin(self):
        """Start a sweep, unless the last one has not come to its end yet."""
        stand, is_first = self.stand.objects.get_or_create(defaults={"started_at": timezone.now()})
        if not is_first and stand.finished_at is not None:
            stand.since, stand.started_at, stand.finished_at = stand.started_at, timezone.now(), None
            stand.position, stand.looked_at_count, stand.found_count = None, 0, 0
            stand.save()

    def _look_at_batch(self, clinic, stand):
        rows = self.people().order_by("pk")
        rows = rows.filter(updated_at__gt=stand.since) if stand.since else rows
        rows = rows.filter(pk__gt=stand.position) if stand.position else rows
        batch = list(rows[:BATCH])
        if batch:
            self.prepare(batch)
            stand.found_count += self.queue(clinic, batch)
            stand.position = batch[-1].pk
        stand.looked_at_count += len(batch)
        stand.finished_at = timezone.now() if len(batch) < BATCH else None
        stand.save()
        return len(batch)

    def queue(self, clinic, batch):
        """Compare people with all who are near them and keep the pairs to look at; returns how many are new."""
        ours = {person.pk: person for person in batch}
        with connection.cursor() as cursor:
            cursor.execute(self.near, {"clinic": clinic.pk, "ids": list(ours)})
            near = {tuple(sorted(pair)) for pair in cursor.fetchall()}
        missing = {pk for pair in near for pk in pair} - ours.keys()
        people = ours | {each.pk: each for each in self.people().filter(pk__in=missing)}
        compared = {
            (one, other): compare(self.person_of(people[one]), self.person_of(people[other]))
            for one, other in near
            if one in people and other in people
        }
        found = {pair: comparison for pair, comparison in compared.items() if comparison.is_for_review}
        found = self.worth_a_look(found, people)
        self._forget_settled(ours, found)
        return self._keep(found, people)

    def _forget_settled(self, ours, found):
        """Open pairs that are no longer alike, since one of them was corrected, leave the queue by themselves."""
        waiting = self.pairs.objects.filter(Q(one__in=ours) | Q(other__in=ours), status=self.pairs.Status.OPEN)
        gone = [pk for pk, one, other in waiting.values_list("pk", "one_id", "other_id") if (one, other) not in found]
        self.pairs.objects.filter(pk__in=gone).delete()

    def _keep(self, found, people):
        known = self.pairs.objects.filter(one__in={one for one, _other in found})
        known = {(pair.one_id, pair.other_id): pair for pair in known}
        new, again = [], []
        for (one, other), comparison in found.items():
            facts, pair = self.mark_of(people[one], people[other]), known.get((one, other))
            if pair is None:
                pair = self.pairs(one=people[one], other=people[other])
                new.append(pair)
            elif pair.facts == facts or pair.status == self.pairs.Status.MERGED:
                continue
            else:
                again.append(pair)
            pair.verdict, pair.score, pair.reasons = comparison.verdict, comparison.score, list(comparison.reasons)
            pair.facts, pair.status = facts, self.pairs.Status.OPEN
            pair.decided_by = pair.decided_at = None
        self.pairs.objects.bulk_create(new, ignore_conflicts=True)
        fields = ["verdict", "score", "reasons", "facts", "status", "decided_by", "decided_at"]
        self.pairs.objects.bulk_update(again, fields)
        return len(new) + len(again)
