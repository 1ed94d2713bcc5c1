import sys

from django.db import InterfaceError, OperationalError
from django.shortcuts import render
from psycopg_pool import PoolTimeout


def server_error(request, template_name="500.html"):
    """500, or 503 with a word of comfort when the database is away; neither page asks the database for anything."""
    error = sys.exc_info()[1]
    if isinstance(error, (OperationalError, InterfaceError, PoolTimeout)) or isinstance(error.__cause__, PoolTimeout):
        response = render(None, "503.html", status=503)
        response["Retry-After"] = "5"
        return response
    return render(None, "500.html", status=500)
