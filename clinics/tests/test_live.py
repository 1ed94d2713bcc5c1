import asyncio
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError, connection, transaction

from clinics import live
from clinics.live import EVERYTHING, MOST_TOPICS, Mailbox, Switchboard, event_stream, publish
from clinics.notifications import notify
from clinics.tenancy import clinic_scope
from clinics.tests.factories import ClinicFactory, ClinicUserFactory


@pytest.fixture
def clinics(transactional_db):
    return ClinicFactory(), ClinicFactory()


def listen(*clinics):
    """One switchboard and a started listener for each clinic: what one process has."""
    board = Switchboard()
    return board, [Ear(board, clinic) for clinic in clinics]


class Ear:
    """A browser that keeps what it was told."""

    def __init__(self, board, clinic):
        self.heard = []
        self.task = asyncio.ensure_future(self.listen(board.topics(str(clinic.pk))))

    async def listen(self, published):
        async for topics in published:
            self.heard += topics

    async def until(self, topic, within=2):
        async with asyncio.timeout(within):
            while topic not in self.heard:
                await asyncio.sleep(0.02)


async def hang_up(board, ears):
    for task in [board.listener, *(ear.task for ear in ears)]:
        task.cancel()
    await asyncio.gather(board.listener, *(ear.task for ear in ears), return_exceptions=True)


def say(clinic, *topics):
    with clinic_scope(clinic):
        publish(*topics)


def run(scenario):
    """Run a scenario on a loop of its own, in a thread of its own: a browser's loop may hold the test's thread."""
    with ThreadPoolExecutor(max_workers=1) as apart:
        return apart.submit(asyncio.run, scenario()).result()


in_thread = sync_to_async


def test_topic_reaches_every_browser_of_its_clinic_within_two_seconds_and_no_other(clinics):
    ours, theirs = clinics

    async def scenario():
        board, ears = listen(*[ours] * 50, theirs)
        await asyncio.gather(*(ear.until(EVERYTHING) for ear in ears))
        await in_thread(say)(ours, "board", "lead-1")
        await asyncio.gather(*(ear.until("lead-1") for ear in ears[:-1]))
        await in_thread(say)(theirs, "theirs")
        await ears[-1].until("theirs")
        await hang_up(board, ears)
        return [ear.heard for ear in ears]

    *heard, next_door = run(scenario)

    assert heard == [[EVERYTHING, "board", "lead-1"]] * 50
    assert next_door == [EVERYTHING, "theirs"]


def test_topic_is_told_after_the_commit_and_never_without_one(clinics):
    ours, _theirs = clinics

    def wait_then(end):
        with clinic_scope(ours):
            publish("board")
            during.append(list(ears[0].heard))
            end()

    def roll_back():
        transaction.set_rollback(True)

    during, ears = [], []

    async def scenario():
        board, found = listen(ours)
        ears.extend(found)
        await ears[0].until(EVERYTHING)
        await in_thread(wait_then)(roll_back)
        await in_thread(say)(ours, "later")
        await ears[0].until("later")
        rolled_back = list(ears[0].heard)
        await in_thread(wait_then)(lambda: None)
        await ears[0].until("board")
        await hang_up(board, ears)
        return rolled_back

    assert run(scenario) == [EVERYTHING, "later"]
    assert during == [[EVERYTHING], [EVERYTHING, "later"]]


def test_listener_comes_back_after_the_database_closed_its_connection(clinics):
    ours, _theirs = clinics

    async def scenario():
        board, ears = listen(ours)
        await ears[0].until(EVERYTHING)
        ears[0].heard.clear()
        await in_thread(end_listeners)()
        await ears[0].until(EVERYTHING, within=10)
        await in_thread(say)(ours, "board")
        await ears[0].until("board")
        await hang_up(board, ears)

    run(scenario)


def end_listeners():
    """What a restart of the database does to the listener, as its own login may."""
    parameters = connection.get_connection_params()
    for key in ("cursor_factory", "context", "prepare_threshold"):
        parameters.pop(key, None)
    with psycopg.connect(**parameters, autocommit=True) as other:
        ended = other.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE query LIKE 'LISTEN%' AND datname = current_database()"
        ).fetchone()
    assert ended[0] >= 1


def test_stream_tells_topics_as_events_and_ends_with_the_session(clinics, monkeypatch):
    ours, _theirs = clinics
    monkeypatch.setattr(live, "CHECK_SECONDS", -1)
    monkeypatch.setattr(live, "switchboard", Switchboard())
    answers = [True, False]

    async def scenario():
        parts = []
        async for part in event_stream(str(ours.pk), lambda: answers.pop(0)):
            parts.append(part)
            await in_thread(say)(ours, f"lead-{len(parts)}")
        live.switchboard.listener.cancel()
        return parts, dict(live.switchboard.waiting)

    parts, waiting = run(scenario)

    assert parts == [
        b"retry: 2000\n\n",
        b"event: topic\ndata: poll\n\n",
        b"event: topic\ndata: lead-2\n\n",
    ]
    assert (answers, waiting) == ([], {})


def test_stream_is_quiet_but_alive_while_nothing_happens(clinics, monkeypatch):
    monkeypatch.setattr(live, "HEARTBEAT_SECONDS", 0.05)
    monkeypatch.setattr(live, "switchboard", Switchboard())

    async def scenario():
        stream = event_stream(str(clinics[0].pk), lambda: True)
        parts = [await anext(stream) for _ in range(6)]
        await stream.aclose()
        live.switchboard.listener.cancel()
        return parts

    assert run(scenario)[-1] == b": quiet\n\n"


def test_session_that_cannot_be_asked_about_ends_the_stream(db):
    def away():
        raise OperationalError

    assert live._ask(away) is False


def test_mailbox_tells_a_topic_once_however_often_it_was_published():
    async def scenario():
        box = Mailbox()
        for topic in ["board", "lead-1", "board", "board"]:
            box.put(topic)
        return await box.take()

    assert run(scenario) == ["board", "lead-1"]


def test_mailbox_of_a_browser_that_does_not_read_asks_for_everything():
    async def scenario():
        box = Mailbox()
        for number in range(MOST_TOPICS * 3):
            box.put(f"lead-{number}")
        return await box.take()

    told = run(scenario)
    assert told[0] == EVERYTHING
    assert len(told) <= MOST_TOPICS


def test_bell_of_a_member_rings_by_a_topic_of_its_own(clinics):
    ours, _theirs = clinics
    with clinic_scope(ours):
        member = ClinicUserFactory()

    async def scenario():
        board, ears = listen(ours)
        await ears[0].until(EVERYTHING)
        await in_thread(ring)(ours, member)
        await ears[0].until(f"bell-{member.pk}")
        await hang_up(board, ears)

    run(scenario)


def ring(clinic, member):
    with clinic_scope(clinic):
        notify(member, "lead", "A lead is yours")
