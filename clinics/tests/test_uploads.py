import asyncio
from concurrent.futures import ThreadPoolExecutor

from clinics.uploads import FLOOD_BYTES, HOOK_LIMIT_BYTES, refuse_floods


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


def read_by(path, pieces):
    """How much of a body that announces no size an application gets to read, and what the sender hears."""
    read, sent, coming = [], [], iter(pieces)

    async def application(scope, receive, send):
        for _piece in pieces:
            read.append((await receive())["body"])

    async def receive():
        return {"type": "http.request", "body": next(coming), "more_body": True}

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "path": path, "headers": []}
    with ThreadPoolExecutor(max_workers=1) as apart:
        apart.submit(asyncio.run, refuse_floods(application)(scope, receive, send)).result()
    return sum(map(len, read)), [message.get("status") for message in sent[:1]]


def test_a_webhook_that_announces_no_size_is_cut_off_after_one_megabyte():
    half = b"x" * (HOOK_LIMIT_BYTES // 2)

    assert read_by("/hooks/json/abc/", [half, half]) == (HOOK_LIMIT_BYTES, [])
    assert read_by("/hooks/json/abc/", [half, half, b"x"]) == (HOOK_LIMIT_BYTES, [413])
    assert read_by("/imports/new/", [half, half, b"x"]) == (HOOK_LIMIT_BYTES + 1, [])
