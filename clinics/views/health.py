"""What the operator's probes ask: they get neither session nor transaction, and answer while the database is away."""

import secrets

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import Error, connection
from django.http import Http404, HttpResponse
from django.views.decorators.http import require_GET
from django_prometheus.exports import ExportToDjangoView
from psycopg_pool import PoolTimeout


@login_not_required
@require_GET
def healthz(request):
    """The process answers."""
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
@require_GET
def readyz(request):
    """The process can work: the database answers, too."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (Error, PoolTimeout):
        return HttpResponse("database is away", content_type="text/plain", status=503)
    return HttpResponse("ready", content_type="text/plain")


@login_not_required
@require_GET
def metrics(request):
    """Counts and times for Prometheus, for whoever knows the token; without one it does not exist."""
    sent = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not settings.METRICS_TOKEN or not secrets.compare_digest(sent, settings.METRICS_TOKEN):
        raise Http404
    return ExportToDjangoView(request)


class ProbeMiddleware:
    """Answer the probes before anything that needs a database, a known host name or https."""

    probes = {"/healthz": healthz, "/readyz": readyz}

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.probes.get(request.path_info, self.get_response)(request)
