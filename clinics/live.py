"""Live pages: a change publishes a topic name, never data; each browser hears it and re-fetches what listens.

PostgreSQL carries the names (NOTIFY at commit). One connection a process listens for all its browsers.
"""

import asyncio
import contextlib
from collections import defaultdict

import psycopg
from django.db import connection

from clinics.models.base import current_clinic_id

CHANNEL = "recare_live"
HEARTBEAT_SECONDS = 20


def publish(*topics):
    """Tell every browser of the open clinic, once this transaction commits, that `topics` have changed."""
    with connection.cursor() as cursor:
        for topic in topics:
            cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, f"{current_clinic_id()}:{topic}"])


class Switchboard:
    """Hands the topics of each clinic to the browsers that wait for them in this process."""

    def __init__(self):
        self.waiting = defaultdict(set)
        self.listener = None
        self.loop = None

    async def topics(self, clinic_id):
        """Yield topic names of one clinic as they are published, and None as a heartbeat when all is quiet."""
        self._listen()
        queue = asyncio.Queue(maxsize=1000)
        self.waiting[clinic_id].add(queue)
        try:
            while True:
                try:
                    yield await asyncio.wait_for(queue.get(), HEARTBEAT_SECONDS)
                except TimeoutError:
                    yield None
        finally:
            self.waiting[clinic_id].discard(queue)

    def _listen(self):
        loop = asyncio.get_running_loop()
        if self.listener is None or self.listener.done() or self.loop is not loop:
            self.loop = loop
            self.listener = loop.create_task(self._relay())

    async def _relay(self):
        while True:
            with contextlib.suppress(psycopg.OperationalError):
                parameters = connection.get_connection_params()
                for key in ("cursor_factory", "context", "prepare_threshold"):
                    parameters.pop(key, None)
                async with await psycopg.AsyncConnection.connect(**parameters, autocommit=True) as listening:
                    await listening.execute(f"LISTEN {CHANNEL}")
                    async for notice in listening.notifies():
                        self._hand_on(notice.payload)
            await asyncio.sleep(1)  # the database is away: browsers keep their stream, and poll meanwhile

    def _hand_on(self, payload):
        clinic_id, _, topic = payload.partition(":")
        for queue in self.waiting.get(clinic_id, ()):
            with contextlib.suppress(asyncio.QueueFull):
                queue.put_nowait(topic)


switchboard = Switchboard()


async def event_stream(clinic_id):
    """The body of the SSE answer for one browser of a clinic: topic names only."""
    yield b"retry: 2000\n\n"
    async for topic in switchboard.topics(clinic_id):
        yield b": quiet\n\n" if topic is None else f"event: topic\ndata: {topic}\n\n".encode()
