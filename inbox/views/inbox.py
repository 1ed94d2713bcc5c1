from django.views.decorators.http import require_GET

from clinics.access import staff_page
from clinics.pages import page
from inbox.shelves import Asked, count_asked
from inbox.views.showing import bar_context, frame_context, list_context

TEMPLATE = "inbox/inbox.html"
PARTS = ("rows", "more")
MATCHING, VIEWS = "matching", "views"


@require_GET
@staff_page("inbox:read")
def inbox(request):
    """The inbox without a conversation open; htmx asks for its list again, or for what comes after a key."""
    part = request.GET.get("part")
    if request.htmx and part == MATCHING:
        return page(request, TEMPLATE, {"matching": count_asked(Asked.of(request.GET), request.member)}, part=part)
    if request.htmx and part == VIEWS:
        return page(request, TEMPLATE, bar_context(request, Asked.of(request.GET)), part=part)
    if request.htmx and part in PARTS:
        return page(request, TEMPLATE, list_context(request), part=part)
    return page(request, TEMPLATE, frame_context(request))
