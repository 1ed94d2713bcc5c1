from functools import partial

from django.http import StreamingHttpResponse
from django.views.decorators.http import require_GET

from clinics.access import staff_page
from clinics.live import event_stream
from clinics.sessions import is_alive


@require_GET
@staff_page(None)
def live(request):
    """The stream of topic names that the pages of this browser listen to."""
    body = event_stream(str(request.clinic.pk), partial(is_alive, request.session.session_key))
    response = StreamingHttpResponse(body, content_type="text/event-stream")
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    return response
