"""Doing one thing to many people: those chosen by hand, or all that match a filter.

A few are done at once; more of them in the background, a batch a transaction. Each has a row that says what became of
them, so whoever takes the work up after a crash goes on behind the last batch, and nobody is done twice. Which people,
which acts and which tables an app says once, as a `BulkWork`.
"""

import uuid
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field

import structlog
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinics.audit import record, recording_together
from clinics.errors import RuleBroken
from clinics.jobs import report_progress, start_job
from clinics.live import publish, publishing_together
from clinics.models.bulk import ActOnMany, Outcome
from clinics.tenancy import clinic_scope
from clinics.writing import update_rows, writing_together

AT_ONCE = 50
BATCH = 250
GATHERED_AT_ONCE = 5000
Status = ActOnMany.Status
log = structlog.get_logger("recare.bulk")


class AimIsGone(RuleBroken):
    message = gettext_lazy("Choose again: what you chose is no longer there.")


class WorkIsElsewhere(RuleBroken):
    message = gettext_lazy("This is being done elsewhere, or has been done already.")


class NobodyChosen(RuleBroken):
    message = gettext_lazy("Choose somebody first.")


class FilterNotUnderstood(RuleBroken):
    message = gettext_lazy(
        "One of the filters is no longer known, so this would take more people than you see. Take it off first."
    )


class NothingToChange(RuleBroken):
    message = gettext_lazy("It was so already.")


class PersonIsGone(RuleBroken):
    message = gettext_lazy("Was deleted meanwhile.")


@dataclass(frozen=True)
class Act:
    """`do(person, facts, by=)` returns the trace that `undo(person, trace, facts, by=)` follows; both may break rules.

    `title` names the act and what is under `aim`, `permission` who may. An act that `gathers` writes nothing but by way
    of clinics/writing.py before its last rule is asked: then a whole batch of it takes a fixed number of statements.
    """

    do: Callable
    undo: Callable
    title: str
    permission: str
    aim: str = ""
    gathers: bool = False


@dataclass(frozen=True)
class BulkWork:
    """How one app acts on many: its tables, acts and words.

    `event` is also the name of its job: "crm.bulk" records "crm.bulk.started" and is worked off as "crm.bulk" and
    "crm.bulk_undo". `rows` are the facts that name a row: what stands there as an id is looked up once for all.
    """

    acts: dict
    act_model: type
    row_model: type
    person: str  # the field of a row that holds the person
    event: str
    count_in_words: Callable  # count -> "3 leads"
    rows: dict = field(default_factory=dict)
    topics: tuple = ()
    holding: Callable = lambda ids: nullcontext({})  # locks many people at once for the time of a batch: id -> person
    finished: Callable = lambda act, by: None

    @property
    def people(self):
        """The model of those who are acted on."""
        return self.row_model._meta.get_field(self.person).remote_field.model

    def find_aims(self, facts):
        """The facts of an act with rows in the place of ids. Raises AimIsGone if one of them is no longer there."""
        found = dict(facts)
        for name, model in self.rows.items():
            if name in facts:
                row = model.objects.filter(pk=facts[name]).first()
                if row is None:
                    raise AimIsGone
                found[name] = row
        return found

    def title_of(self, kind, aims, count):
        act = self.acts[kind]
        what = act.title % {"aim": aims[act.aim]} if act.aim else act.title
        return f"{what} · {self.count_in_words(count)}"[:200]


@transaction.atomic
def start_bulk(work, kind, chosen, facts, *, by, key=""):
    """Do `kind` to the people of `chosen`: up to 50 at once, more in the background; returns the act.

    `chosen.people(by)` gives them, `chosen.query` is the filter if no hand chose; `facts` is what the act needs, rows
    as ids. The same `key` twice does the same to the same people once. Records "….started" and, when it has ended,
    "….finished". Raises NobodyChosen, FilterNotUnderstood, AimIsGone.
    """
    whom = [chosen.query] if chosen.query is not None else sorted(map(str, chosen.ids))
    act_id = uuid.uuid5(by.pk, " ".join([key, kind, *whom])) if key else uuid.uuid4()
    known = work.act_model.objects.for_page().filter(pk=act_id).first()
    if known is not None:
        return known
    facts = facts | {"act": str(act_id)}
    aims = work.find_aims(facts)
    count = chosen.people(by).order_by().values("pk").count()
    if not count:
        raise NobodyChosen
    act, is_new = work.act_model.objects.get_or_create(
        pk=act_id,
        defaults={
            "kind": kind,
            "title": work.title_of(kind, aims, count),
            "facts": facts,
            "query": chosen.query,
            "total_count": count,
            "by": by,
        },
    )
    if not is_new:
        return act
    record(f"{work.event}.started", act, by=by, after={"kind": kind, "count": count, "query": chosen.query})
    if count <= AT_ONCE:
        gather(work, act, chosen.people(by))
        work_batch(work, act, aims, by=by)
        return finish_bulk(work, act, by=by)
    if chosen.query is None:
        gather(work, act, chosen.people(by))
    parameters = {"act": str(act.pk)}
    act.job = start_job(work.event, title=act.title, by=by, parameters=parameters, result_url=act.get_absolute_url())
    act.save()
    return act


