import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

from django.test.utils import override_settings

from config.asgi import OneThreadHandler

seen_in = []


def note_thread(get_response):
    """A middleware that notes in which thread it runs, before and after the view."""

    def middleware(request):
        seen_in.append(threading.get_ident())
        response = get_response(request)
        seen_in.append(threading.get_ident())
        return response

    return middleware


def answer_of(handler, path):
    """(status, body) of what an ASGI handler answers to a GET."""
    sent, bodies = [], [b""]

    async def receive():
        if bodies:
            return {"type": "http.request", "body": bodies.pop()}
        await asyncio.sleep(60)  # until the answer is there: nobody hangs up

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": [(b"host", b"localhost")]}
    with ThreadPoolExecutor(max_workers=1) as apart:
        apart.submit(asyncio.run, handler(scope, receive, send)).result()
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:])


@override_settings(MIDDLEWARE=["tests.test_asgi.note_thread", "clinics.views.health.ProbeMiddleware"])
def test_a_request_is_answered_in_one_thread():
    seen_in.clear()

    assert answer_of(OneThreadHandler(), "/healthz") == (200, b"ok")
    assert len(seen_in) == 2
    assert len(set(seen_in)) == 1


def test_no_middleware_of_ours_waits_in_the_event_loop():
    assert not asyncio.iscoroutinefunction(OneThreadHandler()._middleware_chain)
