"""What programmers read: the OpenAPI document, and the same as a page of the house."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import JsonResponse
from django.utils.module_loading import import_string
from django.views.decorators.http import require_GET

from clinics.access import staff_page
from clinics.api_bodies import LARGEST
from clinics.api_limits import WINDOW
from clinics.api_reading import plain_problems, read_document
from clinics.pages import page


@require_GET
@staff_page(None)
def api_docs(request):
    """Every operation with its fields, an example and a line to try."""
    document = import_string(settings.API).get_openapi_schema()
    context = {
        "rooms": read_document(document),
        "problems": plain_problems(),
        "base_url": settings.BASE_URL,
        "limit": settings.API_REQUESTS_A_MINUTE,
        "window": WINDOW,
        "largest": LARGEST,
    }
    return page(request, "clinics/api_docs.html", context)


@require_GET
@login_not_required
def api_document(request):
    """The OpenAPI document, for tools: it tells of no clinic and no person, so nobody needs to sign in for it."""
    return JsonResponse(import_string(settings.API).get_openapi_schema(), json_dumps_params={"default": str})
