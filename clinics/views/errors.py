import sys

from django.db import InterfaceError, OperationalError
from django.shortcuts import render
from psycopg_pool import PoolTimeout

from clinics.api_problems import Problem, problem_response
from clinics.requests import is_api


def server_error(request, template_name="500.html"):
    """500, or 503 with a word of comfort when the database is away; neither asks the database for anything."""
    if is_api(request):
        is_away = is_database_away(sys.exc_info()[1])
        return problem_response(Problem(503, headers={"Retry-After": "5"}) if is_away else Problem(500))
    context = {"request_id": getattr(request, "id", "")}
    if not is_database_away(sys.exc_info()[1]):
        return render(None, template_name, context, status=500)
    response = render(None, "503.html", context, status=503)
    response["Retry-After"] = "5"
    return response


def is_database_away(error):
    """Tell whether an error, or what caused it, is the database not answering."""
    while error is not None and not isinstance(error, (OperationalError, InterfaceError, PoolTimeout)):
        error = error.__cause__
    return error is not None
