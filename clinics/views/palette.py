from django.conf import settings
from django.utils.module_loading import import_string
from django.views.decorators.http import require_GET

from clinics.access import staff_page
from clinics.pages import page

SHORTEST = 2
LONGEST = 80


@require_GET
@staff_page(None)
def palette(request):
    """What the command palette finds for ?q= beside the pages, which it knows already: one group for each search.

    A search, named in settings.SEARCH, takes (member, text) and returns {"title", "items"}, or None if the member may
    not read what it would find.
    """
    text = request.GET.get("q", "").replace("\0", "").strip()[:LONGEST]
    groups = []
    if len(text) >= SHORTEST:
        groups = [import_string(search)(request.member, text) for search in settings.SEARCH]
    return page(request, "parts/_palette_results.html", {"groups": [group for group in groups if group]})
