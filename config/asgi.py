"""The application as a server runs it."""

import os

import django
from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler

from clinics.uploads import refuse_floods


class OneThreadHandler(ASGIHandler):
    """Answers each request in one thread, from the first middleware to the last.

    Our middleware and views wait for the database as plain functions do. Django's own handler gives each of them that
    could also run in the event loop a trip there and back, a dozen for a page, and waits for a thread each time.
    """

    def load_middleware(self, is_async=False):
        super().load_middleware(is_async=False)

    async def get_response_async(self, request):
        return await sync_to_async(self.get_response)(request)


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup(set_prefix=False)

application = refuse_floods(OneThreadHandler())
