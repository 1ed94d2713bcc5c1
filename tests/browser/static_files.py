"""Static files for the browsers of the tests: a page loads more than a hundred of them, and each test begins anew."""

import mimetypes
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders


@cache
def kept(path):
    """The type and the content of a static file by the path of its address, or None if there is none."""
    found = finders.find(path.removeprefix(settings.STATIC_URL))
    return (mimetypes.guess_type(path)[0] or "application/octet-stream", Path(found).read_bytes()) if found else None


def with_static_files(application):
    """An ASGI application that answers for static files out of memory, and hands on whatever else is asked."""

    async def serve(scope, receive, send):
        if scope["type"] != "http" or not scope["path"].startswith(settings.STATIC_URL):
            return await application(scope, receive, send)
        kind, content = kept(scope["path"]) or (None, b"")
        headers = [(b"content-length", str(len(content)).encode())]
        if kind:
            headers += [(b"content-type", kind.encode()), (b"cache-control", b"max-age=3600")]
        await send({"type": "http.response.start", "status": 200 if kind else 404, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    return serve
