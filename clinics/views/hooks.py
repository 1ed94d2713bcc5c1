"""The door for outside services: the one page that is posted to without a login, a session or a token of ours."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from clinics.tenancy import clinic_scope, connection_at, outside_clinics
from clinics.uploads import HOOK_LIMIT_BYTES
from clinics.webhook_sources import Delivery, known_kinds, source_named
from clinics.webhooks import accept_webhook


@csrf_exempt
@login_not_required
@outside_clinics
@require_http_methods(["GET", "POST"])
def hook(request, source, address):
    """Take what a service posts to its address; an unknown address, another service's, or one out of use is not there.

    The size is looked at before the body, and the body before anything is made of it.
    """
    most = source_named(source).most_bytes if source in known_kinds() else HOOK_LIMIT_BYTES
    announced = request.headers.get("Content-Length", "")
    if announced.isdigit() and int(announced) > most:
        return too_large(most)
    connection = connection_at(address)
    if connection is None or connection.kind != source or source not in known_kinds():
        return problem(404, "Not found", "Nothing is connected at this address.")
    if request.method != "POST" and not source_named(source).answers_get:
        return HttpResponse(status=405, headers={"Allow": "POST"})
    if most > HOOK_LIMIT_BYTES:
        request._body = request.read(most + 1)  # Django's own limit for what is kept in memory is for forms of people
    delivery = Delivery(request)
    if len(delivery.body) > most:
        return too_large(most)
    with clinic_scope(connection.clinic):
        return accept_webhook(connection, delivery)


def too_large(most):
    return problem(413, "Too large", f"A delivery may be {most // (1024 * 1024)} MB at most.")


def problem(status, title, detail):
    content = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return JsonResponse(content, status=status, content_type="application/problem+json")
