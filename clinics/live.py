"""Live pages: a change publishes a topic name, never data; each browser hears it and re-fetches what listens.

PostgreSQL carries the names (NOTIFY at commit). One connection a process listens for all its browsers.
"""

import asyncio
import contextlib
import time
from collections import defaultdict
from contextvars import ContextVar

import psycopg
from asgiref.sync import sync_to_async
from django.db import Error, close_old_connections, connection

from clinics.models.base import current_clinic_id

CHANNEL = "recare_live"
EVERYTHING = "poll"  # the topic that all parts hear: something may have been missed
HEARTBEAT_SECONDS = 20
CHECK_SECONDS = 60
MOST_TOPICS = 100
_together = ContextVar("topics that are published together", default=None)


def publish(*topics):
    """Tell every browser of the open clinic, once this transaction commits, that `topics` have changed."""
    gathered = _together.get()
    if gathered is not None:
        gathered.update(dict.fromkeys(topics))
    elif topics:
        told = [f"{current_clinic_id()}:{topic}" for topic in topics]
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, told) FROM unnest(%s::text[]) told", [CHANNEL, told])


@contextlib.contextmanager
def publishing_together():
    """Publish what is published inside in one statement at the end, each topic once, for acts on many."""
    topics = {}
    token = _together.set(topics)
    try:
        yield
    finally:
        _together.reset(token)
    publish(*topics)


class Mailbox:
    """The topics that one browser has not been told yet, each once, however often it was published."""

    def __init__(self):
        self.topics = {}
        self.filled = asyncio.Event()

    def put(self, topic):
        self.topics[topic] = True
        if len(self.topics) > MOST_TOPICS:  # a browser that reads slowly asks for everything once
            self.topics = {EVERYTHING: True}
        self.filled.set()

    async def take(self):
        """Wait for topics, and return and forget them; nothing after a quiet while."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.filled.wait(), HEARTBEAT_SECONDS)
        self.filled.clear()
        topics, self.topics = list(self.topics), {}
        return topics


class Switchboard:
    """Hands the topics of each clinic to the browsers that wait for them in this process."""

    def __init__(self):
        self.waiting = defaultdict(set)
        self.listener = None
        self.loop = None

    async def topics(self, clinic_id):
        """Yield lists of topic names of one clinic as they are published, and an empty one when all is quiet."""
        self._listen()
        mailbox = Mailbox()
        self.waiting[clinic_id].add(mailbox)
        try:
            while True:
                yield await mailbox.take()
        finally:
            self.waiting[clinic_id].discard(mailbox)
            if not self.waiting[clinic_id]:
                del self.waiting[clinic_id]

    def _listen(self):
        loop = asyncio.get_running_loop()
        if self.listener is None or self.listener.done() or self.loop is not loop:
            self.loop = loop
            self.listener = loop.create_task(self._relay())

    async def _relay(self):
        while True:
            with contextlib.suppress(psycopg.OperationalError):
                await self._relay_until_disconnected()
            await asyncio.sleep(1)  # the database is away: browsers keep their stream

    async def _relay_until_disconnected(self):
        parameters = connection.get_connection_params()
        for key in ("cursor_factory", "context", "prepare_threshold"):
            parameters.pop(key, None)
        async with await psycopg.AsyncConnection.connect(**parameters, autocommit=True) as listening:
            await listening.execute(f"LISTEN {CHANNEL}")
            self._hand_to_all(EVERYTHING)  # what was published before this moment went by unheard
            async for notice in listening.notifies():
                self._hand_on(notice.payload)

    def _hand_on(self, payload):
        clinic_id, _, topic = payload.partition(":")
        for mailbox in self.waiting.get(clinic_id, ()):
            mailbox.put(topic)

    def _hand_to_all(self, topic):
        for mailboxes in self.waiting.values():
            for mailbox in mailboxes:
                mailbox.put(topic)


switchboard = Switchboard()


async def event_stream(clinic_id, may_go_on):
    """The body of the SSE answer for one browser of a clinic: topic names only, while its session `may_go_on()`."""
    yield b"retry: 2000\n\n"
    await sync_to_async(close_old_connections)()  # that of the request: a stream only waits
    checked_at = time.monotonic()
    async with contextlib.aclosing(switchboard.topics(clinic_id)) as published:
        async for topics in published:
            yield b"".join(f"event: topic\ndata: {topic}\n\n".encode() for topic in topics) or b": quiet\n\n"
            if time.monotonic() - checked_at > CHECK_SECONDS:
                if not await sync_to_async(_ask)(may_go_on):
                    return
                checked_at = time.monotonic()


def _ask(may_go_on):
    try:
        return may_go_on()
    except Error:  # the database is away: the browser asks again in a moment
        return False
    finally:
        close_old_connections()
