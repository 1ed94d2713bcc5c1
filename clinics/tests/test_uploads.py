import asyncio
from concurrent.futures import ThreadPoolExecutor

from clinics.uploads import FLOOD_BYTES, refuse_floods


def answer_to(length):
    """What an ASGI application behind the guard says to a body of this announced length, and whether it was asked."""
    asked, sent = [], []

    async def application(scope, receive, send):
        asked.append(scope["path"])

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "path": "/imports/new/", "headers": [(b"content-length", length)]}
    with ThreadPoolExecutor(max_workers=1) as apart:
        apart.submit(asyncio.run, refuse_floods(application)(scope, None, send)).result()
    return asked, [message.get("status") for message in sent[:1]]


def test_a_body_far_beyond_any_upload_is_refused_unread():
    assert answer_to(str(FLOOD_BYTES + 1).encode()) == ([], [413])


def test_other_bodies_are_let_through():
    assert answer_to(str(FLOOD_BYTES).encode()) == (["/imports/new/"], [])
    assert answer_to(b"nonsense") == (["/imports/new/"], [])
