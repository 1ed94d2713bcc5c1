from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from celery import shared_task
from django.db import connection
from django.utils import timezone
from kombu.exceptions import OperationalError

from clinics import tasks
from clinics.audit import record
from clinics.models import AuditLog, Location, Reaction
from clinics.reactions import PAUSES, repeat_reaction, run_reaction
from clinics.tenancy import ClinicTask, clinic_scope
from clinics.tests.factories import ClinicFactory, LocationFactory
from conftest import last_audit

GREET, FAIL, BREAK = (f"clinics.tests.test_reactions.{name}" for name in ("greet", "fail", "break_transaction"))
REACTIONS = {
    "test.thing.done": [GREET],
    "test.thing.failed": [FAIL],
    "test.thing.broke": [BREAK],
    "test.thing.vanished": ["clinics.tests.test_reactions.of_an_older_release"],
}


@shared_task(base=ClinicTask)
def greet(clinic, event_id):
    """Idempotent, as a reaction must be."""
    event = AuditLog.objects.get(pk=event_id)
    Location.objects.get_or_create(name=f"Hello {event.action}")


@shared_task(base=ClinicTask)
def fail(clinic, event_id):
    LocationFactory(name="Half done")
    raise ValueError("not today")


@shared_task(base=ClinicTask)
def break_transaction(clinic, event_id):
    LocationFactory(name="Half done")
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1/0")


@pytest.fixture(autouse=True)
def own_reactions(settings):
    settings.REACTIONS = f"{__name__}.REACTIONS"


@pytest.fixture
def reaction_to(owner):
    def ask(action):
        return record(action, by=owner).reactions.get()

    return ask


def places():
    return list(Location.objects.values_list("name", flat=True))


def test_reaction_runs_once_after_the_commit(owner, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        event = record("test.thing.done", by=owner)
        before = places()

    assert (before, places()) == ([], ["Hello test.thing.done"])
    assert list(event.reactions.values_list("status", "attempts", "error")) == [("DONE", 1, "")]


def test_reaction_that_is_done_is_left_alone(clinic, reaction_to):
    reaction = reaction_to("test.thing.done")
    run_reaction(clinic, reaction.pk)
    Location.objects.all().delete()

    run_reaction(clinic, reaction.pk)

    assert places() == []


@pytest.mark.parametrize(
    ("action", "error"),
    [
        ("test.thing.failed", "ValueError: not today"),
        ("test.thing.broke", "DataError: division by zero"),
        ("test.thing.vanished", "ImportError: "),
    ],
)
def test_reaction_that_fails_is_taken_back_and_tried_again_later(clinic, reaction_to, action, error):
    reaction = reaction_to(action)

    with time_machine.travel("2027-03-01 12:00Z", tick=False):
        run_reaction(clinic, reaction.pk)

    reaction.refresh_from_db()
    assert (places(), reaction.status, reaction.attempts) == ([], "FAILED", 1)
    assert reaction.error.startswith(error)
    assert reaction.due_at.isoformat() == "2027-03-01T12:00:30+00:00"


def test_reaction_is_not_tried_before_it_is_due(clinic, reaction_to):
    reaction = reaction_to("test.thing.failed")

    run_reaction(clinic, reaction.pk)
    run_reaction(clinic, reaction.pk)

    reaction.refresh_from_db()
    assert reaction.attempts == 1


def test_reaction_is_given_up_after_growing_pauses_of_a_day_in_all(clinic, reaction_to):
    reaction, pauses = reaction_to("test.thing.failed"), []

    while reaction.status != Reaction.Status.DEAD:
        with time_machine.travel(reaction.due_at + timedelta(seconds=1), tick=False):
            run_reaction(clinic, reaction.pk)
            reaction.refresh_from_db()
            pauses.append(reaction.due_at - timezone.now())

    assert (pauses[:-1], reaction.attempts) == (PAUSES, len(PAUSES) + 1)
    assert timedelta(days=1) < sum(PAUSES, timedelta()) < timedelta(days=2)


def test_reaction_that_kills_its_worker_every_time_is_given_up(clinic, reaction_to, monkeypatch):
    reaction = reaction_to("test.thing.done")
    monkeypatch.setattr("clinics.reactions._try", lambda clinic, reaction: None)  # nothing after the claim is written

    while reaction.status != Reaction.Status.DEAD:
        with time_machine.travel(reaction.due_at + timedelta(seconds=1), tick=False):
            run_reaction(clinic, reaction.pk)
            reaction.refresh_from_db()

    assert reaction.attempts == len(PAUSES) + 1


def test_reaction_whose_worker_died_is_run_by_the_sweep(clinic, reaction_to):
    reaction = reaction_to("test.thing.done")
    Reaction.objects.update(attempts=1, due_at=timezone.now() - timedelta(seconds=1))

    tasks.run_due_reactions()

    reaction.refresh_from_db()
    assert (reaction.status, reaction.attempts, places()) == ("DONE", 2, ["Hello test.thing.done"])


def test_sweep_visits_every_clinic_that_is_open_and_leaves_what_is_not_due(db):
    clinics = [ClinicFactory(), ClinicFactory(), ClinicFactory()]
    for clinic in clinics:
        with clinic_scope(clinic):
            record("test.thing.done", by=None)
    clinics[1].is_active = False
    clinics[1].save()
    with clinic_scope(clinics[2]):
        Reaction.objects.update(due_at=timezone.now() + timedelta(minutes=1))

    tasks.run_due_reactions()

    found = []
    for clinic in clinics:
        with clinic_scope(clinic):
            found.append(places())
    assert found == [["Hello test.thing.done"], [], []]


def test_commit_stands_while_the_broker_is_away(owner, django_capture_on_commit_callbacks, monkeypatch):
    monkeypatch.setattr(tasks.run_reaction, "apply_async", unreachable)

    with django_capture_on_commit_callbacks(execute=True):
        event = record("test.thing.done", by=owner)

    assert event.reactions.get().status == Reaction.Status.PENDING


def unreachable(*args, **kwargs):
    raise OperationalError("connection refused")


def test_repeat_runs_a_reaction_again_from_the_start(clinic, owner, reaction_to, django_capture_on_commit_callbacks):
    reaction = reaction_to("test.thing.done")
    Reaction.objects.update(status=Reaction.Status.DEAD, attempts=7, due_at=timezone.now() + timedelta(hours=18))

    with django_capture_on_commit_callbacks(execute=True):
        repeat_reaction(reaction, by=owner)

    reaction.refresh_from_db()
    assert (reaction.status, reaction.attempts, places()) == ("DONE", 1, ["Hello test.thing.done"])
    assert last_audit(reaction).action == "clinics.reaction.repeated"


def test_two_workers_do_not_run_one_reaction_at_once(transactional_db):
    """The second worker finds the row locked by the first and leaves it: it does not wait, and does not run it."""
    clinic = ClinicFactory()
    with clinic_scope(clinic):
        reaction = record("test.thing.done", by=None).reactions.get()  # and runs at once, after this commit
    with clinic_scope(clinic):
        Reaction.objects.update(status="PENDING", attempts=0)
        Location.objects.all().delete()

    with clinic_scope(clinic):
        Reaction.objects.select_for_update().get(pk=reaction.pk)
        in_another_connection(run_reaction, clinic, reaction.pk)

    with clinic_scope(clinic):
        reaction.refresh_from_db()
        assert (places(), reaction.attempts) == ([], 0)


def in_another_connection(function, *args):
    """Call a function in a thread, which has a connection of its own."""

    def call():
        try:
            return function(*args)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(call).result(timeout=30)