def gather(work, act, people):
    """Write down whom an act is about, in the order in which they are locked."""
    ids = people.order_by("pk").values_list("pk", flat=True).distinct()
    rows, place = [], 0
    for place, person_id in enumerate(ids.iterator(chunk_size=GATHERED_AT_ONCE), start=1):
        rows.append(work.row_model(act=act, place=place, **{f"{work.person}_id": person_id}))
        if len(rows) == GATHERED_AT_ONCE:
            work.row_model.objects.bulk_create(rows)
            rows = []
    work.row_model.objects.bulk_create(rows)
    act.is_gathered, act.total_count = True, place
    act.save(update_fields=["is_gathered", "total_count", "updated_at"])


def run_bulk(work, clinic, job, *, choose):
    """The job of an act: batch by batch, each person once; what an earlier try has done is passed over.

    `choose(query, member)` gives the people of a filter.
    """
    with clinic_scope(clinic):
        act = take_up(work, job, Status.WORKING)
        if not act.is_gathered:
            gather(work, act, choose(act.query, job.started_by))
            report_progress(job, 0, act.total_count)
    is_left = True
    while is_left:
        with clinic_scope(clinic):
            act = take_up(work, job, Status.WORKING)
            is_left = work_batch(work, act, work.find_aims(act.facts), by=job.started_by)
            report_progress(job, act.handled_count, act.total_count)
    with clinic_scope(clinic):
        act = finish_bulk(work, take_up(work, job, Status.WORKING), by=job.started_by)
        return {"done": act.done_count, "skipped": act.skipped_count}


def take_up(work, job, status):
    """The act that a job works on, locked. Raises WorkIsElsewhere if it is in other hands or past this step."""
    act = work.act_model.objects.select_for_update().filter(pk=job.parameters["act"]).first()
    if act is None or act.job_id != job.pk or act.status != status:
        raise WorkIsElsewhere
    return act


def work_batch(work, act, aims, *, by):
    """Do the next people of an act; returns whether there may be more of them."""
    waiting = work.row_model.objects.of_act(act).waiting().order_by("place")
    rows, kind = list(waiting[:BATCH]), work.acts[act.kind]
    answers = act_on_each(work, kind, rows, lambda row: kind.do(getattr(row, work.person), aims, by=by))
    for row, answer in zip(rows, answers, strict=True):
        row.outcome, row.trace, row.reason = answer
    update_rows(rows, ["outcome", "trace", "reason"])
    done = sum(row.outcome == Outcome.DONE for row in rows)
    act.done_count += done
    act.skipped_count += len(rows) - done
    act.save(update_fields=["done_count", "skipped_count", "updated_at"])
    publish(*work.topics)
    return len(rows) == BATCH


def act_on_each(work, kind, rows, act_on_one):
    """Act on the person of each row; returns for each what came of it. What all of them write is written at once.

    Acts that gather stand or fall together: if anything but a rule goes wrong, each is begun anew by itself.
    """
    if kind.gathers:
        try:
            with transaction.atomic():
                return _act_on_each(work, rows, act_on_one, as_one=True)
        except (OperationalError, InterfaceError):
            raise
        except Exception as problem:  # one of them is not as the others; which one shows when each is on its own
            log.warning("bulk batch goes one by one", error=type(problem).__name__)
    return _act_on_each(work, rows, act_on_one, as_one=False)


def _act_on_each(work, rows, act_on_one, *, as_one):
    ids, answers = [getattr(row, f"{work.person}_id") for row in rows], []
    attempt = _attempt_as_one if as_one else _attempt
    with (
        publishing_together(),
        recording_together() as events,
        writing_together(as_one=as_one) as written,
        work.holding(ids) as people,
    ):
        for row, person_id in zip(rows, ids, strict=True):
            if person_id in people:
                setattr(row, work.person, people[person_id])
            before = len(events), len(written)
            answers.append(attempt(work, lambda row=row: act_on_one(row)))
            if answers[-1][0] != Outcome.DONE:
                del events[before[0] :], written[before[1] :]
    return answers


def _attempt_as_one(work, act_on_one):
    """Act on one person and say what came of it: (outcome, trace, reason). A broken rule leaves them out."""
    try:
        return Outcome.DONE, str(act_on_one() or ""), ""
    except work.people.DoesNotExist:
        return Outcome.SKIPPED, "", str(PersonIsGone.message)
    except RuleBroken as rule:
        return Outcome.SKIPPED, "", str(rule)


def _attempt(work, act_on_one):
    """The same in a savepoint of their own; whatever else goes wrong leaves them out, too."""
    try:
        with transaction.atomic():
            return Outcome.DONE, str(act_on_one() or ""), ""
    except work.people.DoesNotExist:
        return Outcome.SKIPPED, "", str(PersonIsGone.message)
    except RuleBroken as rule:
        return Outcome.SKIPPED, "", str(rule)
    except (OperationalError, InterfaceError):
        raise
    except Exception as problem:  # one who cannot be done does not stop the others; the log says where
        log.exception("bulk act failed on one", error=type(problem).__name__)
        return Outcome.SKIPPED, "", _("Something went wrong on our side. Nothing was changed here.")


def finish_bulk(work, act, *, by):
    """Say that an act has ended, to the audit log and the open pages. Returns the act."""
    act.status, act.finished_at = Status.DONE, timezone.now()
    act.save(update_fields=["status", "finished_at", "updated_at"])
    record(f"{work.event}.finished", act, by=by, after={"done": act.done_count, "skipped": act.skipped_count})
    work.finished(act, by)
    publish(*work.topics)
    return act
