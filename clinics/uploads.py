"""Bodies of requests are refused by their size: by the announced one before a byte of them is stored."""

from django.core.files.uploadhandler import FileUploadHandler, SkipFile

UPLOAD_LIMIT_BYTES = 50 * 1024 * 1024
FORM_AROUND_IT = 1024 * 1024
FLOOD_BYTES = 4 * UPLOAD_LIMIT_BYTES
HOOK_LIMIT_BYTES = 1024 * 1024
MAIL_LIMIT_BYTES = 30 * 1024 * 1024  # a letter with its files, as a mail service posts it


class LimitedUpload(FileUploadHandler):
    """First of the handlers: drops the file of a request that is too large, and marks it `upload_was_too_large`.

    The other fields of the form are still read, so that its page can say what is wrong.
    """

    def handle_raw_input(self, input_data, META, content_length, boundary, encoding=None):
        self.request.upload_was_too_large = content_length > UPLOAD_LIMIT_BYTES + FORM_AROUND_IT

    def new_file(self, *args, **kwargs):
        super().new_file(*args, **kwargs)
        if self.request.upload_was_too_large:
            raise SkipFile

    def receive_data_chunk(self, raw_data, start):
        return raw_data

    def file_complete(self, file_size):
        return None


def refuse_floods(application):
    """Wrap an ASGI application, since Django would spool all of a body to disk before anybody looks at it.

    A body that announces more than its address may take is refused unread. One that announces nothing is cut off once
    it has grown past that.
    """

    async def guarded(scope, receive, send):
        if scope["type"] != "http":
            await application(scope, receive, send)
            return
        most = most_bytes_of(scope["path"])
        if _announced(scope) > most:
            await _refuse(send, most)
            return
        body = CountedBody(receive, most)
        try:
            await application(scope, body.receive, send)
        except BodyTooLarge:
            await _refuse(send, most)

    return guarded


def most_bytes_of(path):
    """How large a body may be that is sent to a path."""
    if path.startswith("/hooks/mailbox/"):
        return MAIL_LIMIT_BYTES
    return HOOK_LIMIT_BYTES if path.startswith("/hooks/") else FLOOD_BYTES


class BodyTooLarge(Exception):
    """Raised while a body is read that has grown past what its address may take."""


class CountedBody:
    """The body of a request as it comes in, counted."""

    def __init__(self, receive, most):
        self._receive, self._left = receive, most

    async def receive(self):
        message = await self._receive()
        if message["type"] == "http.request":
            self._left -= len(message.get("body", b""))
            if self._left < 0:
                raise BodyTooLarge
        return message


async def _refuse(send, most):
    text = f"A body may be {most // (1024 * 1024)} MB at most here."
    await send({"type": "http.response.start", "status": 413, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": text.encode()})


def _announced(scope):
    length = dict(scope["headers"]).get(b"content-length", b"0")
    return int(length) if length.isdigit() else 0
