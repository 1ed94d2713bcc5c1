from django.http import StreamingHttpResponse
from django.views.decorators.http import require_GET

from clinics.access import staff_page
from clinics.live import event_stream


@require_GET
@staff_page(None)
def live(request):
    """The stream of topic names that the pages of this browser listen to."""
    response = StreamingHttpResponse(event_stream(str(request.clinic.pk)), content_type="text/event-stream")
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    return response
