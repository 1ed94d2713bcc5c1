"""Uploads are refused by their announced size, before a byte of them is stored."""

from django.core.files.uploadhandler import FileUploadHandler, SkipFile

UPLOAD_LIMIT_BYTES = 50 * 1024 * 1024
FORM_AROUND_IT = 1024 * 1024
FLOOD_BYTES = 4 * UPLOAD_LIMIT_BYTES


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
    """Wrap an ASGI application: a body far beyond any upload is refused unread, since Django would spool all of it."""

    async def guarded(scope, receive, send):
        if scope["type"] == "http" and _announced(scope) > FLOOD_BYTES:
            await send({"type": "http.response.start", "status": 413, "headers": [(b"content-type", b"text/plain")]})
            await send({"type": "http.response.body", "body": b"This file is larger than 50 MB."})
            return
        await application(scope, receive, send)

    return guarded


def _announced(scope):
    length = dict(scope["headers"]).get(b"content-length", b"0")
    return int(length) if length.isdigit() else 0
